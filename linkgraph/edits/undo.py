"""Taking a push back: the edits that restore the links as they were written down before it.

Only what the push did is taken back: the links that it changed, and those that gave way to them
(a main flag that moved, a company that was replaced). Each edit expects the link as the push left
it, so that what others have changed since is a conflict and not overwritten.

Pure: nothing here reads or writes anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from linkgraph.edit import Edit, Verb
from linkgraph.edits.changes import SINGLE_COMPANY, WITH_MAIN, in_words, same
from linkgraph.edits.entries import Base, Entry, Origin, Pair, Source
from linkgraph.edits.live import Links, Live
from linkgraph.edits.pushbook import Item
from linkgraph.edits.states import State
from linkgraph.model import EntityType, Metadata, Ref, Relation

_NEVER_SENT = (State.PLANNED, State.QUEUED, State.CONFLICT)


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes a push back."""

    entries: tuple[Entry, ...]
    impossible: tuple[str, ...]
    """What the API cannot express, in words."""


def inverse(push: int, items: Sequence[Item], before: Live, after: Live) -> Undo:
    """The edits that make links what they were before a push.

    Args:
        push: its number.
        items: its changes.
        before: the touched cards before it.
        after: the same cards when they were read back.
    """
    origin = Origin(Source.UNDO, f"push {push}")
    unlinks: list[Entry] = []
    links: list[Entry] = []
    impossible: list[str] = []
    pairs = list(_affected(items, before, after))
    regained = {
        pair[0] for pair in pairs if (was := before.state(pair)) is not None and was.is_main
    }
    places = _Places(before, after)
    for pair in pairs:
        was, now = before.state(pair), after.state(pair)
        if same(was, now):
            continue
        if was is None:
            unlinks.append(Entry(Edit(Verb.UNLINK, *pair), origin, base=Base(now)))
            continue
        if now is None and not places.gives_company(pair):
            impossible.append(f"{pair[0]} – {pair[1]}: only one of several companies can be linked")
            continue
        write = _to_say(was, now, regained=pair[0] in regained)
        if write.is_main and not places.gives_flag(pair):
            impossible.append(f"{pair[0]} – {pair[1]}: only one of several contacts can be main")
            write = replace(write, is_main=None)
        if pair[1].type is EntityType.ELEMENT and was.quantity is None:
            if now is None:
                impossible.append(f"{pair[0]} – {pair[1]}: linked anew it gets a quantity")
            elif now.quantity is not None:
                impossible.append(
                    f"{pair[0]} – {pair[1]}: a quantity cannot be taken away ({in_words(now)} now)"
                )
        if now is not None and write == Metadata():
            continue  # the flag goes back with its owner's former main contact
        slot = _holders(pair, write, after)
        links.append(Entry(Edit(Verb.LINK, *pair, write), origin, base=Base(now, slot)))
    return Undo((*unlinks, *links), tuple(impossible))


class _Places:
    """Who gets back the place that one may have: the company of a card, its main contact.

    An account may hold more than one from earlier times; of those the API can give back one, and
    none while another of them still holds the place.
    """

    def __init__(self, before: Live, after: Live) -> None:
        self._before = before
        self._after = after
        self._given: dict[tuple[Ref, EntityType], Ref] = {}

    def gives_company(self, pair: Pair) -> bool:
        """Whether a card's former company may be linked again."""
        owner, other = pair
        if other.type is not EntityType.COMPANY or owner.type not in SINGLE_COMPANY:
            return True
        now = self._after.links_of(owner)
        held = [far for far in self._former(owner, EntityType.COMPANY) if far in now]
        return self._given.setdefault((owner, other.type), held[0] if held else other) == other

    def gives_flag(self, pair: Pair) -> bool:
        """Whether a former main contact may be the main one again."""
        owner, other = pair
        now = self._after.links_of(owner)
        former = self._former(owner, EntityType.CONTACT)
        held = [
            far
            for far, link in former.items()
            if link.is_main and (there := now.get(far)) is not None and there.is_main
        ]
        return self._given.setdefault((owner, other.type), held[0] if held else other) == other

    def _former(self, owner: Ref, kind: EntityType) -> Links:
        links = self._before.links_of(owner)
        return {far: link for far, link in links.items() if far.type is kind}


def _affected(items: Sequence[Item], before: Live, after: Live) -> Iterator[Pair]:
    """The links that a push changed, and those of the same owners that gave way to them.

    Of changes that it never sent nothing is its doing, whatever became of their links.
    """
    items = [item for item in items if item.step or item.state not in _NEVER_SENT]
    own = {item.change.pair: None for item in items}
    yield from own
    seen = set(own)
    # One change of each owner and relation: the others have the same to say.
    for item in {(item.change.pair[0], item.change.relation): item for item in items}.values():
        for pair in _gave_way(item, before, after):
            if pair not in seen:
                seen.add(pair)
                yield pair


def _gave_way(item: Item, before: Live, after: Live) -> Iterable[Pair]:
    owner, other = item.change.pair
    if other.type is EntityType.COMPANY and owner.type in SINGLE_COMPANY:
        return [(owner, far) for far in before.links_of(owner) if far.type is EntityType.COMPANY]
    if item.change.relation in WITH_MAIN:
        # Of other contacts only the flag: that one was unlinked meanwhile is not the push's doing.
        mains, links = before.links_of(owner), after.links_of(owner)
        return [
            (owner, far)
            for far, link in mains.items()
            if far.type is EntityType.CONTACT
            and far in links
            and bool(link.is_main) != bool(links[far].is_main)
        ]
    return ()


def _to_say(was: Metadata, now: Metadata | None, *, regained: bool) -> Metadata:
    """What to say of a link so that it carries what it did."""
    there = now or Metadata()
    is_main = quantity = price_id = None
    if now is None:
        is_main = True if was.is_main else None
    elif bool(was.is_main) != bool(there.is_main):
        is_main = True if was.is_main else (None if regained else False)
    if was.quantity is not None and was.quantity != there.quantity:
        quantity = was.quantity
    if (was.price_id or 0) != (there.price_id or 0):
        price_id = was.price_id or 0
    return Metadata(is_main, quantity, price_id)


def _holders(pair: Pair, write: Metadata, after: Live) -> tuple[Ref, ...]:
    """Who holds the place that a link takes back."""
    owner, other = pair
    links = after.links_of(owner)
    if other.type is EntityType.COMPANY and owner.type in SINGLE_COMPANY:
        found = [far for far in links if far.type is EntityType.COMPANY]
    elif write.is_main and Relation.between(owner.type, other.type) in WITH_MAIN:
        found = [far for far in links if far.type is EntityType.CONTACT and links[far].is_main]
    else:
        found = []
    return tuple(sorted(found, key=lambda ref: ref.id))
