"""The lines of a list of links: a heading for each relation, and under it the links.

Lines are made when they are asked for: ten thousand links cost an order, not ten thousand objects.
What the queue would do is laid over the snapshot here: links to be added are lines of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from linkgraph.model import EntityType, Ref, Relation
from tui.shown import PLURALS
from tui.walking import EVERYTHING, Narrowing, Sort

if TYPE_CHECKING:
    from linkgraph.edits.pending import Pending
    from queries.cardlines import CardLine
    from queries.cardlinks import CardLink, CardLinks


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above the links of one relation."""

    title: str
    kind: EntityType | None = None
    """What is listed; None where it is cards of several types"""
    total: int = 0
    """Links in the snapshot, listed or not; 0 where there is nothing to count"""
    listed: int = 0
    """Lines below it"""
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One line of the list: the card at the other end of a link, and what is queued for it."""

    ref: Ref
    link: CardLink | None = None
    """None where the snapshot has no such link"""
    pending: Pending | None = None
    note: str = ""
    """What is to be said of it beside its name"""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and the places of its links, in their order.

    A place counts from the front in the links, and from the back (-1, -2, …) in those to be added.
    """

    heading: Heading
    places: Sequence[int]

    @property
    def lines(self) -> int:
        """How many lines it takes: the heading, the links, and one that is left free."""
        return len(self.places) + 2


class LinkRows:
    """Headings and links, by line. The cursor stands on links only."""

    def __init__(
        self,
        groups: Sequence[Group] = (),
        links: Sequence[CardLink] = (),
        place_of: Callable[[Ref], int | None] = lambda ref: None,
        pending: Mapping[Ref, Pending] | None = None,
        added: Sequence[Ref] = (),
        notes: Mapping[Ref, str] | None = None,
    ) -> None:
        """Args:
        groups: what is listed.
        links: those of the snapshot.
        place_of: finds a card among them.
        pending: what the queue would do, by the card at the other end.
        added: the cards that the snapshot has no link with; all of them are pending.
        notes: what is to be said of cards beside their names.
        """
        self.groups = groups
        self._links = links
        self._places = place_of
        self._pending = pending or {}
        self._added = added
        self._notes = notes or {}
        self._ends = list(accumulate(group.lines for group in groups))

    def __len__(self) -> int:
        """How many lines there are, headings and free ones among them."""
        return self._ends[-1] - 1 if self._ends else 0

    def line(self, number: int) -> Heading | LinkRow | None:
        """What stands on a line; None where it is free."""
        group, within = self._at(number)
        return group.heading if within < 0 else self.row(number)

    def row(self, number: int) -> LinkRow | None:
        """The link on a line; None where there is something else, or no line."""
        if not 0 <= number < len(self):
            return None
        group, within = self._at(number)
        return self._row(group.places[within]) if 0 <= within < len(group.places) else None

    def ref(self, number: int) -> Ref | None:
        """The card on a line, if there is one."""
        row = self.row(number)
        return None if row is None else row.ref

    def heading_above(self, number: int) -> int:
        """The line of the heading that a line stands under, itself where it is one."""
        place = bisect_right(self._ends, number)
        return self._ends[place - 1] if place else 0

    def of(self, group: Group, number: int) -> LinkRow:
        """A link of a group, by its number there."""
        return self._row(group.places[number])

    def nearest(self, number: int, step: int = 1) -> int | None:
        """The line of the link nearest to a line, looked for along `step` (1 or -1) first."""
        number = min(max(number, 0), len(self) - 1)
        for towards in (step, -step):
            there = number
            while 0 <= there < len(self):
                group, within = self._at(there)
                if 0 <= within < len(group.places):
                    return there
                there += towards
        return None

    def find(self, ref: Ref | None) -> int | None:
        """The line of a card; None where it is not listed."""
        place = None if ref is None else self._place_of(ref)
        start = 1
        for group in self.groups:
            if place is not None and place in group.places:
                return start + group.places.index(place)
            start += group.lines
        return None

    def refs(self, first: int, last: int) -> list[Ref]:
        """The cards on the lines from `first` up to and without `last`."""
        found = (self.ref(number) for number in range(max(first, 0), min(last, len(self))))
        return [ref for ref in found if ref is not None]

    def _place_of(self, ref: Ref) -> int | None:
        if ref in self._added:
            return -1 - self._added.index(ref)
        return self._places(ref)

    def _at(self, number: int) -> tuple[Group, int]:
        place = bisect_right(self._ends, number)
        start = self._ends[place - 1] if place else 0
        return self.groups[place], number - start - 1

    def _row(self, place: int) -> LinkRow:
        if place < 0:
            ref = self._added[-1 - place]
            return LinkRow(ref, None, self._pending[ref])
        link = self._links[place]
        note = self._notes.get(link.ref, "")
        return LinkRow(link.ref, link, self._pending.get(link.ref), note)


def arrange(
    links: CardLinks,
    pending: Mapping[Ref, Pending],
    narrowing: Narrowing = EVERYTHING,
    sort: Sort = Sort.USUAL,
    names: Mapping[Ref, CardLine] | None = None,
) -> LinkRows:
    """The lines of a card's links, with what is queued for them.

    Args:
        links: of the snapshot.
        pending: what the queue would do, by the card at the other end.
        narrowing: which of them are listed.
        sort: in which order those of one relation are.
        names: of as many cards as are known; who sorts or narrows by name has read them all.
    """
    names = names or {}
    added = [
        ref for ref, each in pending.items() if each.kind == "added" and links.place_of(ref) is None
    ]
    by_relation: dict[str, list[int]] = {}
    for number, ref in enumerate(added):
        relation = Relation.between(links.ref.type, ref.type).value
        by_relation.setdefault(relation, []).append(-1 - number)
    removed = Counter(
        links[place].relation
        for ref, each in pending.items()
        if each.kind == "removed" and (place := links.place_of(ref)) is not None
    )
    groups = []
    for relation in Relation:
        own, more = links.of(relation), by_relation.get(relation, [])
        if not (own or more) or narrowing.relation not in ("", relation):
            continue
        places = _ordered([*more], own, links, added, narrowing.text, sort, names)
        if narrowing.text and not places:
            continue
        heading = Heading(
            title_of(relation, links.ref.type),
            _other_end(relation, links.ref.type),
            len(own),
            len(places),
            len(more),
            removed[relation],
        )
        groups.append(Group(heading, places))
    return LinkRows(groups, links, links.place_of, pending, added)


def _ordered(
    more: list[int],
    own: range,
    links: CardLinks,
    added: Sequence[Ref],
    text: str,
    sort: Sort,
    names: Mapping[Ref, CardLine],
) -> Sequence[int]:
    """The places of a group: what is to be added first, then the links in their order."""
    if not text and sort is Sort.USUAL:
        return [*more, *own] if more else own

    listed = links[own.start : own.stop]

    def ref(place: int) -> Ref:
        return listed[place - own.start].ref if place >= 0 else added[-1 - place]

    def name(place: int) -> str:
        line = names.get(ref(place))
        return (line.name or "").casefold() if line is not None else ""

    places = [*more, *own]
    if text:
        wanted = text.casefold()
        places = [place for place in places if wanted in name(place)]
    if sort is Sort.NAME:
        places.sort(key=lambda place: (not (called := name(place)), called))
    elif sort is Sort.NEWEST:
        places.sort(key=lambda place: -ref(place).id)
    return places


def title_of(relation: str, kind: EntityType) -> str:
    """What the cards at the other end of a relation are called, seen from a card of a type."""
    end = _other_end(relation, kind)
    return "other cards" if end is None else PLURALS[end]


def _other_end(relation: str, kind: EntityType) -> EntityType | None:
    ends = Relation(relation).ends
    if ends is None or kind not in ends:
        return None
    return ends[1] if ends[0] is kind else ends[0]


def of_cards(title: str, refs: Sequence[Ref], notes: Mapping[Ref, str]) -> LinkRows:
    """A list of cards that are not links of anything: what one may start from."""
    from queries.cardlinks import CardLink

    links = [CardLink("", ref, None, None, None) for ref in refs]
    places = {ref: place for place, ref in enumerate(refs)}
    heading = Heading(title, listed=len(links))
    groups = [Group(heading, range(len(links)))] if links else []
    return LinkRows(groups, links, places.get, notes=notes)
