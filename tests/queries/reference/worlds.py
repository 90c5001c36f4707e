"""Random little accounts at two moments: few ids, few names, few phones, so that much collides.

Drawn from a plain random number generator, of which the seed tells all: strategies of hypothesis
draw mostly empty or uniform accounts when an account takes hundreds of choices.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.queries.reference.account import SECTIONS, Card, Habits, Json, card

USERS = (1, 2, 3)
CATALOGS = (11, 12, 13)
PIPELINES = (1, 2)
INCOMING, OPEN, OPEN_TOO, WON, LOST, UNKNOWN = 5, 20, 21, 142, 143, 99
#: Owner first; the relations that questions multiply come more than once.
PAIRS = (
    *[("leads", "contacts")] * 6,
    *[("leads", "companies")] * 4,
    *[("contacts", "companies")] * 4,
    *[("customers", "contacts"), ("customers", "companies")] * 2,
    *[("leads", "catalog_elements")] * 2,
    *[("contacts", "catalog_elements"), ("companies", "catalog_elements")],
    ("customers", "catalog_elements"),
)
PEOPLE = ("leads", "contacts", "companies", "customers")
_IDS = (1, 1, 2, 2, 3, 3, 4, 5)
_NAMES = (
    *("Иван Петров", "Петров Иван", "ИВАН  ПЕТРОВ", "Петров, Иван", "Петров Иван Ильич"),
    *("Семён Ёлкин", "семен елкин", "ООО «Ромашка»", "Ромашка ООО", "7-7", "", None),
)
_PHONES = ("+7 916 123-45-67", "8 (916) 123-45-67", "79161234567", "+7 495 000-11-22", "123", "нет")
_EMAILS = ("ivan@example.ru", " Ivan@Example.RU ", "office@example.ru", "нет", "x@y")
#: The beginning of all time, days of one week, and a day that no sync of these tests lives to.
_MOMENTS = (None, 0, 1_600_000_000, 1_600_003_600, 1_600_100_000, 1_600_200_000, 4_000_000_000)
_OWNERS = (None, 0, 9, *USERS, *USERS)
_STATUSES = (*[OPEN, OPEN_TOO] * 6, INCOMING, WON, LOST, UNKNOWN, None)


@dataclass(frozen=True)
class Story:
    """An account at two moments, and how it answers."""

    seed: int
    first: Json
    second: Json
    habits: Habits


def story(seed: int) -> Story:
    """The account of a seed."""
    draw = Random(seed)
    first = _world(draw)
    second = deepcopy(first)
    for _ in range(draw.choice((0, 4, 8, 12))):
        _happen(draw, second)
    if draw.random() < 0.5:
        first, second = second, first
    habits = Habits(
        contacts_report_leads=draw.random() < 0.5,
        reverse_metadata=draw.random() < 0.5,
        customers_off=draw.random() < 0.1,
        silent=frozenset(_left_out(draw, second)),
    )
    return Story(seed, first, second, habits)


def _world(draw: Random) -> Json:
    """A world file."""
    world: Json = {
        "account": {"id": 30000001, "name": "Тест"},
        "users": [{"id": user, "name": f"user {user}"} for user in USERS],
        "pipelines": [_pipeline(pipeline) for pipeline in PIPELINES],
        "catalogs": [
            {"id": catalog, "name": f"list {catalog}", "can_link_multiple": several}
            for catalog, several in zip(CATALOGS, (True, False, None), strict=True)
            if draw.random() < 0.8
        ],
        "links": [],
    }
    for section in PEOPLE:
        numbers = range(1, draw.choice((0, 2, 3, 4, 5, 5, 5)) + 1)
        world[section] = [_card(draw, section, number) for number in numbers]
    world["catalog_elements"] = [
        {"id": number, "catalog_id": catalog["id"], "name": draw.choice(_NAMES)}
        for catalog in world["catalogs"]
        for number in range(1, draw.randint(0, 3) + 1)
    ]
    homes = draw.choices((1, 2, 3), k=5)
    for lead in range(1, draw.choice((0, 2, 4, 5)) + 1):
        _deal(draw, world, lead, homes)
    for _ in range(draw.choice((0, 2, 4, 15, 30, 60))):
        _link_some(draw, world)
    return world


def _pipeline(pipeline: int) -> Json:
    statuses = [
        {"id": INCOMING, "name": "incoming", "type": 1},
        *({"id": status, "name": f"open {status}", "type": 0} for status in (OPEN, OPEN_TOO)),
        {"id": WON, "name": "won", "type": 0},
        {"id": LOST, "name": "lost", "type": 0},
    ]
    return {"id": pipeline, "name": f"pipeline {pipeline}", "sort": 1, "statuses": statuses}


def _card(draw: Random, section: str, number: int) -> Json:
    one: Json = {"id": number, "name": draw.choice(_NAMES)}
    one |= {"is_deleted": True} if draw.random() < 0.07 else {}
    created, user = draw.choice(_MOMENTS), draw.choice(_OWNERS)
    # 0 is what the API says where a world file says nothing
    one |= {} if created == 0 else {"created_at": created}
    one |= {} if user == 0 else {"responsible_user_id": user}
    if section == "leads":
        one["pipeline_id"] = draw.choice((*[1] * 8, 2, 9, None))
        one["status_id"] = draw.choice(_STATUSES)
        one["price"] = draw.choice((0, 100, 2500))
    if section in ("contacts", "companies"):
        fields = [
            {"field_id": place, "field_code": code, "values": [{"value": v} for v in values]}
            for place, (code, known) in enumerate((("PHONE", _PHONES), ("EMAIL", _EMAILS)))
            if (values := draw.choices(known, k=draw.choice((0, 0, 1, 2))))
        ]
        one["custom_fields_values"] = fields or None
    return one


def _metadata(draw: Random, other: str) -> Json | None:
    if other == "contacts":
        main = draw.choice((True, True, False, None))
        return None if main is None else {"main_contact": main}
    if other != "catalog_elements":
        return None
    catalog = draw.choice((*CATALOGS * 4, 14, 0))
    told: Json = {"catalog_id": catalog} if catalog else {}
    quantity = draw.choice(("none", None, 1, 1, 2.5, 0, -1))
    price = draw.choice(("none", None, 77, 77, 78))
    told |= {} if quantity == "none" else {"quantity": quantity}
    told |= {} if price == "none" else {"price_id": price}
    return told or None


def _deal(draw: Random, world: Json, lead: int, homes: list[int]) -> None:
    """A lead as leads should be, but that its main contact may be anyone: everyone has one home."""
    people = draw.sample(range(1, 6), draw.choice((1, 2, 2, 3)))
    _link(world, "leads", lead, "companies", homes[people[0] - 1], None)
    main = draw.choice(people)
    for contact in people:
        _link(world, "contacts", contact, "companies", homes[contact - 1], None)
        _link(world, "leads", lead, "contacts", contact, {"main_contact": contact == main})
    for catalog in draw.sample(CATALOGS, draw.choice((0, 0, 2))):
        told = {"catalog_id": catalog, "quantity": 1, "price_id": 77}
        _link(world, "leads", lead, "catalog_elements", draw.choice((1, 2)), told)


def _link_some(draw: Random, world: Json) -> None:
    owner, other = draw.choice(PAIRS)
    _link(world, owner, draw.choice(_IDS), other, draw.choice(_IDS), _metadata(draw, other))


def _link(world: Json, owner: str, a: int, other: str, b: int, metadata: Json | None) -> None:
    """Link two cards, or give their link other metadata."""
    names = ("entity_type", "entity_id", "to_entity_type", "to_entity_id", "metadata")
    link = dict(zip(names, (owner, a, other, b, metadata), strict=True))
    world["links"] = [one for one in world["links"] if _key(one) != _key(link)] + [link]


def _key(link: Json) -> tuple[Any, ...]:
    catalog = (link["metadata"] or {}).get("catalog_id", 0)
    return (*(link[name] for name in list(link)[:4]), catalog)


# What happens in a CRM ---------------------------------------------------------------------


def _happen(draw: Random, world: Json) -> None:
    draw.choice(_HAPPENINGS)(draw, world)


def _unlink(draw: Random, world: Json) -> None:
    if world["links"]:
        world["links"].remove(draw.choice(world["links"]))


def _change(draw: Random, world: Json) -> None:
    told = [link for link in world["links"] if link["metadata"]]
    if told:
        link = draw.choice(told)
        fresh = _metadata(draw, link["to_entity_type"]) or {}
        if "catalog_id" in link["metadata"]:
            fresh["catalog_id"] = link["metadata"]["catalog_id"]
        owner, a, other, b, _ = _key(link)
        _link(world, owner, a, other, b, fresh or None)


def _move(draw: Random, world: Json) -> None:
    """A contact goes to another company, and leaves its leads behind."""
    homes = [link for link in world["links"] if _is_home(link)]
    if homes:
        link = draw.choice(homes)
        world["links"].remove(link)
        company = draw.choice(_IDS)
        _link(world, "contacts", link["entity_id"], "companies", company, None)


def _is_home(link: Json) -> bool:
    return (link["entity_type"], link["to_entity_type"]) == ("contacts", "companies")


def _remove(draw: Random, world: Json) -> None:
    cards = world[draw.choice((*PEOPLE, "catalog_elements"))]
    if cards:
        cards.remove(draw.choice(cards))


def _bin(draw: Random, world: Json) -> None:
    cards = world[draw.choice(PEOPLE)]
    if cards:
        draw.choice(cards)["is_deleted"] = True


def _put(draw: Random, world: Json) -> None:
    section = draw.choice(PEOPLE)
    fresh = _card(draw, section, draw.choice(_IDS))
    world[section] = [one for one in world[section] if one["id"] != fresh["id"]] + [fresh]


_HAPPENINGS: tuple[Callable[[Random, Json], None], ...] = (
    *(_link_some, _unlink, _unlink, _change, _move, _move),
    *(_remove, _bin, _put),
)


def _left_out(draw: Random, world: Json) -> list[tuple[Card, Card]]:
    """Links that one side or both leave out."""
    found: list[tuple[Card, Card]] = []
    for link in draw.sample(world["links"], min(len(world["links"]), draw.choice((0, 1, 2, 4)))):
        owner_type, a, other_type, b, catalog = _key(link)
        ends = card(SECTIONS[owner_type], a), card(SECTIONS[other_type], b, catalog)
        sides = draw.choice(((ends,), (ends[::-1],), (ends, ends[::-1])))
        found += sides
    return found
