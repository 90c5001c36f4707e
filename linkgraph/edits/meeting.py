"""Where edits meet in the queue: the later one replaces or cancels the earlier, and says so.

After any sequence of edits at most one open edit stands for a pair, one that names the main contact
of an owner, one that names the company of an owner that may have one, and one move for a card; and
what stands says what was said last of each of these. Nothing is forgotten: every edit that came is
among the standing or among the ended, with the reason.

Pure: the journal's ids are known only once the edits are written, so edits go by keys here:
positive for those of the journal, negative for those that came (-1 for the first).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from linkgraph.edit import Edit, Verb
from linkgraph.edits.entries import Base, Entry, Pair, QueuedEdit, pair_of
from linkgraph.edits.known import Known, takes_company, takes_main
from linkgraph.model import Metadata, Ref

_NOTHING = Metadata()


@dataclass(frozen=True, slots=True)
class Standing:
    """An open edit, of the journal or just come."""

    key: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an edit came to its end: a text in which `{}` stands for the number of another."""

    text: str
    other: int
    """That other's key."""
    at_once: bool = False
    """It never stood: an earlier one and this one cancel each other out."""


@dataclass(slots=True)
class Meeting:
    """The open edits of a queue, and what comes of those that are added.

    Edits that a push has under way are not touched: what comes stands beside them, and what they
    are about counts as not known.
    """

    known: Known = field(default_factory=Known)
    """What the snapshot knows: how things stand for an edit that does not bring it along."""
    came: list[Standing] = field(default_factory=list)
    """What is to be written, in order of keys -1, -2, …; more than was asked for where an edit
    was replaced by a part of itself."""
    ended: dict[int, Ending] = field(default_factory=dict)
    """What is dropped, by key."""
    _of_pair: dict[Pair, Standing] = field(default_factory=dict)
    _main_of: dict[Ref, Standing] = field(default_factory=dict)
    _company_of: dict[Ref, Standing] = field(default_factory=dict)
    _move_of: dict[Ref, Standing] = field(default_factory=dict)
    _busy_pairs: dict[Pair, Edit] = field(default_factory=dict)
    _busy_owners: set[Ref] = field(default_factory=set)
    _busy_moves: set[Ref] = field(default_factory=set)

    @classmethod
    def of(cls, known: Known, edits: Iterable[QueuedEdit], busy: Collection[int] = ()) -> "Meeting":
        """The queue as it stands.

        Args:
            known: what the snapshot knows of what will be added.
            edits: those that are not final, in the order in which they were queued.
            busy: the ids of those that a push has under way.
        """
        meeting = cls(known)
        for one in edits:
            edit = owner_first(one.edit)
            if one.id in busy:
                meeting._keep_off(edit)
            else:
                entry = Entry(edit, one.origin, one.updated_by, one.base)
                meeting._stand_alone(Standing(one.id, entry))
        return meeting

    def links(self, pair: Pair) -> bool | None:
        """Whether two cards are to be linked, by what is queued; None where nothing says so."""
        standing = self._of_pair.get(pair)
        edit = standing.entry.edit if standing else self._busy_pairs.get(pair)
        return None if edit is None else edit.verb is not Verb.UNLINK

    def add(self, entry: Entry) -> int:
        """Let an edit meet those that stand; returns the key of what stands for it then.

        That is a key of `ended` where it and an earlier one cancel each other out.
        """
        entry = replace(entry, edit=owner_first(entry.edit))
        if entry.edit.verb is Verb.MOVE:
            return self._add_move(entry)
        pair = pair_of(entry.edit.a, entry.edit.b)
        earlier = self._of_pair.get(pair)
        merged = entry if earlier is None else _together(earlier.entry, entry)
        base = self._base(pair, merged)
        back = earlier is not None and _takes_back(earlier.entry.edit, entry.edit, base)
        if earlier is not None:
            if _says_the_same(earlier.entry, merged):
                return earlier.key
            if merged.edit != entry.edit and earlier.entry.base is not None:
                # What was said before was said of how things stood then.
                base = Base(earlier.entry.base.link, base.slot if base else ())
        merged = replace(merged, base=base)
        if earlier is not None:
            self._end(earlier, "cancelled by {}" if back else "replaced by {}", self._next_key)
        came = self._come(merged)
        if takes_company(merged.edit):
            self._take_company(came, pair[0])
        if takes_main(merged.edit):
            self._take_main(came, pair[0])
        if back and earlier is not None:
            self.ended[came.key] = Ending("cancelled with {}", earlier.key, at_once=True)
        else:
            self._stand(came)
        return came.key

    def _add_move(self, entry: Entry) -> int:
        source, target = entry.edit.a, entry.edit.b
        earlier, back = self._move_of.get(source), self._move_of.get(target)
        same = earlier is not None and earlier.entry.edit.b == target
        if earlier is not None and same and entry.updated_by in (None, earlier.entry.updated_by):
            return earlier.key
        if back is not None and back.entry.edit.b != source:
            back = None
        if earlier is not None:
            self._end(earlier, "replaced by {}", self._next_key)
        if back is not None:
            self._end(back, "cancelled by {}", self._next_key)
        came = self._come(entry)
        if back is not None:
            self.ended[came.key] = Ending("cancelled with {}", back.key, at_once=True)
        else:
            self._stand(came)
        return came.key

    def _take_company(self, came: Standing, owner: Ref) -> None:
        earlier = self._company_of.get(owner)
        if earlier is not None:
            self._end(earlier, "replaced by {}, which names another company", came.key)

    def _take_main(self, came: Standing, owner: Ref) -> None:
        """Take the main flag from the edit that had it; what else that one said is queued anew."""
        earlier = self._main_of.get(owner)
        if earlier is None:
            return
        entry = earlier.entry
        said = replace(entry.edit.metadata, is_main=None)
        was_linked = entry.base is not None and entry.base.link is not None
        if entry.edit.verb is Verb.MAIN or (was_linked and said == _NOTHING):
            self._end(earlier, "replaced by {}, which names another main contact", came.key)
            return
        self._end(earlier, "replaced by {}, without the main flag", self._next_key)
        base = None if entry.base is None else Base(entry.base.link)
        edit = replace(entry.edit, metadata=said)
        self._stand(self._come(replace(entry, edit=edit, base=base, uuid="")))

    def _base(self, pair: Pair, entry: Entry) -> Base | None:
        takes_place = takes_company(entry.edit) or takes_main(entry.edit)
        if (
            pair in self._busy_pairs
            or not self._busy_moves.isdisjoint(pair)
            or (takes_place and pair[0] in self._busy_owners)
        ):
            return None
        return self.known.base_of(entry.edit) if entry.base is None else entry.base

    @property
    def _next_key(self) -> int:
        return -1 - len(self.came)

    def _come(self, entry: Entry) -> Standing:
        came = Standing(self._next_key, entry)
        self.came.append(came)
        return came

    def _stand_alone(self, standing: Standing) -> None:
        """Let an edit of the journal stand: what a push gave back may have been overtaken."""
        edit = standing.entry.edit
        earlier = (
            self._move_of.get(edit.a)
            if edit.verb is Verb.MOVE
            else self._of_pair.get(pair_of(edit.a, edit.b))
        )
        if earlier is not None:
            self._end(earlier, "replaced by {}", standing.key)
        if takes_company(edit):
            self._take_company(standing, edit.a)
        if takes_main(edit):
            self._take_main(standing, edit.a)
        self._stand(standing)

    def _stand(self, standing: Standing) -> None:
        edit = standing.entry.edit
        if edit.verb is Verb.MOVE:
            self._move_of[edit.a] = standing
            return
        pair = pair_of(edit.a, edit.b)
        self._of_pair[pair] = standing
        if takes_company(edit):
            self._company_of[pair[0]] = standing
        if takes_main(edit):
            self._main_of[pair[0]] = standing

    def _end(self, standing: Standing, text: str, other: int) -> None:
        self.ended[standing.key] = Ending(text, other)
        edit = standing.entry.edit
        if edit.verb is Verb.MOVE:
            del self._move_of[edit.a]
            return
        pair = pair_of(edit.a, edit.b)
        del self._of_pair[pair]
        if takes_company(edit):
            del self._company_of[pair[0]]
        if takes_main(edit):
            del self._main_of[pair[0]]

    def _keep_off(self, edit: Edit) -> None:
        if edit.verb is Verb.MOVE:
            self._busy_moves |= {edit.a, edit.b}
        else:
            self._busy_owners.add(edit.a)
            self._busy_pairs[edit.a, edit.b] = edit


def owner_first(edit: Edit) -> Edit:
    """An edit with its ends in the order of ownership; a move keeps its own."""
    if edit.verb is Verb.MOVE:
        return edit
    owner, other = pair_of(edit.a, edit.b)
    return replace(edit, a=owner, b=other)


def _said(edit: Edit) -> Metadata:
    return Metadata(is_main=True) if edit.verb is Verb.MAIN else edit.metadata


def _together(earlier: Entry, later: Entry) -> Entry:
    """What two edits of one pair come to: what the later one does not name is taken over."""
    if Verb.UNLINK in (earlier.edit.verb, later.edit.verb):
        return later
    before, after = _said(earlier.edit), _said(later.edit)
    said = Metadata(
        before.is_main if after.is_main is None else after.is_main,
        before.quantity if after.quantity is None else after.quantity,
        before.price_id if after.price_id is None else after.price_id,
    )
    both_main = earlier.edit.verb is later.edit.verb is Verb.MAIN
    edit = later.edit if both_main else Edit(Verb.LINK, later.edit.a, later.edit.b, said)
    by = earlier.updated_by if later.updated_by is None else later.updated_by
    return replace(later, edit=edit, updated_by=by)


def _says_the_same(earlier: Entry, later: Entry) -> bool:
    if later.updated_by not in (None, earlier.updated_by):
        return False
    if earlier.edit == later.edit:
        return True
    # «main» of what is linked is «link … main=yes».
    linked = earlier.base is not None and earlier.base.link is not None
    goes = Verb.UNLINK not in (earlier.edit.verb, later.edit.verb)
    return linked and goes and _said(earlier.edit) == _said(later.edit)


def _takes_back(earlier: Edit, later: Edit, base: Base | None) -> bool:
    """Whether two edits of one pair meet to nothing, by how the link stands."""
    if base is None:
        return False
    if later.verb is Verb.UNLINK:
        return earlier.verb is not Verb.UNLINK and base.link is None
    plain_link = later.verb is Verb.LINK and later.metadata == _NOTHING
    return plain_link and earlier.verb is Verb.UNLINK and base.link is not None
