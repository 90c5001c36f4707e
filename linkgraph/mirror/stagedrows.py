"""Rows of what was read: pages of cards, links, and the marks that tell what is done.

Every method is one transaction of a few milliseconds, whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from types import TracebackType

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkgraph.errors import PublishFailed
from linkgraph.mirror.clock import now
from linkgraph.model import EntityType, Ref, by_type

#: Table and id column of each type of card.
TABLES: dict[EntityType, tuple[str, str]] = {
    EntityType.LEAD: ("leads", "lead_id"),
    EntityType.CUSTOMER: ("customers", "customer_id"),
    EntityType.CONTACT: ("contacts", "contact_id"),
    EntityType.COMPANY: ("companies", "company_id"),
    EntityType.ELEMENT: ("elements", "element_id"),
}

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PageMark:
    """A page of a walk that was read: what identifies its neighbourhood."""

    page: int
    first_id: int
    last_id: int
    cards: int
    is_last: bool
    read_at: datetime


@dataclass(frozen=True, slots=True)
class CardTables:
    """Cards of one type as Arrow tables with the columns of the schema."""

    cards: pa.Table
    identifiers: pa.Table
    embedded: pa.Table


@dataclass(frozen=True, slots=True)
class LinkTables:
    """The links of some cards, and a mark for each card that was asked."""

    links: pa.Table
    reads: pa.Table


class StagedRows:
    """The tables of a staging, over a connection that only one thread uses at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._db = connection

    def put_directory(self, tables: dict[str, pa.Table]) -> None:
        """Replace whole small tables: users, pipelines, statuses, catalogs."""
        with self._transaction():
            for name, table in tables.items():
                self._db.execute(f"delete from {name}")
                self._insert(name, table)

    def put_page(
        self, entity_type: EntityType, catalog_id: int, mark: PageMark, tables: CardTables
    ) -> list[int]:
        """Stage a page of a list together with its mark, whole or not at all.

        Returns the ids of its cards that were not staged before.
        """
        with self._transaction():
            new = self._put_cards(entity_type, catalog_id, tables)
            key = [entity_type.value, catalog_id, mark.page]
            same = "from pages where entity_type = ? and catalog_id = ? and page = ?"
            if self._exists(f"select 1 {same}", key):
                self._db.execute(f"delete {same}", key)
            self._db.execute(
                "insert into pages values ($type, $catalog_id, $page, $first_id, $last_id, $cards, "
                "$is_last, $read_at)",
                {"type": entity_type.value, "catalog_id": catalog_id, **asdict(mark)},
            )
        return new

    def put_cards(self, entity_type: EntityType, catalog_id: int, tables: CardTables) -> list[int]:
        """Stage cards that were read outside a walk; returns the ids that are new."""
        with self._transaction():
            return self._put_cards(entity_type, catalog_id, tables)

    def put_links(self, entity_type: EntityType, ids: Sequence[int], tables: LinkTables) -> None:
        """Stage the links of the cards `ids` in place of what was staged of them before."""
        bounds = [entity_type.value, min(ids), max(ids)]
        within = "entity_type = ? and entity_id between ? and ?"
        with self._transaction():
            if self._exists(f"select 1 from link_reads where {within} limit 1", bounds):
                self._db.register("asked", pa.table({"id": pa.array(ids, pa.int64())}))
                for table in ("links", "link_reads"):
                    self._db.execute(
                        f"delete from {table} where {within} "
                        "and entity_id in (select id from asked)",
                        bounds,
                    )
                self._db.unregister("asked")
            self._insert("links", tables.links)
            self._insert("link_reads", tables.reads)

    def put_gone(self, refs: Sequence[Ref]) -> None:
        """Mark cards that the CRM no longer has."""
        if not refs:
            return
        with self._transaction():
            self._replace("gone", ref_table(refs))

    def put_unreadable(self, refs: Sequence[Ref], reason: str, seen_at: datetime) -> None:
        """Mark cards that links name but that could not be read."""
        if not refs:
            return
        rows = ref_table(refs)
        rows = rows.append_column("reason", pa.array([reason] * len(refs), pa.string()))
        rows = rows.append_column("seen_at", pa.array([seen_at] * len(refs), pa.timestamp("us")))
        with self._transaction():
            self._replace("unreadable", rows)

    def doubt(self, refs: Sequence[Ref]) -> None:
        """Mark cards whose links were read, but cannot be called whole."""
        if not refs:
            return
        with self._transaction():
            self._db.register("asked", ref_table(refs))
            self._db.execute(
                "update link_reads set is_whole = false where (entity_type, entity_id) in "
                "(select (entity_type::entity_type, entity_id) from asked)"
            )
            self._db.unregister("asked")

    def _replace(self, table: str, rows: pa.Table) -> None:
        self._db.register("asked", rows)
        self._db.execute(
            f"delete from {table} where (entity_type, catalog_id, entity_id) in "
            "(select (entity_type::entity_type, catalog_id, entity_id) from asked)"
        )
        self._db.unregister("asked")
        self._insert(table, rows)

    def forget_link_reads(self, entity_type: EntityType, ids: Ids) -> None:
        """Take back what was staged of the links of cards that must be read again."""
        if not len(ids):
            return
        self._db.register("asked", pa.table({"id": pa.array(ids, pa.int64())}))
        with self._transaction():
            for table in ("links", "link_reads"):
                self._db.execute(
                    f"delete from {table} where entity_type = ? "
                    "and entity_id in (select id from asked)",
                    [entity_type.value],
                )
            self._db.execute("update run set finished_at = null")
        self._db.unregister("asked")

    def forget_walk(self, entity_type: EntityType, catalog_id: int) -> None:
        """Take back the marks of a walk that must be walked anew; its cards stay."""
        self._db.execute(
            "delete from pages where entity_type = ? and catalog_id = ?",
            [entity_type.value, catalog_id],
        )

    def mark_last(self, entity_type: EntityType, catalog_id: int, page: int) -> None:
        """Mark a walk as done: `page` is its last, 0 where the list is empty."""
        key = {"type": entity_type.value, "catalog_id": catalog_id}
        with self._transaction():
            if page == 0:
                self._db.execute(
                    "insert into pages values ($type, $catalog_id, 1, 0, 0, 0, true, $read_at)",
                    {**key, "read_at": now()},
                )
            self._db.execute(
                "update pages set is_last = true where entity_type = $type "
                "and catalog_id = $catalog_id and page = $page",
                {**key, "page": page},
            )

    def pages(self, entity_type: EntityType, catalog_id: int = 0) -> list[PageMark]:
        """The pages of a walk that were read, by number."""
        rows = self._db.execute(
            "select page, first_id, last_id, cards, is_last, read_at from pages "
            "where entity_type = ? and catalog_id = ? order by page",
            [entity_type.value, catalog_id],
        ).fetchall()
        return [PageMark(*row) for row in rows]

    def unread(self, entity_type: EntityType) -> Ids:
        """Ids of the staged cards whose links were not read yet, ascending."""
        table, key = TABLES[entity_type]
        return self._ids(
            f"select {key} as id from {table} as card where not is_deleted and not exists "
            "(select 1 from link_reads as r where r.entity_type = ? and r.entity_id = card."
            f"{key}) order by id",
            entity_type.value,
        )

    def staged(self, refs: Sequence[Ref]) -> list[Ref]:
        """Those of `refs` (no elements) that are staged and not marked gone."""
        found = []
        for entity_type, cards in by_type(refs).items():
            table, key = TABLES[entity_type]
            known = self._ids(
                f"select {key} as id from {table} where list_contains($1, {key}) and {key} not in "
                "(select entity_id from gone where entity_type = $2)",
                [ref.id for ref in cards],
                entity_type.value,
            )
            found += [Ref(entity_type, card_id) for card_id in known.tolist()]
        return found

    def count(self, entity_type: EntityType) -> int:
        """How many cards of a type are staged."""
        row = self._db.execute(f"select count(*) from {TABLES[entity_type][0]}").fetchone()
        assert row is not None
        return int(row[0])

    def link_reads(self) -> int:
        """How many cards' links were read."""
        row = self._db.execute("select count(*) from link_reads").fetchone()
        assert row is not None
        return int(row[0])

    def _put_cards(self, entity_type: EntityType, catalog_id: int, tables: CardTables) -> list[int]:
        table, key = TABLES[entity_type]
        if not tables.cards.num_rows:
            return []
        ids = tables.cards.column(key)
        bounds = [pc.min(ids).as_py(), pc.max(ids).as_py()]
        in_catalog = f"catalog_id = {catalog_id} and " if entity_type is EntityType.ELEMENT else ""
        within = f"{in_catalog}{key} between ? and ?"
        known: set[int] = set()
        # Most pages are new; asking is a tenth of deleting nothing from four tables.
        if self._exists(f"select 1 from {table} where {within} limit 1", bounds):
            self._db.register("page", tables.cards)
            again = f"in (select {key} from page)"
            rows = self._db.execute(
                f"delete from {table} where {within} and {key} {again} returning {key}", bounds
            ).fetchall()
            known = {row[0] for row in rows}
            for child in ("identifiers", "embedded", "gone"):
                self._db.execute(
                    f"delete from {child} where entity_type = ? "
                    f"and entity_id between ? and ? and entity_id {again}"
                    + (f" and catalog_id = {catalog_id}" if child == "gone" else ""),
                    [entity_type.value, *bounds],
                )
            self._db.unregister("page")
        self._insert(table, tables.cards)
        self._insert("identifiers", tables.identifiers)
        self._insert("embedded", tables.embedded)
        return [card_id for card_id in ids.to_pylist() if card_id not in known]

    def _exists(self, sql: str, parameters: Sequence[object]) -> bool:
        return self._db.execute(sql, parameters).fetchone() is not None

    def _insert(self, name: str, table: pa.Table) -> None:
        if not table.num_rows:
            return
        self._db.register("incoming", table)
        self._db.execute(f"insert into {name} by name select * from incoming")
        self._db.unregister("incoming")

    def _ids(self, sql: str, *parameters: object) -> Ids:
        return self._db.execute(sql, list(parameters)).fetchnumpy()["id"].astype(np.int64)

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    """One transaction; a full disk becomes an error that says so."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._db = connection

    def __enter__(self) -> None:
        self._db.execute("begin")

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._db.execute("commit" if exc is None else "rollback")
        except duckdb.Error as error:
            exc = exc or error
        if isinstance(exc, duckdb.Error | OSError):
            raise PublishFailed(
                f"what was read could not be kept: {str(exc).strip().splitlines()[0]}",
                hint="make room on the disk and run linkgraph sync again: it goes on from here",
            ) from exc


def ref_table(refs: Sequence[Ref]) -> pa.Table:
    """Refs as a table: `entity_type` (text), `catalog_id`, `entity_id`."""
    return pa.table(
        {
            "entity_type": pa.array([ref.type.value for ref in refs], pa.string()),
            "catalog_id": pa.array([ref.catalog_id for ref in refs], pa.int64()),
            "entity_id": pa.array([ref.id for ref in refs], pa.int64()),
        }
    )
