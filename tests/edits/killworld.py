"""A little account, a queue of every kind of edit over it, and what stands in the world."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linkgraph.edits.edits import Edits
from linkgraph.simulator import Simulator, load_world
from tests.edits.homes import mirrored

#: Seconds in which a request that was not answered may still be done.
SETTLE = 0.3
BATCH = 5
CATALOG = 9
SETTINGS: dict[str, Any] = {
    **{"rate": 1000, "batch": BATCH, "settle": SETTLE},
    **{"confirm_unlinks": 1000, "max_removals": 0.2},
}


def _row(a: str, a_id: int, b: str, b_id: int, **metadata: object) -> dict[str, Any]:
    return {
        "entity_type": a,
        "entity_id": a_id,
        "to_entity_type": b,
        "to_entity_id": b_id,
        "metadata": metadata or None,
    }


def _links() -> list[dict[str, Any]]:
    """Leads 1-40 with two contacts each, companies, elements; customers 300-304 with both."""
    rows = []
    for lead in range(1, 41):
        rows.append(_row("leads", lead, "contacts", 100 + lead, main_contact=True))
        rows.append(_row("leads", lead, "contacts", 101 + lead, main_contact=False))
        if lead <= 20:
            rows.append(_row("leads", lead, "companies", 200 + lead % 10))
        if lead <= 12:
            price = {"price_id": 7} if lead % 2 else {}
            more = {"catalog_id": CATALOG, "quantity": lead, **price}
            rows.append(_row("leads", lead, "catalog_elements", 400 + lead % 4, **more))
    for contact in range(101, 121):
        rows.append(_row("contacts", contact, "companies", 200 + contact % 7))
    for customer in range(300, 305):
        rows.append(_row("customers", customer, "contacts", customer - 190, main_contact=True))
        rows.append(_row("customers", customer, "companies", 205))
    return rows


def world() -> Any:
    """The account as it stands before every run."""
    ids = {
        "leads": range(1, 41),
        "contacts": range(101, 151),
        "companies": range(200, 220),
        "customers": range(300, 305),
    }
    cards: dict[str, Any] = {kind: [{"id": one} for one in found] for kind, found in ids.items()}
    elements = [{"id": one, "catalog_id": CATALOG} for one in range(400, 410)]
    catalogs = [{"id": CATALOG}]
    return load_world(
        {**cards, "catalogs": catalogs, "catalog_elements": elements, "links": _links()}
    )


def queue(edits: Edits) -> None:
    """Some eighty edits: every verb, every relation, several of one card."""
    for lead in range(1, 16):  # new contacts, some of them main ones
        edits.link(f"lead:{lead}", f"contact:{130 + lead % 15}", main=lead % 3 == 0 or None)
    for lead in range(16, 26):  # the second contact becomes the main one
        edits.main(f"lead:{lead}", f"contact:{101 + lead}")
    for lead in range(1, 11):  # another company, or a first one
        edits.link(f"lead:{lead}", f"company:{210 + lead % 5}")
        edits.link(f"lead:{lead + 20}", f"company:{215 + lead % 5}")
    for lead in range(26, 34):
        edits.unlink(f"lead:{lead}", f"contact:{100 + lead}")
    for contact in range(101, 107):
        edits.link(f"contact:{contact}", f"company:{212 + contact % 3}")
    for contact in range(107, 111):
        edits.unlink(f"contact:{contact}", f"company:{200 + contact % 7}")
    for lead in range(1, 5):
        edits.link(f"lead:{lead}", f"element:{CATALOG}/{400 + lead % 4}", quantity=lead + 0.5)
    for lead in range(5, 9):
        edits.link(f"lead:{lead}", f"element:{CATALOG}/{400 + lead % 4}", price=11)
    for lead in range(13, 19):  # elements of which nothing but the link is said, or how many
        quantity = 3 if lead % 3 == 0 else None
        edits.link(f"lead:{lead}", f"element:{CATALOG}/405", quantity=quantity)
    edits.unlink("lead:9", f"element:{CATALOG}/401")
    for customer in range(300, 304):
        edits.link(f"customer:{customer}", f"contact:{customer - 185}", main=True)
        edits.link(f"customer:{customer}", f"company:{customer - 90}")
    edits.unlink("customer:304", "contact:114")
    edits.move("contact:136", "contact:148")  # the main one of one lead, a second one of another
    edits.move("company:209", "company:219")
    edits.move("lead:40", "lead:39")
    edits.move(f"element:{CATALOG}/402", f"element:{CATALOG}/408")
    edits.link("lead:35", "contact:135")  # so already


def set_up(simulator: Simulator, folder: Path, fill: Callable[[Edits], object] = queue) -> Path:
    """A home with the account mirrored and a queue in its journal."""
    home = folder / "template"
    with mirrored(simulator, home, **SETTINGS) as session:
        fill(session.edits)
    return home


def fresh(simulator: Simulator, template: Path, home: Path) -> Path:
    """The account and the home as they were before any push."""
    simulator.settle()
    simulator.clear_faults()
    simulator.clear_requests()
    simulator.running.world = world()
    shutil.copytree(template, home, symlinks=True)
    return home


def links_of(simulator: Simulator) -> dict[tuple[Any, ...], dict[str, Any]]:
    """All links of the world, with what they carry; what is null is not carried."""
    found = {}
    for row in simulator.running.world.to_dict()["links"]:
        carried = {name: said for name, said in (row["metadata"] or {}).items() if said is not None}
        ends = row["entity_type"], row["entity_id"], row["to_entity_type"], row["to_entity_id"]
        found[(*ends, carried.get("catalog_id"))] = carried
    return found
