"""Phones and e-mails made comparable: equal ones become equal texts.

Phones become E.164 by the rules of the account's country (libphonenumber), with `;ext=` and the
extension where one was typed: colleagues behind one switchboard are not one person. E-mails lose
what stands around the address, and case; what stands in it (`+tag`, dots) stays, as only the
server that receives them knows what it means. What is neither has no normalised form.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

#: Longer values are no phones or addresses, whatever the field is called.
_LONGEST = 320
#: A shorter text after a comma is an extension or a note, no second phone.
_LONGEST_EXTENSION = 6

#: As nearly all addresses are: nothing about them has to be changed but case.
_PLAIN_EMAIL = re.compile(r"(?!.*xn--)[a-z0-9_][a-z0-9_.+-]*@(?:[a-z0-9-]+\.)+[a-z0-9-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
#: What may stand between two addresses, or around one.
_NO_ADDRESS = re.compile(r"[\s,;|<>()\[\]\"«»]+")
_AROUND_ADDRESS = ".,:'`"
_MAILTO = re.compile(r"mailto:([^?]*).*", re.IGNORECASE)
#: What may stand between two phones; a comma or a slash may stand in one as well.
_BETWEEN_PHONES = re.compile(
    r"[;,|/\n\r]+|\s+(?:и|или|and|or)\s+|\s+(?=\+)|(?<=\d{10})\s+(?=\d{10})", re.IGNORECASE
)
#: Words for an extension that libphonenumber does not know.
_EXTENSION = re.compile(
    r"(?<=[\d)])[\s,(.]*(?:вн(?:утр)?|добавочный|ext(?:ension)?)\b[\s.:№]*(?=\d)"
)
#: A note after the number, which libphonenumber takes for a part of it.
_NOTE = re.compile(r"(?<=\d)[\s(,.–—-]+[^\W\d_]{2,}[^\d]*$")


def normalised(kind: str, value: str, country: str) -> tuple[str, ...]:
    """The comparable forms of all phones or e-mails in one value, each once, as they stand there.

    >>> normalised("phone", "8 (916) 123-45-67; 8 495 765-43-21 доб. 12", "RU")
    ('+79161234567', '+74957654321;ext=12')
    >>> normalised("email", "Ivan <Ivan@Example.COM>, office@пример.рф", "RU")
    ('ivan@example.com', 'office@пример.рф')
    """
    text = value.strip() if len(value) <= _LONGEST else ""  # not kept by the cache either
    return _normalised(kind, text, country)


def normalise(kind: str, value: str, country: str) -> str | None:
    """The first of these; None where the text is none.

    >>> normalise("phone", "8 (916) 123-45-67", "RU")
    '+79161234567'
    >>> normalise("email", " Ivan@Example.COM ", "RU")
    'ivan@example.com'
    """
    forms = normalised(kind, value, country)
    return forms[0] if forms else None


def international(digits: str, country: str) -> str:
    """The first digits of a phone, typed as in its country, as they stand in a normalised one.

    >>> international("8916123", "RU")
    '+7916123'
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if metadata is None or not metadata.national_prefix:
        return digits
    prefix = metadata.national_prefix
    if not digits.startswith(prefix):
        return digits
    return f"+{metadata.country_code}{digits.removeprefix(prefix)}"


@lru_cache(maxsize=100_000)
def _normalised(kind: str, text: str, country: str) -> tuple[str, ...]:
    forms = _emails(text) if kind == "email" else _phones(text, country)
    return tuple(dict.fromkeys(forms))


# E-mails


def _emails(text: str) -> list[str]:
    if _PLAIN_EMAIL.fullmatch(lowered := text.lower()):
        return [lowered]
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    words = _NO_ADDRESS.split(unicodedata.normalize("NFC", visible))
    return [address for word in words if "@" in word and (address := _email(word))]


def _email(word: str) -> str | None:
    word = _MAILTO.sub(r"\1", word.strip(_AROUND_ADDRESS)).strip(_AROUND_ADDRESS)
    if not _EMAIL.fullmatch(word):
        return None
    name, _, domain = word.casefold().partition("@")
    return f"{name}@{'.'.join(map(_readable, domain.split('.')))}"


def _readable(label: str) -> str:
    """A part of a domain in letters, should it be written in ASCII (`xn--…`)."""
    try:
        return label.encode("ascii").decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label


# Phones


def _phones(text: str, country: str) -> list[str]:
    parts = [part for part in _BETWEEN_PHONES.split(text) if part.strip()]
    several = parts if len(parts) > 1 else []
    each = [form for part in several if (form := _phone(part, country))]
    if len(each) > 1:
        return each
    whole = _phone(text, country)
    return [whole] if whole else each


def _phone(text: str, country: str) -> str | None:
    number = _number(text, country) or _number(text.replace("+", ""), country)
    if number is None:
        number = _number(_NOTE.sub("", _EXTENSION.sub(" ext. ", text)), country)
    if number is None:
        return None
    form = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    extension = number.extension or ""
    if len(extension) > _LONGEST_EXTENSION:
        return None
    return f"{form};ext={extension}" if extension else form


def _number(text: str, country: str) -> PhoneNumber | None:
    """The phone that a text is; None for an internal number, a slip, or zeros in its place."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    filler = len(set(str(number.national_number))) == 1
    return number if reason == ValidationResult.IS_POSSIBLE and not filler else None
