"""What lies around a card as a tree that a person can read: a few cards at each distance.

Whatever is not listed is counted: at each distance, and under each card by kind of link.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from linkgraph.errors import InvalidParameter
from linkgraph.index import LinkIndex, Walk
from linkgraph.model import Ref, Relation
from queries.cardlines import CardLine, card_lines


@dataclass(frozen=True, slots=True)
class Twig:
    """A card in the tree, and the link by which it was met."""

    card: CardLine
    depth: int
    parent: Ref | None
    """None for the card in the middle"""
    relation: Relation | None
    is_main: bool | None
    links: int
    """How many links it has, listed or not"""


@dataclass(frozen=True, slots=True)
class Bunch:
    """The cards that were met from one card over one kind of link."""

    relation: Relation
    total: int
    """How many there are, listed or not"""
    twigs: tuple[Twig, ...]
    """The main contact first, then by type and id"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies within some links of a card; a card stands under the first that leads to it."""

    middle: Twig
    counts: tuple[int, ...]
    """How many cards there are at each distance, listed or not; the first is the card itself"""
    bunches: Mapping[Ref, Sequence[Bunch]]
    """What stands under each card"""

    @property
    def total(self) -> int:
        """How many cards there are, itself among them, listed or not."""
        return sum(self.counts)

    @property
    def cut(self) -> bool:
        """Whether some are not listed."""
        return self.total > sum(1 for _ in self)

    def __iter__(self) -> Iterator[Twig]:
        """All listed cards, a card before those that stand under it."""
        pending = [self.middle]
        while pending:
            twig = pending.pop()
            yield twig
            below = [twig for bunch in self.bunches.get(twig.card.ref, ()) for twig in bunch.twigs]
            pending += reversed(below)


@dataclass(slots=True)
class _Met:
    """The cards met from one card over one kind of link, before it is known how many have room."""

    parent: str
    relation: str
    cards: list[tuple[str, bool | None]]
    room: int = 0


def surroundings(
    engine: Engine, index: LinkIndex, card: Ref, depth: int, walk: Walk, limit: int
) -> Surroundings:
    """The tree around a card, `depth` links deep, with at most `limit` cards at each distance.

    Room is shared out evenly: a kind of link with few cards is listed whole before one with
    thousands takes the rest.

    Raises:
        InvalidRef: the snapshot has no such card.
        InvalidParameter: the depth or the limit is below 1.
    """
    if depth < 1 or limit < 1:
        raise InvalidParameter(
            f"a tree of depth {depth} with {limit} cards a level shows nothing",
            hint="give 1 or more for both",
        )
    found = index.neighbourhood(card, depth, walk)
    rows = found.to_arrow().select(["ref", "parent_ref", "relation", "is_main"])
    met: dict[int, list[_Met]] = {}
    parents, start = [str(card)], 1
    for distance, count in enumerate(found.counts[1:], 1):
        met[distance] = _level(rows.slice(start, count), parents)
        _share_out(met[distance], limit)
        parents = [ref for each in met[distance] for ref, _ in each.cards[: each.room]]
        start += count
    listed = [Ref.parse(ref) for level in met.values() for each in level for ref, _ in _kept(each)]
    lines = card_lines(engine, [card, *listed])
    bunches: dict[Ref, list[Bunch]] = {}
    for distance, level in met.items():
        for each in level:
            parent, relation = Ref.parse(each.parent), Relation(each.relation)
            twigs = tuple(
                Twig(lines[ref], distance, parent, relation, is_main, index.degree(ref, walk))
                for ref, is_main in ((Ref.parse(text), main) for text, main in _kept(each))
            )
            bunches.setdefault(parent, []).append(Bunch(relation, len(each.cards), twigs))
    middle = Twig(lines[card], 0, None, None, None, index.degree(card, walk))
    return Surroundings(middle, found.counts, bunches)


def _level(rows: pa.Table, parents: list[str]) -> list[_Met]:
    """What was met from the cards that are listed, by card and kind of link, in their order."""
    rows = rows.filter(pc.is_in(rows["parent_ref"], pa.array(parents, pa.string())))
    order = {parent: place for place, parent in enumerate(parents)}
    kinds = {relation.value: place for place, relation in enumerate(Relation)}
    met: dict[tuple[int, int], _Met] = {}
    for ref, parent, relation, is_main in zip(
        *(column.to_pylist() for column in rows.columns), strict=True
    ):
        key = (order[parent], kinds[relation])
        met.setdefault(key, _Met(parent, relation, [])).cards.append((ref, is_main))
    for each in met.values():
        each.cards.sort(key=lambda card: not card[1])  # stable: by type and id otherwise
    return [met[key] for key in sorted(met)]


def _share_out(level: list[_Met], limit: int) -> None:
    """Give each as much room as it needs, the small ones first, and the rest evenly."""
    for left, each in zip(
        range(len(level), 0, -1), sorted(level, key=lambda each: len(each.cards)), strict=True
    ):
        each.room = min(len(each.cards), -(-limit // left))
        limit -= each.room


def _kept(each: _Met) -> list[tuple[str, bool | None]]:
    return each.cards[: each.room]
