"""A small account whose every corner shows something: hubs, main contacts, hostile text."""

from typing import Any

#: Text as people, and those who mean ill, type it into a CRM.
HOSTILE = (
    "[/x] closing [b",
    "[red]x[/red] [@click=app.quit]go[/]",
    "two\nlines\rand\ta tab",
    "\x1b[31mred\x1b[0m \x9b2J",
    "right \u202eot tfel\u202c mark",
    "e\u0301 combined, 漢字 wide, 👩‍👩‍👧 joined",
    "long " * 60,
)
_CREATED = 1_700_000_000


def _person(id_: int, name: str, phone: str = "", email: str = "") -> dict[str, Any]:
    fields = []
    if phone:
        fields.append({"field_code": "PHONE", "values": [{"value": phone}]})
    if email:
        fields.append({"field_code": "EMAIL", "values": [{"value": email}]})
    return {
        "id": id_,
        "name": name,
        "responsible_user_id": 11,
        "created_at": _CREATED,
        "updated_at": _CREATED + 86_400,
        "custom_fields_values": fields or None,
    }


def _lead(id_: int, name: str, price: int, status: int = 501) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "price": price,
        "pipeline_id": 50,
        "status_id": status,
        "responsible_user_id": 12,
        "created_at": _CREATED,
        "updated_at": _CREATED + 86_400,
    }


def _link(owner: str, owner_id: int, other: str, other_id: int, **metadata: Any) -> dict[str, Any]:
    return {
        "entity_type": owner,
        "entity_id": owner_id,
        "to_entity_type": other,
        "to_entity_id": other_id,
        "metadata": metadata or None,
    }


def small_world(hub: int = 0) -> dict[str, Any]:
    """The account as a world file; with `hub` one company more, that has so many contacts.

    lead:101 has two contacts (contact:201 is main), company:301 and two elements of catalog 7.
    contact:203 touches both companies; customer:401 has contact:204; lead:104 has nobody.
    """
    leads = [
        _lead(101, "Roof for the office", 120_000),
        _lead(102, "Крыша для склада", 80_500, 502),
        _lead(103, "Won deal", 9_900, 142),
        _lead(104, "Nobody's lead", 0),
        _lead(105, HOSTILE[0], 1),
        _lead(106, HOSTILE[2], 2),
    ]
    contacts = [
        _person(201, "Anna Petrova", "+7 (912) 345-67-89", "anna@example.com"),
        _person(202, "Иван Сидоров", "8 912 000-11-22"),
        _person(203, "Bridge Person", "", "bridge@example.com"),
        _person(204, "Customer's Friend"),
        *(_person(210 + n, text) for n, text in enumerate(HOSTILE)),
    ]
    companies = [
        _person(301, "Ромашка, ООО", "+7 495 123-45-67"),
        _person(302, "Steel & Sons"),
        _person(303, HOSTILE[1]),
    ]
    links = [
        _link("leads", 101, "contacts", 201, main_contact=True),
        _link("leads", 101, "contacts", 202, main_contact=False),
        _link("leads", 101, "companies", 301),
        _link("leads", 101, "catalog_elements", 701, catalog_id=7, quantity=3, price_id=901),
        _link("leads", 101, "catalog_elements", 702, catalog_id=7, quantity=1.5, price_id=901),
        _link("leads", 102, "contacts", 203, main_contact=True),
        _link("leads", 102, "companies", 302),
        _link("leads", 103, "contacts", 201, main_contact=True),
        _link("leads", 105, "contacts", 210, main_contact=True),
        _link("leads", 106, "contacts", 211),
        _link("companies", 301, "contacts", 201),
        _link("companies", 301, "contacts", 202),
        _link("companies", 302, "contacts", 203),
        _link("companies", 303, "contacts", 211),
        _link("customers", 401, "contacts", 204, main_contact=True),
        _link("customers", 401, "companies", 301),
        *(_link("companies", 303, "contacts", 210 + n) for n in range(len(HOSTILE)) if n != 1),
    ]
    if hub:
        companies.append(_person(399, "Hub of many"))
        contacts += [_person(10_000 + n, f"Contact {n:05}") for n in range(hub)]
        links += [_link("companies", 399, "contacts", 10_000 + n) for n in range(hub)]
    return {
        "account": {"id": 1, "name": "Test account", "subdomain": "test"},
        "users": [
            {"id": 11, "name": "Olga Manager", "email": "olga@example.com"},
            {"id": 12, "name": "Пётр Sales", "email": "petr@example.com"},
        ],
        "pipelines": [
            {
                "id": 50,
                "name": "Sales",
                "statuses": [
                    {"id": 501, "name": "New", "type": 0, "sort": 10},
                    {"id": 502, "name": "Talks", "type": 0, "sort": 20},
                    {"id": 142, "name": "Won", "type": 0, "sort": 10_000},
                    {"id": 143, "name": "Lost", "type": 0, "sort": 11_000},
                ],
            }
        ],
        "leads": leads,
        "contacts": contacts,
        "companies": companies,
        "customers": [{"id": 401, "name": "Regular Customer", "responsible_user_id": 11}],
        "catalogs": [{"id": 7, "name": "Goods", "type": "regular"}],
        "catalog_elements": [
            {"id": 701, "catalog_id": 7, "name": "Tile, red"},
            {"id": 702, "catalog_id": 7, "name": "Nails [kg]"},
        ],
        "links": links,
    }
