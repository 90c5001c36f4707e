"""Random small accounts, and random things that happen to them."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from linkgraph.simulator import Metadata, World, load_world

Json = dict[str, Any]
CARDS = ("leads", "contacts", "companies", "customers")
CATALOGS = (4521, 4533)
#: What may be linked, owner first, written down a second time (entity-links-api).
PAIRS = (
    ("leads", "contacts"),
    ("leads", "companies"),
    ("contacts", "companies"),
    ("customers", "contacts"),
    ("customers", "companies"),
    ("leads", "catalog_elements"),
    ("contacts", "catalog_elements"),
    ("companies", "catalog_elements"),
    ("customers", "catalog_elements"),
)
_IDS = st.integers(1, 40) | st.sampled_from([2**31, 98_765_432_101, 2**53 + 1])
_MAIN = st.sampled_from([None, True, False])
_QUANTITY = st.sampled_from([None, 1, 2.5, 0, 1000])
_PRICE = st.sampled_from([None, 77])


class WorldFile(dict[str, Any]):
    """A world file whose text form is no longer than needs be."""

    def __repr__(self) -> str:
        parts = {name: part[:12] for name, part in self.items() if isinstance(part, list)}
        return f"WorldFile({parts})"


@st.composite
def worlds(draw: st.DrawFn) -> Json:
    """A world file: a few cards of each type, links among them, now and then a hub."""
    world: Json = {"account": {"id": 30000001, "name": "Тест"}, "links": []}
    for section in CARDS:
        ids = draw(st.lists(_IDS, max_size=6, unique=True))
        world[section] = [{"id": card_id, "name": f"{section} {card_id}"} for card_id in ids]
    world["catalogs"] = [{"id": catalog, "name": f"list {catalog}"} for catalog in CATALOGS]
    # Equal ids in both catalogs, on purpose.
    elements = draw(st.lists(st.tuples(st.sampled_from(CATALOGS), st.integers(1, 3)), unique=True))
    world["catalog_elements"] = [{"id": i, "catalog_id": catalog} for catalog, i in elements]
    for owner, other in PAIRS:
        ends = [
            (one["id"], two["id"], two.get("catalog_id", 0))
            for one in world[owner][:8]
            for two in world[other][:8]
        ]
        if ends:
            for end in draw(st.lists(st.sampled_from(ends), max_size=6, unique=True)):
                world["links"].append(_link(draw, owner, other, *end))
    _hub(world, draw(st.sampled_from([0, 0, 0, 49, 50, 100, 250, 251, 620])))
    return WorldFile(world)


def _hub(world: Json, size: int) -> None:
    """A contact of many leads: more links than fit a page."""
    if not size:
        return
    contact = {"id": 9_000_000, "name": "hub"}
    world["contacts"].append(contact)
    for number in range(size):
        world["leads"].append({"id": 8_000_000 + 3 * number})
        world["links"].append(
            {
                "entity_type": "leads",
                "entity_id": 8_000_000 + 3 * number,
                "to_entity_type": "contacts",
                "to_entity_id": contact["id"],
                "metadata": {"main_contact": number % 2 == 0},
            }
        )


def _link(draw: st.DrawFn, owner: str, other: str, a: int, b: int, catalog: int) -> Json:
    metadata: Json | None = None
    if other == "catalog_elements":
        metadata = {"catalog_id": catalog}
        metadata |= {"quantity": quantity} if (quantity := draw(_QUANTITY)) is not None else {}
        metadata |= {"price_id": price} if (price := draw(_PRICE)) is not None else {}
    elif other == "contacts" and (main := draw(_MAIN)) is not None:
        metadata = {"main_contact": main}
    return {
        "entity_type": owner,
        "entity_id": a,
        "to_entity_type": other,
        "to_entity_id": b,
        "metadata": metadata,
    }


Change = Callable[[World], None]


def random_change(data: st.DataObject, world: World) -> list[tuple[str, int, int]]:
    """Let one thing happen in the CRM; returns the cards that it touched: type, catalog, id."""
    state = world.to_dict()
    kind = data.draw(st.sampled_from(["link", "unlink", "metadata", "delete", "add"]))
    links = state["links"][:200]
    if kind in {"unlink", "metadata"} and links:
        link = data.draw(st.sampled_from(links))
        catalog = (link["metadata"] or {}).get("catalog_id", 0)
        place = link["entity_type"], link["entity_id"], link["to_entity_type"], link["to_entity_id"]
        if kind == "unlink":
            world.unlink(*place, catalog)
        else:
            world.link(*place, catalog, _metadata(data, link["to_entity_type"]))
        return [(place[0], 0, place[1]), (place[2], catalog, place[3])]
    if kind == "delete":
        cards = [(section, card["id"]) for section in CARDS for card in state[section][:20]]
        if cards:
            section, card_id = data.draw(st.sampled_from(cards))
            touched = [
                (
                    link[f"{far}entity_type"],
                    (link["metadata"] or {}).get("catalog_id", 0)
                    if link[f"{far}entity_type"] == "catalog_elements"
                    else 0,
                    link[f"{far}entity_id"],
                )
                for near, far in (("", "to_"), ("to_", ""))
                for link in state["links"]
                if (link[f"{near}entity_type"], link[f"{near}entity_id"]) == (section, card_id)
            ]
            world.remove_card(section, card_id)
            return [(section, 0, card_id), *touched]
    if kind == "add":
        section = data.draw(st.sampled_from(CARDS))
        card_id = data.draw(st.integers(50, 90))
        world.put_card(section, {"id": card_id, "name": "новая"})
        return [(section, 0, card_id)]
    owner, other = data.draw(st.sampled_from(PAIRS))
    ends = [
        (one["id"], two["id"], two.get("catalog_id", 0))
        for one in state[owner][:8]
        for two in state[other][:8]
    ]
    if not ends:
        return []
    a, b, catalog = data.draw(st.sampled_from(ends))
    world.link(owner, a, other, b, catalog, _metadata(data, other))
    return [(owner, 0, a), (other, catalog, b)]


def _metadata(data: st.DataObject, other: str) -> Metadata:
    if other == "catalog_elements":
        return Metadata(quantity=float(data.draw(st.sampled_from([1, 2.5, 7]))))
    if other == "contacts":
        return Metadata(is_main=data.draw(st.sampled_from([0, 1])))
    return Metadata()


def column(leads: int, *, contacts: int = 0, first_id: int = 10_000_000) -> World:
    """Leads in a column, each linked to a contact if there are any, ids of eight digits."""
    world: Json = {
        "leads": [{"id": first_id + 7 * number} for number in range(leads)],
        "contacts": [{"id": first_id + 11 * number} for number in range(contacts)],
        "links": [
            {
                "entity_type": "leads",
                "entity_id": first_id + 7 * number,
                "to_entity_type": "contacts",
                "to_entity_id": first_id + 11 * (number % contacts),
                "metadata": {"main_contact": True},
            }
            for number in range(leads if contacts else 0)
        ],
    }
    return load_world(world)
