"""Reading back after a push: what is so, what is not, and what else has changed on those cards.

Pure: nothing here reads or writes anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from linkgraph.edits.changes import Change, Way, in_words, same
from linkgraph.edits.entries import Pair
from linkgraph.edits.live import Live, Target
from linkgraph.edits.pushbook import Item
from linkgraph.edits.sending import ACCEPTED
from linkgraph.edits.states import State
from linkgraph.model import Metadata, Ref


@dataclass(frozen=True, slots=True)
class Surprise:
    """Something on the touched cards that no edit asked for."""

    pair: Pair
    told: str
    grave: bool = True
    """Whether it is reason enough to stop; a main flag that moved by itself is not."""
    quantity_added: bool = False

    def __str__(self) -> str:
        return f"{self.pair[0]} – {self.pair[1]}: {self.told}"


def judge(item: Item, live: Live) -> tuple[State, str]:
    """What a change that was sent has come to, and why, from the cards as they were read back."""
    change = item.change
    found = live.state(change.pair)
    if change.reached(found) and live.proves(change.pair):
        return State.VERIFIED, f"read back: {in_words(found)}"
    if not live.proves(change.pair):
        return State.UNKNOWN, f"the links of {change.pair[0]} could not be read back whole"
    if item.state in (State.UNKNOWN, State.FAILED):
        return item.state, f"{item.answer}; read back: {in_words(found)}"
    if was_added(item.change, found):
        assert found is not None
        return State.FAILED, f"the quantity was added, not set: read back as {in_words(found)}"
    if change.way is Way.REPLACE and found is None:
        wanted = in_words(change.after)
        return State.FAILED, f"it was unlinked, and is not linked again ({wanted} was wanted)"
    if item.answer == ACCEPTED:
        return State.FAILED, f"silently lost: accepted, and read back as {in_words(found)}"
    return State.FAILED, f"{item.answer}; read back: {in_words(found)}"


def was_added(change: Change, found: Metadata | None) -> bool:
    """Whether a quantity was added to the one that stood, where it should have been set."""
    return (
        found is not None
        and change.before is not None
        and change.write.quantity is not None
        and found.quantity == (change.before.quantity or 0) + change.write.quantity
    )


def surprises(
    before: Live, after: Live, items: Iterable[Item], others: Iterable[Item] = ()
) -> list[Surprise]:
    """What differs on the owners' cards from what the changes should have made of them.

    Args:
        before: the cards before anything was sent.
        after: the cards now.
        items: the changes that were sent; those of them that are not so are told of too.
        others: further changes of the push, of which nothing is told; those that are so were made
            before it was broken off, and are expected.
    """
    sent = list(items)
    further = [item for item in others if item.state not in (State.PLANNED, State.QUEUED)]
    # Some links are told by one end alone: of those whose end was not read again nothing is known.
    target = Target(before.only(after.cards))
    for item in (*further, *sent):
        # What was not done has no side effects either.
        if item.change.reached(after.state(item.change.pair)):
            target.put(item.change.pair, item.change.after)
    found: list[Surprise] = []
    for item in sent:
        surprise = _of_change(item, after.state(item.change.pair))
        if surprise is not None:
            found.append(surprise)
    own = {item.change.pair for item in (*further, *sent)}
    for owner in dict.fromkeys(item.change.pair[0] for item in sent):
        found += _of_owner(owner, target, after, own)
    return found


def _of_change(item: Item, found: Metadata | None) -> Surprise | None:
    change = item.change
    if change.reached(found):
        if change.exactly(found):
            return None
        only_main = (
            found is not None
            and change.after is not None
            and same(
                Metadata(None, found.quantity, found.price_id),
                Metadata(None, change.after.quantity, change.after.price_id),
                unsaid=change.write,
            )
        )
        told = f"is {in_words(found)}, where {in_words(change.after)} was expected"
        return Surprise(change.pair, told, grave=not only_main)
    if item.state is State.FAILED:
        return None  # it was refused, and that was told
    if was_added(change, found):
        assert found is not None
        told = f"the quantity was added, not set: it is {found.quantity} now"
        return Surprise(change.pair, told, quantity_added=True)
    return Surprise(change.pair, f"is {in_words(found)}, where {in_words(change.after)} was sent")


def _of_owner(owner: Ref, target: Target, after: Live, own: set[Pair]) -> Iterable[Surprise]:
    expected, found = target.links_of(owner), after.links_of(owner)
    for far in sorted({*expected, *found}, key=str):
        # Links of which the card is not the owner are told of with their owners.
        if far.type.rank < owner.type.rank or (owner, far) in own:
            continue
        was, now = expected.get(far), found.get(far)
        if same(was, now):
            continue
        if was is not None and now is not None and bool(was.is_main) != bool(now.is_main):
            rest = same(
                Metadata(None, was.quantity, was.price_id),
                Metadata(None, now.quantity, now.price_id),
            )
            yield Surprise((owner, far), f"is {in_words(now)} now, unasked", grave=not rest)
        else:
            yield Surprise((owner, far), f"was {in_words(was)}, is {in_words(now)} now, unasked")


def grave(found: Sequence[Surprise]) -> list[Surprise]:
    """Those that are reason enough to stop."""
    return [surprise for surprise in found if surprise.grave]
