"""Little snapshots, built card by card and link by link."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from sqlalchemy import Engine

from linkgraph.mirror import schema
from linkgraph.model import EntityType, Ref, Relation
from queries.engine import open_engine

BASE_URL = "https://example.amocrm.ru"
TAKEN_AT = datetime.fromisoformat("2026-03-01T09:30:00")  # the tables hold UTC without a zone
TABLES = {"lead": "leads", "contact": "contacts", "company": "companies", "customer": "customers"}


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
        self._deleted: set[str] = set()
        self._links: dict[tuple[Ref, Ref], bool | None] = {}

    def card(self, ref: str, name: str | None = None, **columns: object) -> None:
        """Add a card; `deleted=True` leaves a tombstone."""
        kind, _, number = ref.partition(":")
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

    def link(self, a: str, b: str, main: bool | None = None) -> None:
        """Link two cards, owner first."""
        self._links[Ref.parse(a), Ref.parse(b)] = main

    def save(self) -> None:
        """Write the links and close the file."""
        for (owner, other), main in self._links.items():
            alive = not {str(owner), str(other)} & self._deleted
            self.row(
                "edges",
                relation=Relation.between(owner.type, other.type).value,
                from_type=owner.type.value,
                from_id=owner.id,
                to_type=other.type.value,
                to_catalog_id=other.catalog_id,
                to_id=other.id,
                is_main=main,
                quantity=1 if other.type is EntityType.ELEMENT else None,
                seen_from="both",
                is_live=alive,
            )
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
            snapshot=7,
            base_url=BASE_URL,
            phone_country="RU",
            taken_at=TAKEN_AT,
            linkgraph_version="0",
        )
        self._connection.close()


Snapshot = Callable[[Callable[[World], None]], Engine]


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    """Builds a snapshot and opens it; all are closed at the end."""
    engines: list[Engine] = []

    def build(fill: Callable[[World], None]) -> Engine:
        path = tmp_path / f"{len(engines)}.duckdb"
        world = World(path)
        fill(world)
        world.save()
        engines.append(open_engine(path, temp_directory=tmp_path))
        return engines[-1]

    yield build
    for engine in engines:
        engine.dispose()


@pytest.fixture
def empty(snapshot: Snapshot) -> Engine:
    """An account without a single card."""
    return snapshot(lambda world: None)
