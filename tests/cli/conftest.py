"""A small account with everything in it that walks over a graph meet, mirrored for real."""

from pathlib import Path

import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.model import Ref
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world

#: What a CRM lets people type into a name.
HOSTILE = "\x1b[31m[bold]red[/bold]\u202e\t\n<script>alert('&')</script>"


def _link(a: str, b: str, **metadata: object) -> dict[str, object]:
    ends: dict[str, object] = {}
    for end, text in (("entity", a), ("to_entity", b)):
        kind, _, id_ = text.partition(":")
        catalog, _, element = id_.partition("/")
        ends |= {f"{end}_type": kind, f"{end}_id": int(element or id_)}
        if element:
            metadata["catalog_id"] = int(catalog)
    return {**ends, "metadata": metadata or None}


WORLD = {
    "leads": [
        {"id": 1, "name": "Сделка"},
        {"id": 2, "name": "Вторая", "status_id": 142},
        {"id": 3, "name": HOSTILE},
        {"id": 4, "name": "На острове"},
        {"id": 5, "name": "Удалённая"},
        *({"id": 1000 + number, "name": f"Сделка {number}"} for number in range(150)),
    ],
    "contacts": [
        {"id": 10, "name": "Анна"},
        {"id": 11, "name": "Борис"},
        {"id": 12, "name": "Вера"},
        {"id": 13, "name": "Григорий"},
        {"id": 14, "name": ""},
    ],
    "companies": [{"id": 20, "name": "ООО «Ромашка»"}, {"id": 21, "name": "Узел"}],
    "catalogs": [{"id": 7, "name": "Товары"}],
    "catalog_elements": [{"id": 70, "catalog_id": 7, "name": "Стол"}],
    "links": [
        # Two ways from lead 1 to company 20, and a third over a hub.
        _link("leads:1", "contacts:10", main_contact=True),
        _link("leads:1", "contacts:11", main_contact=False),
        _link("contacts:10", "companies:20"),
        _link("contacts:11", "companies:20"),
        _link("leads:1", "catalog_elements:7/70", quantity=2.5),
        # Behind a lead that is won.
        _link("leads:2", "contacts:10", main_contact=True),
        _link("leads:2", "contacts:12", main_contact=False),
        # Behind a name that fights back.
        _link("leads:3", "contacts:12", main_contact=True),
        _link("leads:3", "contacts:13", main_contact=False),
        # A component of its own, once lead 5 is deleted.
        _link("leads:4", "contacts:14", main_contact=True),
        _link("leads:5", "contacts:14", main_contact=True),
        _link("leads:5", "contacts:13", main_contact=False),
        # A hub.
        _link("contacts:13", "companies:21"),
        _link("leads:1", "companies:21"),
        *(_link(f"leads:{1000 + number}", "companies:21") for number in range(150)),
    ],
}


@pytest.fixture(name="small_home", scope="session")
def _small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the account of `WORLD`, lead 5 deleted after a sync. Not to be changed."""
    root = tmp_path_factory.mktemp("small") / "home"
    with Simulator(load_world(WORLD), rate=None) as crm:
        Home(root).add("small", AccountSettings(crm.url, rate=float("inf")), crm.token)
        with linkgraph.open(home=root) as session:
            session.sync()
            crm.world.remove_card("leads", 5)
            session.sync([Ref.parse("lead:5")])  # the other ends are not asked: links stay known
    return root
