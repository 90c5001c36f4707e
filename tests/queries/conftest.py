"""Little snapshots, built card by card and link by link."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from sqlalchemy import Engine

from linkgraph.index import LinkIndex
from linkgraph.index.build import build as build_index
from linkgraph.index.graph import Graph
from linkgraph.index.numbering import Numbering
from linkgraph.mirror import schema
from linkgraph.model import EntityType, Ref, Relation
from queries.asked import Sources
from queries.engine import open_engine

BASE_URL = "https://example.amocrm.ru"
TAKEN_AT = datetime.fromisoformat("2026-03-01T09:30:00")  # the tables hold UTC without a zone
TABLES = {
    **{"lead": "leads", "contact": "contacts", "company": "companies", "customer": "customers"},
    "element": "elements",
}


@cache
def _template() -> bytes:
    """An empty snapshot: its many comments take a while to write."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.duckdb"
        with duckdb.connect(str(path)) as connection:
            schema.create(connection, BASE_URL)
        return path.read_bytes()


class World:
    """A snapshot in the making. Cards that links name need not exist."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(_template())
        self._connection = duckdb.connect(str(path))
        self._connection.begin()  # a row by itself would be written to disk by itself
        self._deleted: set[str] = set()
        self._links: dict[tuple[Ref, Ref], dict[str, object]] = {}

    def card(self, ref: str, name: str | None = None, **columns: object) -> None:
        """Add a card or an element; `deleted=True` leaves a tombstone."""
        kind, _, number = ref.partition(":")
        if kind == "element":
            catalog, _, number = number.partition("/")
            columns["catalog_id"] = int(catalog)
        deleted = bool(columns.pop("deleted", False))
        if deleted:
            self._deleted.add(ref)
        row = {f"{kind}_id": int(number), "name": name, "is_deleted": deleted, **columns}
        self.row(TABLES[kind], **row)

    def row(self, table: str, **columns: object) -> None:
        """Add a row to any table."""
        names = ", ".join(columns)
        marks = ", ".join("?" for _ in columns)
        self._connection.execute(
            f"insert into {table} ({names}) values ({marks})", list(columns.values())
        )

    def link(self, a: str, b: str, main: bool | None = None, **columns: object) -> None:
        """Link two cards, owner first; `columns` are those of `edges` (seen_from, quantity …)."""
        self._links[Ref.parse(a), Ref.parse(b)] = {"is_main": main, **columns}

    def save(self, number: int = 7) -> None:
        """Write the links and close the file; `number` is the snapshot's."""
        for (owner, other), told in self._links.items():
            alive = not {str(owner), str(other)} & self._deleted
            edge = {
                "relation": Relation.between(owner.type, other.type).value,
                "from_type": owner.type.value,
                "from_id": owner.id,
                "to_type": other.type.value,
                "to_catalog_id": other.catalog_id,
                "to_id": other.id,
                "quantity": 1 if other.type is EntityType.ELEMENT else None,
                "seen_from": "both",
                "is_live": alive,
            }
            self.row("edges", **edge | told)
        for ends in (
            "from_type, from_id, 0, to_type, to_id, to_catalog_id",
            "to_type, to_id, to_catalog_id, from_type, from_id, 0",
        ):
            self._connection.execute(
                f"insert into adjacency by position select {ends}, relation, is_main, quantity, "
                "price_id, is_live from edges"
            )
        self.row(
            "meta",
            schema_version=schema.SCHEMA_VERSION,
            snapshot=number,
            base_url=BASE_URL,
            phone_country="RU",
            taken_at=TAKEN_AT,
            linkgraph_version="0",
        )
        self._connection.commit()
        self._connection.close()


Fill = Callable[[World], None]
Snapshot = Callable[[Fill], Engine]
Little = Callable[..., Sources]


def index_of(path: Path) -> LinkIndex:
    """The link index of a snapshot file, in memory."""
    arrays = build_index(path)
    return LinkIndex(Graph(arrays, Numbering(arrays.ranges, arrays.offsets)))


@contextmanager
def building(folder: Path) -> Iterator[Little]:
    """Builds snapshots in a folder, and closes them all at the end."""
    engines: list[Engine] = []

    def opened(path: Path, older: Path | None = None) -> Engine:
        engines.append(open_engine(path, older=older, temp_directory=folder))
        return engines[-1]

    def build(fill: Fill, older: Fill | None = None) -> Sources:
        path, before = (folder / f"{len(engines)}{name}.duckdb" for name in ("", "-older"))
        for file, filled, number in ((path, fill, 7), (before, older, 5)):
            if filled is not None:
                world = World(file)
                filled(world)
                world.save(number)
        return Sources(
            opened(path),
            lambda: index_of(path),
            None if older is None else lambda since, until: opened(path, before),
        )

    try:
        yield build
    finally:
        for engine in engines:
            engine.dispose()


@pytest.fixture
def little(tmp_path: Path) -> Iterator[Little]:
    """Builds a snapshot and opens all that a question may look at: `little(fill, older=fill)`.

    The snapshot is number 7, the older one that it can be compared with number 5.
    """
    with building(tmp_path) as little:
        yield little


@pytest.fixture
def snapshot(little: Little) -> Snapshot:
    """Builds a snapshot and opens its tables alone; all are closed at the end."""
    return lambda fill: little(fill).engine


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The tables of an account without a single card."""
    with building(tmp_path_factory.mktemp("empty")) as little:
        yield little(lambda world: None).engine
