"""Phones and e-mails as people type them, and what is compared of them."""

import msgspec
import pytest

from linkgraph.amocrm import wire
from linkgraph.mirror.identifiers import identifiers_of
from linkgraph.mirror.normalising import normalise, normalised
from linkgraph.model import EntityType
from tests.memory import LITTLE, peak_of

MOBILE, OFFICE = "+79161234567", "+74957654321"


@pytest.mark.parametrize(
    "typed",
    [
        "+7 916 123-45-67",
        "8 (916) 123-45-67",
        "79161234567",
        "9161234567",
        "8.916.123.45.67",
        "8-916-123-45-67-",
        "+8 (916) 123-45-67",  # 8 for +7, and a plus for good measure
        "8 10 7 916 1234567",
        "tel:+79161234567",
        "тел. 8 916 123 45 67",
        "8 916 123 45 67 Иван",
        "8 916 123 45 67 (Иван, вечером)",
        "+7 916 1234567 WhatsApp",
        "８９１６１２３４５６７",
        "\u202a+7 916 123-45-67\u202c",  # as copied out of an address book
        "\t+79161234567\n",
        "916/123-45-67",
        "8 916 123-45-67, 8 916 123-45-67",
    ],
)
def test_one_phone_in_many_spellings(typed: str) -> None:
    """All are one number, by the rules of the account's country."""
    assert normalised("phone", typed, "RU") == (MOBILE,)


@pytest.mark.parametrize(
    "typed",
    [
        "8 (495) 765-43-21 доб. 12",
        "8 (495) 765-43-21 доб12",
        "8 (495) 765-43-21 (доб. 12)",
        "8 (495) 765-43-21 добавочный 12",
        "8 (495) 765-43-21 вн. 12",
        "8 (495) 765-43-21 внутр. 12",
        "8 (495) 765-43-21 ext. 12",
        "8 (495) 765-43-21 x12",
        "8 (495) 765-43-21 #12",
        "84957654321;ext=12",
        "84957654321,,12",
        "8 (495) 765-43-21, 12",
    ],
)
def test_an_extension_is_kept(typed: str) -> None:
    """Colleagues behind one switchboard are told apart, however the extension is written."""
    assert normalised("phone", typed, "RU") == (f"{OFFICE};ext=12",)


@pytest.mark.parametrize(
    ("typed", "phones"),
    [
        ("84957654321; 89161234567", (OFFICE, MOBILE)),
        ("8 495 765-43-21, +7 916 123-45-67", (OFFICE, MOBILE)),
        ("84957654321/89161234567", (OFFICE, MOBILE)),
        ("84957654321 | 89161234567", (OFFICE, MOBILE)),
        ("84957654321\n89161234567", (OFFICE, MOBILE)),
        ("84957654321 89161234567", (OFFICE, MOBILE)),
        ("8 495 765-43-21 +7 916 123-45-67", (OFFICE, MOBILE)),
        ("8 495 765-43-21 и 8 916 123-45-67", (OFFICE, MOBILE)),
        ("8 495 765-43-21 (раб.), 8 916 123-45-67 (моб.)", (OFFICE, MOBILE)),
        ("8 495 765-43-21 доб. 12; 8 916 123-45-67", (f"{OFFICE};ext=12", MOBILE)),
        ("8 495 765-43-21 доб. 12, 13", (f"{OFFICE};ext=12",)),
        ("8 495 765-43-21, 765-43-22", (OFFICE,)),  # a second local number lacks its code
    ],
)
def test_several_phones_in_one_field(typed: str, phones: tuple[str, ...]) -> None:
    """Each is one, in the order in which they stand there."""
    assert normalised("phone", typed, "RU") == phones


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "+", "x", "тел.", "нет", "12", "1234", "112", "доб. 12", "123-45-67"),
        *("+7916123456789", "0000000000", "+7 (999) 999-99-99", "a@b.ru"),
    ],
)
def test_no_phone(typed: str) -> None:
    """Internal and local numbers, slips, and what stands there in place of a number."""
    assert normalised("phone", typed, "RU") == ()


@pytest.mark.parametrize(
    ("typed", "country", "phone"),
    [
        ("8 701 123 45 67", "KZ", "+77011234567"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("050 123 45 67", "UA", "+380501234567"),
        ("+380 50 123 45 67", "RU", "+380501234567"),
        ("+7 916 123-45-67", "", MOBILE),
        ("+7 916 123-45-67", "??", MOBILE),
        ("8 916 123-45-67", "??", None),
    ],
)
def test_the_country_reads_what_has_no_code(typed: str, country: str, phone: str | None) -> None:
    """A code is read anywhere; without one the account's country decides, if it is one."""
    assert normalise("phone", typed, country) == phone


@pytest.mark.parametrize(
    ("typed", "emails"),
    [
        (" Ivan@B.RU ", ("ivan@b.ru",)),
        ("Ivan <ivan@b.ru>", ("ivan@b.ru",)),
        ('"Petrov, Ivan" <ivan@b.ru>', ("ivan@b.ru",)),
        ("mailto:ivan@b.ru", ("ivan@b.ru",)),
        ("MAILTO:ivan@b.ru?subject=x@y.z", ("ivan@b.ru",)),
        ("ivan@b.ru.", ("ivan@b.ru",)),
        ("ivan@b.ru,", ("ivan@b.ru",)),
        ("(ivan@b.ru)", ("ivan@b.ru",)),
        ("ivan@b.ru (рабочий)", ("ivan@b.ru",)),
        ("\ufeffivan@b.ru\u200b", ("ivan@b.ru",)),
        ("a@b.ru, c@d.ru; e@f.ru g@h.ru, A@B.ru", ("a@b.ru", "c@d.ru", "e@f.ru", "g@h.ru")),
        ("ИВАН@Почта.РФ", ("иван@почта.рф",)),
        ("и\u0306од@почта.рф", ("йод@почта.рф",)),
        ("a@xn--e1afmkfd.xn--p1ai", ("a@пример.рф",)),
        ("a@xn---.ru", ("a@xn---.ru",)),  # no domain, but what was typed
        ("ivan+crm@gmail.com", ("ivan+crm@gmail.com",)),
        ("i.v.a.n@gmail.com", ("i.v.a.n@gmail.com",)),
        *((wrong, ()) for wrong in ("", "нет", "ivan", "@", "ivan@b", "ivan@@b.ru", "@b.ru")),
    ],
)
def test_emails(typed: str, emails: tuple[str, ...]) -> None:
    """What stands around an address goes, and case; what stands in it stays."""
    assert normalised("email", typed, "RU") == emails


@pytest.mark.parametrize("kind", ["phone", "email"])
@pytest.mark.parametrize("part", ["9", " ", "@", "a@b.ru,", "+7 ", "(", "<", "\u0301", "1 a", "8;"])
@pytest.mark.timeout(60)  # thousands of times what it takes: a pattern that never ends is told
def test_no_value_is_too_much(kind: str, part: str) -> None:
    """Megabytes are no phone and are not looked through; what is just short enough ends."""
    megabytes = part * 1_000_000

    assert peak_of(lambda: normalised(kind, megabytes, "RU")) < LITTLE
    assert normalised(kind, megabytes, "RU") == ()
    normalised(kind, (part * 320)[:320], "RU")


def test_each_phone_of_a_value_has_a_row() -> None:
    """The value stands beside each as it was typed; one that holds none has a row too."""
    fields = (
        '[{"field_code": "PHONE", "values": ['
        '{"value": "84957654321; 89161234567", "enum_code": "WORK"}, {"value": "доб. 12"}]}]'
    )
    card = wire.Card(id=5, custom_fields_values=msgspec.Raw(fields.encode()))

    rows = identifiers_of(EntityType.CONTACT, [card], "RU").to_pylist()

    assert [(row["value"], row["normalised"], row["label"]) for row in rows] == [
        ("84957654321; 89161234567", OFFICE, "WORK"),
        ("84957654321; 89161234567", MOBILE, "WORK"),
        ("доб. 12", None, None),
    ]
