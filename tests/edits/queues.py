"""A queue of edits over a little snapshot: real DuckDB and SQLite files, no CRM."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from linkgraph.accounts import Account, AccountSettings
from linkgraph.edit import Edit, Verb, edits_of
from linkgraph.edits.edits import Edits
from linkgraph.edits.entries import Entry, Origin, QueuedEdit, Source
from linkgraph.mirror.schema import SCHEMA_VERSION
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard
from linkgraph.model import EntityType, Metadata, Ref
from queries.engine import open_engine
from tests.queries.conftest import BASE_URL, TAKEN_AT, World

#: Where the edits of a test come from.
HERE = Origin(Source.PYTHON)
Fill = Callable[[World], None]


def account_in(folder: Path) -> Account:
    """An account whose folder is there, without settings of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return Account("work", AccountSettings(BASE_URL), folder, folder.parent)


def edits_over(folder: Path, fill: Fill | None) -> Edits:
    """The edits of an account, over snapshot 7 as `fill` builds it; None: without a snapshot."""
    account = account_in(folder)
    version = folder / "versions" / "000007"
    if fill is None:
        return Edits(account, _nothing, lambda: None, client=_nothing, mirror=_nothing)
    version.mkdir(parents=True)
    world = World(version / "mirror.duckdb")
    fill(world)
    world.save(7)
    card = SnapshotCard(
        SCHEMA_VERSION, 7, "full", BASE_URL, "work", TAKEN_AT.isoformat(), "", 0, {}, {}
    )
    (version / "snapshot.json").write_text(json.dumps(asdict(card)), encoding="utf-8")
    engine = open_engine(version / "mirror.duckdb", temp_directory=folder)
    snapshot = Snapshot(7, version)
    return Edits(account, lambda: engine, lambda: snapshot, client=_nothing, mirror=_nothing)


def people(world: World) -> None:
    """Three leads, contacts and companies, a customer, a few links; all read whole.

    lead:1 has contact:1 (main), contact:2 and company:1; contact:1 has company:1;
    customer:1 has contact:1; lead:1 has 2.5 of element:4521/7; lead:9 is deleted.
    """
    for number in (1, 2, 3):
        for kind in ("lead", "contact", "company"):
            world.card(f"{kind}:{number}", f"{kind} no {number}", links_whole=True)
    world.card("customer:1", "Клиент", links_whole=True)
    world.card("lead:9", "gone", deleted=True, links_whole=True)
    world.card("element:4521/7", "Стол")
    world.card("element:4533/7", "Счёт")
    world.row("catalogs", catalog_id=4521, name="Товары", type="products", can_link_multiple=True)
    world.row("catalogs", catalog_id=4533, name="Счета", type="invoices", can_link_multiple=False)
    world.link("lead:1", "contact:1", main=True)
    world.link("lead:1", "contact:2", main=False)
    world.link("lead:1", "company:1")
    world.link("contact:1", "company:1")
    world.link("customer:1", "contact:1", main=True)
    world.link("lead:1", "element:4521/7", quantity=2.5)
    world.link("lead:2", "element:4533/7", quantity=1)


def entry(text: str, updated_by: int | None = None) -> Entry:
    """An entry from the text of an edit."""
    return Entry(Edit.parse(text), HERE, updated_by)


def entries(text: str) -> list[Entry]:
    """Entries from the text of several edits."""
    return [Entry(edit, HERE) for edit in edits_of(text)]


def told(edits: tuple[QueuedEdit, ...] | list[QueuedEdit]) -> list[str]:
    """Edits as their texts."""
    return [str(one.edit) for one in edits]


def link(a: Ref, b: Ref, **metadata: object) -> Edit:
    """The edit that links two cards."""
    return Edit(Verb.LINK, a, b, Metadata(**metadata))  # type: ignore[arg-type]


def card(kind: str, number: int, catalog: int = 0) -> Ref:
    """A ref."""
    return Ref(EntityType(kind), number, catalog)


def _nothing() -> NoReturn:
    raise AssertionError("there is nothing of the kind here")
