"""Names, phones and addresses made out of a number.

Invariant: the same mark always makes the same text; one card in about sixty has a name that
breaks careless programs.
"""

from collections.abc import Sequence

_MASK = 2**64 - 1
_SALT = {"leads": 1, "contacts": 2, "companies": 3, "customers": 4, "catalog_elements": 5}

_MEN = ("Александр", "Дмитрий", "Сергей", "Игорь", "Тимур", "Артём", "Пётр", "Глеб")
_WOMEN = ("Анна", "Мария", "Ольга", "Екатерина", "Вера", "Софья", "Алсу", "Юлия")
_STEMS = (
    "Иванов",
    "Кузнецов",
    "Соколов",
    "Лебедев",
    "Мельников",
    "Орлов",
    "Сафин",
    "Королёв",
    "Зайцев",
    "Фёдоров",
    "Громов",
    "Ершов",
    "Белов",
    "Гусев",
    "Титов",
    "Щербаков",
)
_LATIN_FIRST = ("Maria", "John", "Élodie", "Jonas", "Priya", "Łukasz", "Ingrid", "Ahmet")
_LATIN_LAST = (
    "Lindqvist",
    "O'Neill",
    "Weber",
    "García",
    "Nowak",
    "Østergård",
    "Rossi",
    "Yılmaz",
    "van der Berg",
    "Silva",
    "Novák",
    "Smith",
)
_FORMS = ("ООО «{}»", "АО «{}»", "Группа «{}»", "{}", "ТД «{}»")
_LATIN_FORMS = ("{} Ltd", "{} GmbH", "{} Oy", "{}")
_HEADS = (
    "Север",
    "Вектор",
    "Альфа",
    "Нова",
    "Прима",
    "Урал",
    "Волга",
    "Евро",
    "Мега",
    "Терра",
    "Дон",
    "Балт",
)
_TAILS = (
    "Строй",
    "Логистик",
    "Снаб",
    "Мебель",
    "Торг",
    "Полис",
    "Сервис",
    "Пласт",
    "Мед",
    "Агро",
    "Проект",
    "Авто",
)
_LATIN_HEADS = ("Blue", "Nordic", "Urban", "Green", "Solid", "Baltic", "Summit", "Harbour")
_LATIN_TAILS = ("Foods", "Systems", "Media", "Energy", "Freight", "Works", "Textiles", "Labs")
_WORK = (
    "Поставка",
    "Монтаж",
    "Внедрение CRM",
    "Аудит",
    "Ремонт офиса",
    "Лицензии",
    "Обучение",
    "Website redesign",
    "Annual support",
    "Freight to Riga",
    "Сборка мебели",
    "Подбор персонала",
)
_DETAILS = ("", " № {}", ", этап {}", " · филиал {}", " (повторно)", ", {} шт.", ", lot {}")
_PRODUCTS = (
    "Кабель",
    "Стол",
    "Лицензия",
    "Насос",
    "Pallet",
    "Consulting hour",
    "Светильник",
    "Датчик",
    "Filter",
    "Кресло",
)
_DOMAINS = ("example.com", "example.org", "почта.example", "mail.example.net")

HOSTILE = (
    "[/x] closing",
    "[red]x",
    "=1+1",
    "@SUM(A1:A9)",
    "\x1b[31mred\x1b[0m",
    "abc\u202etxt.exe",
    "first line\nsecond line",
    "tab\there",
    "<script>alert(1)</script>",
    "'; drop table leads; --",
    "Очень длинное имя " * 40,
    "👩‍👩‍👧 Семья 🎉",
    "e\u0301 combining \u200bzero width",
    "{name} %s $HOME `id`",
    "   ",
    "NULL",
)
"""Markup, formulas, escape codes, right-to-left marks, newlines, length: as accounts do have."""


def mark_of(seed: int, entity_type: str, id_: int) -> int:
    """64 well mixed bits of a card (the finish of splitmix64)."""
    bits = (id_ * 8 + _SALT[entity_type] + (seed + 1) * 0x9E3779B97F4A7C15) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def hostile(mark: int) -> str | None:
    """A name that breaks things, for one mark in about sixty."""
    return HOSTILE[(mark >> 40) % len(HOSTILE)] if mark % 61 == 0 else None


def person(mark: int) -> tuple[str, str]:
    """First and last name."""
    if mark >> 4 & 3 == 0:
        return _pick(_LATIN_FIRST, mark, 10), _pick(_LATIN_LAST, mark, 16)
    if mark >> 6 & 1:
        return _pick(_WOMEN, mark, 10), _pick(_STEMS, mark, 16) + "а"
    return _pick(_MEN, mark, 10), _pick(_STEMS, mark, 16)


def company(mark: int) -> str:
    """A company's name."""
    number = f" {mark >> 50 & 1023}" if mark >> 7 & 3 == 0 else ""
    if mark >> 28 & 3 == 0:
        name = f"{_pick(_LATIN_HEADS, mark, 10)} {_pick(_LATIN_TAILS, mark, 16)}{number}"
        return _pick(_LATIN_FORMS, mark, 22).format(name)
    if mark >> 30 & 7 == 0:
        first, middle = _pick("АВДЕИКМНОПСТЮ", mark, 10), _pick("АВИМСЮ", mark, 22)
        return f"ИП {_pick(_STEMS, mark, 16)} {first}. {middle}."
    name = f"{_pick(_HEADS, mark, 10)}{_pick(_TAILS, mark, 16)}{number}"
    return _pick(_FORMS, mark, 22).format(name)


def lead_name(mark: int) -> str:
    """What a deal is about; whose it is, its links say."""
    if mark >> 4 & 7 == 0:
        return f"Сделка #{mark >> 44}"
    detail = _pick(_DETAILS, mark, 16).format(mark >> 52 & 255)
    return hostile(mark) or f"{_pick(_WORK, mark, 10)}{detail}"


def customer(mark: int) -> str:
    """A regular buyer."""
    return hostile(mark) or (company(mark >> 2) if mark >> 4 & 1 else " ".join(person(mark)))


def product(mark: int) -> str:
    """An element of a catalog."""
    return hostile(mark) or f"{_pick(_PRODUCTS, mark, 10)} {mark >> 48 & 4095}"


def domain(mark: int) -> str:
    """A company's domain, under names that are reserved for examples."""
    return f"c{mark >> 36 & 0xFFFFF:x}.{_pick(_DOMAINS, mark, 12)}"


def email(mark: int, id_: int) -> str:
    """A person's address; some people share one, some write it in capitals."""
    shared = mark >> 33 & 31 == 0
    text = (
        f"office{mark >> 40 & 63}@example.com" if shared else f"p{id_}@{_pick(_DOMAINS, mark, 12)}"
    )
    return text.upper() if mark >> 38 & 15 == 0 else text


def phone(digits: int, mark: int) -> str:
    """A number the way people type it: many ways."""
    text = str(digits)
    area, head, middle, tail = text[:3], text[3:6], text[6:8], text[8:]
    ways = (
        f"+7{text}",
        f"8{text}",
        f"+7 ({area}) {head}-{middle}-{tail}",
        f"8 {area} {head} {middle} {tail}",
        f"7{text}",
    )
    return ways[(mark >> 26) % len(ways)]


def _pick(words: Sequence[str], mark: int, shift: int) -> str:
    return words[(mark >> shift) % len(words)]
