"""Names, phones and addresses made out of a number.

Invariant: the same mark always makes the same text; one card in about sixty has a name that
breaks careless programs.
"""

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
_FORMS = ("ООО «{}»", "АО «{}»", "ИП {}", "{} Ltd", "{} GmbH", "Группа {}", "{}")
_ADJECTIVES = (
    "Северный",
    "Вектор",
    "Альфа",
    "Новый",
    "Первый",
    "Blue",
    "Nordic",
    "Urban",
    "Полярный",
    "Green",
    "Восточный",
    "Solid",
)
_NOUNS = (
    "Ветер",
    "Строй",
    "Логистик",
    "Снаб",
    "Мебель",
    "Foods",
    "Systems",
    "Media",
    "Торг",
    "Energy",
    "Полис",
    "Freight",
    "Сервис",
    "Works",
)
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
    adjective, noun = _pick(_ADJECTIVES, mark, 10), _pick(_NOUNS, mark, 16)
    is_latin = adjective.isascii() and noun.isascii()
    number = f" {mark >> 50 & 1023}" if mark >> 7 & 3 == 0 else ""
    name = f"{adjective} {noun}{number}"
    form = _FORMS[3 + (mark >> 22) % 2] if is_latin else _pick(_FORMS, mark, 22)
    return form.format(name)


def lead_name(mark: int) -> str:
    """What a deal is about."""
    if mark >> 4 & 7 == 0:
        return f"Сделка #{mark >> 44}"
    return hostile(mark) or f"{_pick(_WORK, mark, 10)}, {company(mark >> 3)}"


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


def _pick(words: tuple[str, ...], mark: int, shift: int) -> str:
    return words[(mark >> shift) % len(words)]
