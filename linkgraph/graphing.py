"""The graph of an account's snapshot: walked, drawn, exported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from linkgraph.asking import Asking
from linkgraph.errors import (
    HomeUnusable,
    InvalidParameter,
)

if TYPE_CHECKING:
    from linkgraph.index import Walk
    from linkgraph.model import Ref
    from linkgraph.pictures.drawing import Drawing
    from queries.accountnames import AccountNames
    from queries.impact import Impact, LinkDelta
    from queries.parts import Part, PartOf
    from queries.surroundings import Surroundings
    from queries.ways import Ways

#: The tables that `export` writes, each to a file of its own.
EXPORTED = (
    *("leads", "contacts", "companies", "customers", "catalogs", "elements", "identifiers"),
    *("users", "pipelines", "statuses", "links", "edges"),
)


class Graphing(Asking):
    """The graph of a snapshot, to be walked, drawn and written to files."""

    def surroundings(
        self, card: Ref | str, depth: int = 2, walk: Walk | None = None, limit: int = 50
    ) -> Surroundings:
        """What lies within `depth` links of a card, as a tree with at most `limit` cards a level.

        Raises:
            InvalidRef: the snapshot has no such card.
            InvalidParameter: the depth or the limit is below 1.
        """
        from linkgraph.index import Walk
        from queries.surroundings import surroundings

        ref = self._card(card)
        return surroundings(self.engine, self.index, ref, depth, walk or Walk(), limit)

    def ways(
        self,
        a: Ref | str,
        b: Ref | str,
        walk: Walk | None = None,
        max_hops: int | None = None,
        limit: int = 1,
    ) -> Ways:
        """The first `limit` shortest paths between two cards, or why there is none.

        Raises:
            InvalidRef: the snapshot has no such card.
        """
        from linkgraph.index import Walk
        from queries.ways import ways

        start, end = self._card(a), self._card(b)
        return ways(self.engine, self.index, start, end, walk or Walk(), max_hops, limit)

    def account_names(self) -> AccountNames:
        """What the account calls its users, pipelines, statuses and catalogs, by id."""
        from queries.accountnames import account_names

        return account_names(self._tables.rows)

    def impact(self, deltas: Iterable[LinkDelta]) -> Impact:
        """What changes of links would do to the account as a whole; see `queries.impact`."""
        from queries.impact import impact

        return impact(self.index, deltas)

    def draw(self, **of: Unpack[PartOf]) -> Drawing:
        """A part of the graph, for `linkgraph.pictures`; see `queries.parts.PartOf`.

        >>> drawing = session.draw(around="lead:1", depth=2)                    # doctest: +SKIP

        Raises:
            InvalidRef: the snapshot has no such card.
            InvalidParameter: not one of `around`, `component` and `path` was given.
            LinkgraphError: no path joins the two cards.
        """
        from linkgraph.index import Walk
        from queries import drawings

        part = self._part({"limit": drawings.CARDS, **of})
        if part is None:
            raise InvalidParameter(
                "a picture of the whole graph shows nothing",
                hint="say of what: around, component or path",
            )
        age = f"snapshot {self.snapshot.number} of {self.taken_at:%Y-%m-%d %H:%M} UTC"
        return drawings.drawing(self.engine, self.index, part, of.get("walk", Walk()), age)

    def picture(self, target: Path | str, **of: Unpack[PartOf]) -> Drawing:
        """Draw a part of the graph into a file that ends in .svg or .html; returns the drawing.

        Raises:
            UsageError: the file's name says neither; else as `draw`.
            LinkgraphError: the file cannot be written.
        """
        from queries.graph_files import write_picture

        drawing = self.draw(**of)
        write_picture(drawing, Path(target))
        return drawing

    def export_graph(self, target: Path | str, **of: Unpack[PartOf]) -> tuple[int, int]:
        """Write the graph, or a part of it, as GraphML; returns how many cards and links it has.

        Raises:
            InvalidRef, InvalidParameter: as `draw`.
            LinkgraphError: the file cannot be written, or no path joins the two cards.
        """
        from linkgraph.index import Walk
        from queries.graph_files import write_graphml

        part, walk = self._part(of), of.get("walk", Walk())
        cards = None if part is None else list(part.rings)
        return write_graphml(self.engine, self.index, cards, walk, Path(target))

    def export(self, folder: Path, format: str, tables: Iterable[str] = EXPORTED) -> dict[str, int]:
        """Write tables to a folder, a file each; returns the rows written, by table.

        Raises:
            InvalidParameter: a table is none of `EXPORTED`.
            UsageError: the format is none of `queries.formats.FORMATS`.
            LinkgraphError: the folder cannot be written.
        """
        wanted = tuple(dict.fromkeys(tables))
        if unknown := [name for name in wanted if name not in EXPORTED]:
            raise InvalidParameter(
                f"no table {unknown[0][:40]!r} is exported", hint=f"tables: {', '.join(EXPORTED)}"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeUnusable(
                f"{folder} cannot be made: {error.strerror}", hint="choose another folder"
            ) from error
        from queries import formats

        written: dict[str, int] = {}
        for name in wanted:
            with self.sql(f"select * from {name}") as rows:
                written[name] = formats.write(rows.reader(), folder / f"{name}.{format}", format)
        return written

    def _part(self, of: PartOf) -> Part | None:
        from queries.parts import chosen

        return chosen(self.index, of, self._card)
