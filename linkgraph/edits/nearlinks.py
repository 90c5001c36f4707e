"""The links of a few cards by the snapshot, as many of them as are asked for.

What is asked costs what it finds: of a card with thousands of links those with a few others are
told without the rest being read out.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
from sqlalchemy import Engine

from linkgraph.edits.changes import SINGLE_COMPANY, WITH_MAIN
from linkgraph.errors import SnapshotUnusable
from linkgraph.model import EntityType, Metadata, Ref, by_type
from linkgraph.plaintext import plain

_LINKS = """
select
    catalog_id, id, to_type::varchar as to_type, to_id, to_catalog_id, is_main, quantity, price_id
from adjacency
where type = '{kind}'::entity_type and id in (select unnest($ids::bigint[])) and ({which})
"""
_CROWDED = """
select id
from adjacency
where type = '{kind}'::entity_type and id in (select unnest($ids::bigint[])) and ({which})
group by id
having count(*) filter (to_type = 'company'::entity_type) > 1 or count(*) filter (is_main) > 1
"""
_MAIN_OWNERS = {ends[0] for relation in WITH_MAIN if (ends := relation.ends)}
#: The links whose place another may take: with the one company, with the main contact.
_PLACES = {
    kind: "to_type = 'company'::entity_type" + (" or is_main" if kind in _MAIN_OWNERS else "")
    for kind in SINGLE_COMPANY
}


class NearLinks:
    """The links of cards in the snapshot that an engine opens.

    All methods raise `SnapshotUnusable` where it cannot be read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, cards: Iterable[Ref]) -> dict[Ref, dict[Ref, Metadata]]:
        """All links of each card; an empty dict where it has none."""
        return self._links(cards, None)

    def with_places(
        self, cards: Iterable[Ref], fars: Iterable[Ref]
    ) -> dict[Ref, dict[Ref, Metadata]]:
        """The links of each card with some others, and those whose place another may take: with
        the company of a card that has one at most, with main contacts. There may be a few more."""
        return self._links(cards, list(fars))

    def crowded(self, cards: Iterable[Ref]) -> set[Ref]:
        """Those that have several companies or main contacts, though only one may be."""
        found: set[Ref] = set()
        with self._rows() as rows:
            for kind, own in by_type(cards).items():
                if kind in _PLACES:
                    sql = _CROWDED.format(kind=kind.value, which=_PLACES[kind])
                    found |= {Ref(kind, row[0]) for row in rows(sql, {"ids": _ids(own)})}
        return found

    def _links(
        self, cards: Iterable[Ref], fars: Sequence[Ref] | None
    ) -> dict[Ref, dict[Ref, Metadata]]:
        found: dict[Ref, dict[Ref, Metadata]] = {}
        with self._rows() as rows:
            for kind, own in by_type(cards).items():
                found |= {ref: {} for ref in own}
                asked: dict[str, list[Any]] = {"ids": _ids(own)}
                which = "true" if fars is None else _PLACES.get(kind, "false")
                if fars:  # by their ids alone, which is quick; others of the same id are few
                    which += " or to_id in (select unnest($fars::bigint[]))"
                    asked["fars"] = _ids(fars)
                sql = _LINKS.format(kind=kind.value, which=which)
                for catalog_id, id_, to_type, to_id, to_catalog_id, *told in rows(sql, asked):
                    links = found.get(Ref(kind, id_, catalog_id))
                    if links is not None:  # else an element of another catalog has the same id
                        links[Ref(EntityType(to_type), to_id, to_catalog_id)] = Metadata(*told)
        return found

    @contextmanager
    def _rows(self) -> Iterator[Any]:
        """What asks a statement for its rows, over one connection of DuckDB's own."""
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        try:
            yield lambda sql, parameters: connection.execute(sql, parameters).fetchall()
        except duckdb.Error as error:
            raise SnapshotUnusable(
                f"the snapshot cannot be read: {plain(str(error).partition(chr(10))[0])}",
                hint="linkgraph sync makes a new one",
            ) from error
        finally:
            pooled.close()


def _ids(refs: Iterable[Ref]) -> list[int]:
    return [ref.id for ref in refs]
