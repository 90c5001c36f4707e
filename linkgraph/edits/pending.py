"""What the queue would do to the links of one card, for a list that shows them as they will be.

Laying what is pending over the links that the snapshot tells of gives what will be linked when the
queue is pushed: the edits are laid by the same `planning.outline` that makes the plan, over the
snapshot and over what pushes have verified since. An edit that is in conflict is laid as if it were
kept; one that was sent, or of which nothing is known, as if it arrived.

Only what can bear upon the card is read, however long the queue is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal, Protocol, TypeAlias

from sqlalchemy import ColumnElement, and_, or_, select

from linkgraph.edit import Verb
from linkgraph.edits.changes import Change, same
from linkgraph.edits.entries import Pair, QueuedEdit, pair_of
from linkgraph.edits.journal import Journal, in_parts
from linkgraph.edits.live import Links, Live, Target
from linkgraph.edits.nearlinks import NearLinks
from linkgraph.edits.planning import outline
from linkgraph.edits.pushbook import verified_changes
from linkgraph.edits.states import OPEN, State
from linkgraph.edits.tables import EDITS
from linkgraph.model import EntityType, Metadata, Ref

Kind: TypeAlias = Literal["added", "removed", "changed"]
Verified: TypeAlias = Mapping[Pair, tuple[Metadata | None, tuple[int, ...]]]

#: The states of edits that may yet come about, or have without anybody knowing it.
SHOWN = (*OPEN, State.SENT, State.UNKNOWN)
_FEW = 1000
"""Cards up to which the journal is asked for their edits alone."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is to become of one link."""

    kind: Kind
    metadata: Metadata
    """What the link is to carry; of one that is removed, what it carries."""
    edit: QueuedEdit
    """The edit that wants it; verified where a push has done it since the snapshot."""


class Source(Protocol):
    """Where what is pending is worked out from."""

    @property
    def verified(self) -> Verified:
        """What pushes have verified since the snapshot, in order, with the ids of the edits."""

    @property
    def named(self) -> Collection[Ref] | None:
        """The cards that edits of `SHOWN` name; None where there are too many to be looked for."""

    def links(self, cards: Collection[Ref], fars: Collection[Ref] | None) -> Mapping[Ref, Links]:
        """The links of cards by the snapshot: all, or those with `fars`, with the company of a card
        that has one at most, and with main contacts."""

    def crowded(self, cards: Collection[Ref]) -> Collection[Ref]:
        """Those that have several companies or main contacts by the snapshot."""

    def edits(self, ends: Collection[Ref], owners: Collection[Ref]) -> list[QueuedEdit]:
        """The edits of `SHOWN` that name one of `ends`, or are about links that one of `owners`
        owns, or about moves to or from it."""

    def by_id(self, ids: Collection[int]) -> Mapping[int, QueuedEdit]:
        """Edits by their ids."""


def pending(card: Ref, source: Source) -> dict[Ref, Pending]:
    """What the queue would do to the links of a card, by the other end of each."""
    edits, before = _gathered(card, source)
    if not edits and not source.verified:
        return {}
    now = _since(before, source.verified)
    found = _verified(card, before, now, source)
    # Their base is left out: what is shown is what they want, whatever has changed under them.
    wanted = [replace(edits[number], base=None) for number in sorted(edits)]
    for change in outline(wanted, now).changes:
        edit = edits[_speaker(change, edits)]
        if card in change.pair:
            state = change.after or change.before or Metadata()
            found[_far(change.pair, card)] = Pending(
                _kind(change.before, change.after), state, edit
            )
        if change.write.is_main:
            for pair, link in _losers(change.pair, now):
                if card in pair and _far(pair, card) not in found:
                    told = replace(link, is_main=False)
                    found[_far(pair, card)] = Pending("changed", told, edit)
    return found


def _gathered(card: Ref, source: Source) -> tuple[dict[int, QueuedEdit], Live]:
    """All edits that can bear upon a card's links, and the links that they are laid over.

    A link of the card changes by an edit of that very link; by one that gives the place of the
    card at its owner to another (a company, a main contact), which is an edit of the same owner;
    and by a move of the one or the other end. What moves bring along is gathered likewise.

    Of a card with thousands of links only those are read that an edit may be about, and all of them
    only where the card itself is moved.
    """
    told: dict[Ref, Links] = {}
    edits: dict[int, QueuedEdit] = {}
    ends, owners, moved = {card}, {card}, set[Ref]()
    asked_ends: set[Ref] = set()
    asked_owners: set[Ref] = set()
    touched = {ref for pair in source.verified for ref in pair}
    fars = None if source.named is None else {card}.union(touched, source.named)
    while ends != asked_ends or owners != asked_owners:
        told |= source.links(ends - asked_ends, fars)
        for end in ends - asked_ends:
            owners.update(told[end])
        for pair in source.verified:
            if not ends.isdisjoint(pair):
                owners.update(pair)
        found = source.edits(ends - asked_ends, owners - asked_owners)
        asked_ends, asked_owners = set(ends), set(owners)
        for one in found:
            edits[one.id] = one
            if one.edit.verb is Verb.MOVE:
                moved |= {one.edit.a, one.edit.b}
            elif one.edit.a in ends or one.edit.b in ends:
                owners |= {one.edit.a, one.edit.b}
        ends |= moved
    own = {one.pair for one in edits.values() if one.pair is not None}
    needed = {*(owner for owner, _ in own), *(touched & owners)}
    if card in moved:
        told |= source.links(moved, None)
        needed |= set(source.crowded({far for one in moved for far in told[one]}))
    if fars is None:
        fars = {card, *touched, *(ref for pair in own for ref in pair)}
    told |= source.links({one for one in needed if _tells(one)} - told.keys(), fars)
    everybody = {*told, *(far for links in told.values() for far in links)}
    return edits, Live(told, everybody)


def _since(before: Live, verified: Verified) -> Live:
    """The links with what pushes have verified laid over them."""
    if not verified:
        return before
    target = Target(before)
    for pair, (state, _) in verified.items():
        target.put(pair, state)
    told = {card: target.links_of(card) for card in before.cards}
    return Live(told, {*told, *(far for links in told.values() for far in links)})


def _verified(card: Ref, before: Live, now: Live, source: Source) -> dict[Ref, Pending]:
    """What was verified of a card's links, where the snapshot does not show it."""
    if not source.verified:
        return {}
    differing = {
        far: (was, is_)
        for far in {**before.links_of(card), **now.links_of(card)}
        if not same(was := before.state(pair_of(card, far)), is_ := now.state(pair_of(card, far)))
    }
    wanted = {far: _verifier(pair_of(card, far), source.verified) for far in differing}
    edits = source.by_id({number for number in wanted.values() if number is not None})
    found: dict[Ref, Pending] = {}
    for far, (was, is_) in differing.items():
        number = wanted[far]
        if number is not None and number in edits:
            found[far] = Pending(_kind(was, is_), is_ or was or Metadata(), edits[number])
    return found


def _verifier(pair: Pair, verified: Verified) -> int | None:
    """The edit that made a link so: its own, or the one that gave its main flag to another."""
    if pair not in verified:
        takers = [
            each for each, (state, _) in verified.items() if each[0] == pair[0] and _is_main(state)
        ]
        if not takers:
            return None
        pair = takers[-1]
    edits = verified[pair][1]
    return edits[-1] if edits else None


def _speaker(change: Change, edits: Mapping[int, QueuedEdit]) -> int:
    """The edit that a change is shown with: the last that names the link, else the last of all."""
    naming = [number for number in change.edits if edits[number].pair == change.pair]
    return max(naming or change.edits)


def _losers(pair: Pair, now: Live) -> Iterable[tuple[Pair, Metadata]]:
    """The links that lose the main flag to a contact's."""
    owner, contact = pair
    for far, link in now.links_of(owner).items():
        if far != contact and far.type is EntityType.CONTACT and link.is_main:
            yield (owner, far), link


def _kind(before: Metadata | None, after: Metadata | None) -> Kind:
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def _far(pair: Pair, card: Ref) -> Ref:
    return pair[1] if pair[0] == card else pair[0]


def _is_main(state: Metadata | None) -> bool:
    return state is not None and bool(state.is_main)


def _tells(card: Ref) -> bool:
    return card.type is not EntityType.ELEMENT


class Waiting:
    """What is pending by the journal and the snapshot of an account, as of one moment.

    Args:
        journal: the journal.
        links: tells the links of cards by the snapshot.
        taken_at: the moment of which the snapshot is (UTC).
    """

    def __init__(
        self,
        journal: Journal,
        links: NearLinks,
        taken_at: datetime,
    ) -> None:
        self._journal = journal
        self._links = links
        self._taken_at = taken_at

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing was verified since the snapshot: the usual case."""
        with self._journal.file.reading() as connection:
            some = connection.scalar(select(EDITS.c.edit_id).where(_is_shown()).limit(1))
        return some is None and not self.verified

    @cached_property
    def verified(self) -> Verified:
        """What pushes have verified since the snapshot was taken."""
        return verified_changes(self._journal, self._taken_at)

    @cached_property
    def named(self) -> Collection[Ref] | None:
        """The cards that edits name which are shown, where they are not too many."""
        query = select(EDITS.c.a, EDITS.c.b).where(_is_shown()).limit(_FEW + 1)
        with self._journal.file.reading() as connection:
            rows = connection.execute(query).all()
        if len(rows) > _FEW:
            return None
        return {Ref.parse(text) for row in rows for text in row}

    def links(self, cards: Collection[Ref], fars: Collection[Ref] | None) -> Mapping[Ref, Links]:
        """The links of cards, by the snapshot; see `Source.links`."""
        if not cards:
            return {}
        return self._links.all(cards) if fars is None else self._links.with_places(cards, fars)

    def crowded(self, cards: Collection[Ref]) -> Collection[Ref]:
        """Those that have several companies or main contacts by the snapshot."""
        return self._links.crowded(cards) if cards else ()

    def edits(self, ends: Collection[Ref], owners: Collection[Ref]) -> list[QueuedEdit]:
        """The edits that can bear upon the links of some cards; see `Source.edits`."""
        own, near = sorted(map(str, ends)), sorted(map(str, owners))
        columns = EDITS.c.edit_id, EDITS.c.verb, EDITS.c.a, EDITS.c.b
        if len(own) + len(near) <= _FEW:
            conditions: Sequence[ColumnElement[bool]] = [
                *(or_(EDITS.c.a.in_(part), EDITS.c.b.in_(part)) for part in in_parts(own)),
                *(
                    or_(EDITS.c.a.in_(part), and_(EDITS.c.verb == "move", EDITS.c.b.in_(part)))
                    for part in in_parts(near)
                ),
            ]
            queries = [select(*columns).where(_is_shown(), one) for one in conditions]
        else:
            queries = [select(*columns).where(_is_shown())]
        at_either, at_first = set(own), set(near)
        with self._journal.file.reading() as connection:
            ids = {
                number
                for query in queries
                for number, verb, a, b in connection.execute(query)
                if a in at_first
                or a in at_either
                or b in at_either
                or (verb == Verb.MOVE and b in at_first)
            }
            return self._journal.edits(ids=ids, on=connection) if ids else []

    def by_id(self, ids: Collection[int]) -> Mapping[int, QueuedEdit]:
        """Edits by their ids."""
        return {one.id: one for one in self._journal.edits(ids=ids)} if ids else {}


def _is_shown() -> ColumnElement[bool]:
    return EDITS.c.state.in_([state.value for state in SHOWN])
