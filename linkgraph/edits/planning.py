"""From queued edits and what is live to the changes that a push would make.

Edits are laid one after the other over the live links; the difference is the plan. So what is
already so falls out, several edits of one card agree, and the later word wins. An edit whose link
is not as it was when it was queued is a conflict, and is left out.

Pure: nothing here reads or writes anything.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from linkgraph.edit import Verb
from linkgraph.edits.changes import (
    FREEING,
    LEAVING,
    LINKING,
    SINGLE_COMPANY,
    WITH_MAIN,
    Change,
    Habits,
    Way,
    everything,
    in_words,
    same,
)
from linkgraph.edits.entries import Base, Pair, QueuedEdit, pair_of
from linkgraph.edits.live import Live, Target
from linkgraph.model import EntityType, Metadata, Ref, Relation

_NOTHING = Metadata()
_NO_HABITS = Habits()


@dataclass(frozen=True, slots=True)
class Conflict:
    """An edit whose link changed since it was queued."""

    edit: QueuedEdit
    then: str
    """How things stood when it was queued."""
    now: str
    """How they stand."""
    seen: Base
    """How they stand, for «keep mine» to build on."""

    @property
    def reason(self) -> str:
        """Both states in a sentence."""
        return f"was {self.then} when it was queued, is {self.now} now"

    @staticmethod
    def sides(reason: str) -> tuple[str, str]:
        """Both states again from that sentence; of any other it is all that is told of now."""
        then, between, now = reason.partition(" when it was queued, is ")
        if not between:
            return "", reason
        return then.removeprefix("was "), now.removesuffix(" now")


@dataclass(frozen=True, slots=True)
class Outline:
    """What edits come to. Every edit is in exactly one of the four."""

    changes: tuple[Change, ...]
    dropped: tuple[tuple[QueuedEdit, str], ...]
    """Edits that have nothing left to do, and why."""
    conflicts: tuple[Conflict, ...]
    skipped: tuple[tuple[QueuedEdit, str], ...]
    """Edits about cards that could not be read; they stay in the queue."""


def touched(edits: Iterable[QueuedEdit]) -> list[Ref]:
    """The cards that edits name, whose links must be known to plan them. Elements tell none."""
    named = dict.fromkeys(ref for one in edits for ref in (one.edit.a, one.edit.b))
    return [ref for ref in named if ref.type is not EntityType.ELEMENT]


def moved_along(edits: Iterable[QueuedEdit], live: Live) -> list[Ref]:
    """The cards at the far ends of the links that are to move, which are not read yet."""
    found: dict[Ref, None] = {}
    for one in edits:
        if one.edit.verb is Verb.MOVE:
            found.update(dict.fromkeys(live.links_of(one.edit.a)))
    read = live.cards
    return [ref for ref in found if ref.type is not EntityType.ELEMENT and ref not in read]


def outline(
    edits: Iterable[QueuedEdit],
    live: Live,
    absent: Collection[Ref] = (),
    habits: Habits = _NO_HABITS,
) -> Outline:
    """Work out what edits come to.

    Args:
        edits: in the order in which they were queued.
        live: the links of the cards that they touch (`touched`, `moved_along`).
        absent: cards that are known not to be in the CRM.
        habits: how the account takes what is linked being linked again.
    """
    return _Outlining(live, frozenset(absent), habits).run(list(edits))


@dataclass(slots=True)
class _Wish:
    """What edits said of one link."""

    said: Metadata = _NOTHING
    edits: list[int] = field(default_factory=list)
    updated_by: int | None = None
    note: str = ""
    leaving: bool = False


class _Outlining:
    def __init__(self, live: Live, absent: frozenset[Ref], habits: Habits) -> None:
        self._live = live
        self._absent = absent
        self._habits = habits
        self._target = Target(live)
        self._wishes: dict[Pair, _Wish] = {}

    def run(self, edits: list[QueuedEdit]) -> Outline:
        skipped: list[tuple[QueuedEdit, str]] = []
        conflicts: list[Conflict] = []
        laid: list[QueuedEdit] = []
        for edit in edits:
            if unread := self._unread(edit):
                skipped.append((edit, unread))
            elif conflict := self._conflict(edit):
                conflicts.append(conflict)
            else:
                self._lay(edit)
                laid.append(edit)
        changes = self._with_parts(tuple(self._changes()), {edit.id for edit in laid})
        used = {edit for change in changes for edit in change.edits}
        dropped = tuple((edit, self._idle(edit)) for edit in laid if edit.id not in used)
        return Outline(changes, dropped, tuple(conflicts), tuple(skipped))

    def _unread(self, edit: QueuedEdit) -> str:
        """Why an edit cannot be planned now; nothing where it can."""
        pair = edit.pair
        needed = touched([edit]) if pair is None else [pair[0]]
        if edit.edit.verb is Verb.MOVE:
            needed += [
                ref
                for ref in self._live.links_of(edit.edit.a)
                if ref.type is not EntityType.ELEMENT and ref.type.rank < edit.edit.a.type.rank
            ]
        for card in needed:
            if card not in self._absent and not self._live.is_whole(card):
                return f"the links of {card} could not be read whole"
        return ""

    def _conflict(self, edit: QueuedEdit) -> Conflict | None:
        gone = [ref for ref in (edit.edit.a, edit.edit.b) if ref in self._absent]
        seen = self._seen(edit)
        if gone and not self._may_be_left(edit):
            told = f"not in the CRM ({', '.join(map(str, gone))})"
            return Conflict(edit, "taken to be in the CRM", told, seen)
        verb, base = edit.edit.verb, edit.base
        if verb is Verb.MOVE:
            return None
        now = seen.link
        if self._is_so(edit, now):
            return None  # however it came about
        linked_first = edit.pair is not None and self._target.state(edit.pair) is not None
        if verb is Verb.MAIN and now is None and not linked_first:
            then = in_words(base.link) if base is not None else "taken to be linked"
            return Conflict(edit, then, "not linked, so it cannot be the main one", seen)
        if base is None:
            return None
        if not same(base.link, now):
            return Conflict(edit, in_words(base.link), in_words(now), seen)
        if not set(seen.slot) <= set(base.slot):  # a place that was given up is nobody's loss
            return Conflict(edit, _holders(base.slot), _holders(seen.slot), seen)
        return None

    def _may_be_left(self, edit: QueuedEdit) -> bool:
        """Whether an edit takes away what a card that is gone has left at others."""
        pair = edit.pair
        return edit.edit.verb is Verb.UNLINK and pair is not None and self._live.proves(pair)

    def _seen(self, edit: QueuedEdit) -> Base:
        """How the link of an edit stands, and who holds the place that it takes."""
        pair = edit.pair
        return Base(None) if pair is None else base_of(edit, self._live)

    def _is_so(self, edit: QueuedEdit, now: Metadata | None) -> bool:
        wanted = _wanted(edit)
        if now is None or wanted is None:
            return now is None and wanted is None
        after = _laid_over(now, wanted)
        return same(after, now)

    def _lay(self, edit: QueuedEdit) -> None:
        """Lay an edit over what there is so far."""
        if edit.edit.verb is Verb.MOVE:
            self._move(edit, edit.edit.a, edit.edit.b)
            return
        pair = pair_of(edit.edit.a, edit.edit.b)
        wanted = _wanted(edit)
        if wanted is None:
            self._unlink(edit, pair)
        elif edit.edit.verb is not Verb.MAIN or self._target.state(pair) is not None:
            self._link(edit, pair, wanted)

    def _link(self, edit: QueuedEdit, pair: Pair, wanted: Metadata) -> None:
        owner, other = pair
        if other.type is EntityType.COMPANY and owner.type in SINGLE_COMPANY:
            for company in self._target.companies_of(owner):
                if company != other:
                    self._unlink(edit, (owner, company), f"makes room for {other}")
        self._target.put(pair, _laid_over(self._to_lay_over(pair), wanted))
        wish = self._wish(edit, pair)
        wish.said = _laid_over(wish.said, wanted)
        wish.leaving = False

    def _to_lay_over(self, pair: Pair) -> Metadata:
        """What a link carries that is to be linked, as far as it is.

        One that an earlier edit of the plan unlinks, and that stands, is not unlinked after all: it
        keeps what it carries, but for a main flag that another has been given meanwhile.
        """
        now = self._target.state(pair)
        if now is not None:
            return now
        was = self._live.state(pair) or _NOTHING
        is_main = None if was.is_main and self._has_new_main(pair) else was.is_main
        return Metadata(is_main, was.quantity, was.price_id)

    def _unlink(
        self, edit: QueuedEdit, pair: Pair, note: str = "", *, leaving: bool = False
    ) -> None:
        self._target.put(pair, None)
        wish = self._wish(edit, pair)
        wish.said, wish.note, wish.leaving = _NOTHING, note, leaving

    def _wish(self, edit: QueuedEdit, pair: Pair) -> _Wish:
        wish = self._wishes.setdefault(pair, _Wish())
        wish.note = ""
        wish.updated_by = edit.updated_by
        if edit.id not in wish.edits:
            wish.edits.append(edit.id)
        return wish

    def _move(self, edit: QueuedEdit, a: Ref, b: Ref) -> None:
        """Link `b` to all that `a` is linked to, with what those links carry, and unlink `a`."""
        for far, link in self._target.links_of(a).items():
            old, new = pair_of(a, far), pair_of(b, far)
            there = self._target.state(new)
            relation = Relation.between(new[0].type, new[1].type)
            note = f"moved from {a}"
            takes_place = new[0].type in SINGLE_COMPANY and new[1].type is EntityType.COMPANY
            frees = takes_place and old[0] == new[0]
            if frees:
                # Before the link is made, or the other company would be thought to be in the way.
                self._unlink(edit, old, f"moves to {b}")
            if there is None:
                if not (takes_place and self._target.companies_of(new[0])):
                    is_main = (bool(link.is_main) or None) if relation in WITH_MAIN else None
                    self._link(edit, new, Metadata(is_main, link.quantity, link.price_id))
                    self._wishes[new].note = note
            elif link.is_main and not there.is_main:
                self._link(edit, new, Metadata(is_main=True))
                self._wishes[new].note = note
            if not frees:
                self._unlink(edit, old, f"moves to {b}", leaving=True)

    def _changes(self) -> Iterator[Change]:
        number = 0
        for pair, wish in self._wishes.items():
            before, after = self._live.state(pair), self._target.state(pair)
            if before is None and after is None:
                continue
            write = self._write(pair, wish, before, after)
            if before is not None and after is not None and write == _NOTHING:
                continue
            way = self._way(before, after, write)
            if way is Way.REPLACE and after is not None:
                write = everything(after, Relation.between(pair[0].type, pair[1].type))
            phase = LINKING if after is not None else LEAVING if wish.leaving else FREEING
            edits = tuple(wish.edits)
            yield Change(
                number, pair, before, after, write, way, phase, edits, wish.updated_by, wish.note
            )
            number += 1

    def _with_parts(self, changes: tuple[Change, ...], laid: Collection[int]) -> tuple[Change, ...]:
        """Changes that also name the edits which make no change of their own, and have a part.

        What one edit links and a later one moves on, or one moves away and a later one links again,
        comes to nothing there; without that edit the other would do something else. So it goes
        with the other, and is not dropped.
        """
        # The first change of each edit, and the first of those at each of its cards.
        of_edit: dict[int, int] = {}
        at_card: dict[tuple[int, Ref], int] = {}
        for place, change in enumerate(changes):
            for edit in change.edits:
                of_edit.setdefault(edit, place)
                for card in change.pair:
                    at_card.setdefault((edit, card), place)
        parts: dict[int, list[int]] = {}
        for pair, wish in self._wishes.items():
            idle = [edit for edit in wish.edits if edit in laid and edit not in of_edit]
            places = [of_edit[edit] for edit in wish.edits if edit in of_edit]
            if not idle or not places:
                continue
            near = [
                min(at_card[edit, card] for card in pair if (edit, card) in at_card)
                for edit in wish.edits
                if any((edit, card) in at_card for card in pair)
            ]
            parts.setdefault((near or places)[0], []).extend(idle)
        return tuple(
            replace(change, edits=tuple(dict.fromkeys((*change.edits, *parts.get(place, ())))))
            for place, change in enumerate(changes)
        )

    def _way(self, before: Metadata | None, after: Metadata | None, write: Metadata) -> Way:
        if after is None:
            return Way.UNLINK
        if before is None:
            return Way.LINK
        return self._habits.way(write)

    def _write(
        self, pair: Pair, wish: _Wish, before: Metadata | None, after: Metadata | None
    ) -> Metadata:
        """What must be said: a quantity that is right already is never said again."""
        if after is None:
            return _NOTHING
        said, was = wish.said, before or _NOTHING
        is_main = said.is_main
        if is_main is not None:
            is_main = bool(after.is_main)
            if before is not None and is_main == bool(was.is_main):
                is_main = None
            elif is_main is False and before is not None and self._has_new_main(pair):
                is_main = None  # its successor takes the flag
        quantity, price_id = said.quantity, said.price_id
        if before is not None and quantity == was.quantity:
            quantity = None
        if before is not None and price_id == (was.price_id or 0):
            price_id = None
        return Metadata(is_main, quantity, price_id)

    def _has_new_main(self, pair: Pair) -> bool:
        return any(
            link.is_main and far != pair[1] and (pair[0], far) in self._wishes
            for far, link in self._target.links_of(pair[0]).items()
        )

    def _idle(self, edit: QueuedEdit) -> str:
        """Why an edit has nothing to do."""
        if edit.pair is None:
            return f"{edit.edit.a} has no links to move"
        if self._is_so(edit, self._live.state(edit.pair)):
            return f"already so: {in_words(self._live.state(edit.pair))}"
        return "another edit of this plan takes its place"


def base_of(edit: QueuedEdit, live: Live) -> Base:
    """How the link of an edit stands among `live`, and who holds the place that it takes."""
    pair = edit.pair
    assert pair is not None  # a move is about no single link
    links = live.links_of(pair[0])
    slot: tuple[Ref, ...] = ()
    if _wanted(edit) is not None:
        if pair[1].type is EntityType.COMPANY and pair[0].type in SINGLE_COMPANY:
            slot = tuple(ref for ref in links if ref.type is EntityType.COMPANY)
        elif edit.edit.verb is Verb.MAIN or edit.edit.metadata.is_main:
            contacts = (ref for ref in links if ref.type is EntityType.CONTACT)
            slot = tuple(ref for ref in contacts if links[ref].is_main)
    return Base(live.state(pair), tuple(sorted(slot, key=lambda ref: ref.id)))


def _wanted(edit: QueuedEdit) -> Metadata | None:
    """What an edit wants its link to carry; None: not to be."""
    if edit.edit.verb is Verb.UNLINK:
        return None
    return Metadata(is_main=True) if edit.edit.verb is Verb.MAIN else edit.edit.metadata


def _laid_over(now: Metadata, said: Metadata) -> Metadata:
    return Metadata(
        now.is_main if said.is_main is None else said.is_main,
        now.quantity if said.quantity is None else said.quantity,
        now.price_id if said.price_id is None else said.price_id,
    )


def _holders(slot: tuple[Ref, ...]) -> str:
    return f"taken by {', '.join(map(str, slot))}" if slot else "free"
