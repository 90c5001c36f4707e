"""What every generated account has, whatever its size: users, pipelines, catalogs, a webhook."""

from typing import Any

Record = dict[str, Any]

WON, LOST = 142, 143
"""The two closing statuses, the same in every pipeline of the real thing."""

INCOMING_TYPE = 1
"""The type of a pipeline's first status, where "unsorted" leads wait."""

ACCOUNT: Record = {
    "id": 31415926,
    "name": "Северный ветер",
    "subdomain": "simulator",
    "current_user_id": 8100001,
    "country": "RU",
    "currency": "RUB",
    "customers_mode": "segments",
}

_USERS = (
    ("Анна Ковалёва", "a.kovaleva"),
    ("Игорь Мельников", "i.melnikov"),
    ("Maria Lindqvist", "m.lindqvist"),
    ("Тимур Сафин", "t.safin"),
    ("Олег Дорохов", "o.dorokhov"),
    ("Jonas Weber", "j.weber"),
    ("Вера Полякова", "v.polyakova"),
)

USERS: list[Record] = [
    {
        "id": 8100001 + 37 * number,
        "name": name,
        "email": f"{login}@example.com",
        "lang": "ru",
        "rights": {"is_admin": number == 0, "is_active": True},
    }
    for number, (name, login) in enumerate(_USERS)
]

_STAGES = (
    (3100001, "Продажи", ("Первичный контакт", "Переговоры", "Принимают решение", "Договор")),
    (3100057, "Wholesale", ("Qualified", "Offer sent", "Contract")),
    (3100113, "Тендеры 🏗", ("Заявка", "Допуск", "Торги")),
)


def _statuses(pipeline_id: int, names: tuple[str, ...]) -> list[Record]:
    first = pipeline_id * 10
    incoming = {
        "id": first,
        "name": "Неразобранное",
        "sort": 10,
        "type": INCOMING_TYPE,
        "is_editable": False,
    }
    stages = [
        {"id": first + number, "name": name, "sort": 10 + 10 * number, "type": 0}
        for number, name in enumerate(names, 1)
    ]
    closing = [
        {"id": WON, "name": "Успешно реализовано", "sort": 10000, "type": 0, "is_editable": False},
        {
            "id": LOST,
            "name": "Закрыто и не реализовано",
            "sort": 11000,
            "type": 0,
            "is_editable": False,
        },
    ]
    return [incoming, *stages, *closing]


PIPELINES: list[Record] = [
    {
        "id": id_,
        "name": name,
        "sort": number,
        "is_main": number == 1,
        "statuses": _statuses(id_, names),
    }
    for number, (id_, name, names) in enumerate(_STAGES, 1)
]

CATALOGS: list[Record] = [
    {"id": 4521, "name": "Товары", "type": "products", "sort": 10},
    {"id": 4533, "name": "Services", "type": "regular", "sort": 20},
    {"id": 4587, "name": "Счета / Invoices", "type": "invoices", "sort": 30},
]

WEBHOOKS: list[Record] = [
    {
        "id": 840101,
        "destination": "https://warehouse.example.com/hooks/crm",
        "created_by": 8100001,
        "settings": ["update_lead", "update_contact", "update_company"],
    },
]
"""One that is active, as most accounts have: who changes links should know of it."""

PRICE_FIELDS = (652101, 652103, 652217)
"""Fields of type price; a link names the one that applies to it."""
