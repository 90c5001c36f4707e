"""Phones and e-mails made comparable: equal ones become equal texts.

Phones become E.164 by the rules of the account's country (libphonenumber); e-mails lose case and
surrounding blanks. What is neither has no normalised form.
"""

import re
from functools import lru_cache

import phonenumbers

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
#: Longer values are no phones or addresses, whatever the field is called.
_LONGEST = 320


@lru_cache(maxsize=100_000)
def normalise(kind: str, value: str, country: str) -> str | None:
    """The comparable form of a phone or an e-mail; None where the text is neither.

    >>> normalise("phone", "8 (916) 123-45-67", "RU")
    '+79161234567'
    >>> normalise("email", " Ivan@Example.COM ", "RU")
    'ivan@example.com'
    """
    text = value.strip()
    if len(text) > _LONGEST:
        return None
    if kind == "email":
        return text.casefold() if _EMAIL.fullmatch(text) else None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None  # an internal extension, a typing slip
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
