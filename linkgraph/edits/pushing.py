"""One push from its check to its reading back.

The live links are read once more and must give the same plan; a few edits of each kind go first and
are read back before the rest; then all goes, in batches; then every touched card is read back. It
may be killed at any moment: the book says what was sent, and `resume` finds out the rest.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from linkgraph.amocrm import AmoClient
from linkgraph.edits import habits
from linkgraph.edits.batches import canary, kind_of
from linkgraph.edits.changes import (
    FREEING,
    LEAVING,
    LINKING,
    SINGLE_COMPANY,
    WITH_MAIN,
    Change,
    Way,
    same,
)
from linkgraph.edits.entries import Pair
from linkgraph.edits.journal import Journal
from linkgraph.edits.live import Live, Target
from linkgraph.edits.plan import CANARY, Plan
from linkgraph.edits.planning import outline
from linkgraph.edits.pushbook import Item, PushBook, PushState, mark_undone
from linkgraph.edits.reading import Reader
from linkgraph.edits.sending import ACCEPTED, Interrupted, Sender, Sending, ends, is_so
from linkgraph.edits.states import State
from linkgraph.edits.verifying import Surprise, grave, judge, surprises
from linkgraph.errors import LinkgraphError, PlanStale
from linkgraph.mirror.ledger import Ledger
from linkgraph.model import EntityType, Metadata, Ref, Relation

_CONTESTED = "sent, and no answer was seen; others have given its place away meanwhile"
Phase = Literal["checking", "trying a few", "sending", "settling", "reading back", "publishing"]


@dataclass(slots=True)
class PushProgress:
    """How far a push is."""

    phase: Phase = "checking"
    changes: int = 0
    """All that are to be made."""
    sent: int = 0
    """Those that are not waiting any more."""
    requests: int = 0
    held_for: float = 0.0
    """Seconds for which the CRM has asked that nothing be sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a push came to."""

    push: int
    state: PushState
    items: tuple[Item, ...]
    """Its changes, each with its state and what was answered."""
    surprises: tuple[Surprise, ...]
    error: LinkgraphError | None
    """What stopped it or broke it off."""
    resumed: bool
    requests: int

    def count(self, state: State) -> int:
        """How many of its changes are in a state."""
        return sum(1 for item in self.items if item.state is state)

    def those(self, *states: State) -> list[Item]:
        """Its changes that are in one of some states."""
        return [item for item in self.items if item.state in states]

    @property
    def is_clean(self) -> bool:
        """Whether all was done, every change was read back as wanted, and nothing else was."""
        done = self.state is PushState.DONE and not grave(self.surprises)
        return done and all(item.state is State.VERIFIED for item in self.items)


class Surprised(LinkgraphError):
    """The first few edits had effects that nobody asked for; the rest was not sent."""


@dataclass(slots=True)
class Pushing:
    """What a push works with."""

    client: AmoClient
    """Open."""
    journal: Journal
    ledger: Ledger
    reader: Reader
    how: Sending
    watch: Callable[[PushProgress], None]
    stop: Callable[[], bool]
    """Asked before every request; True breaks the push off between two of them."""
    progress: PushProgress = field(default_factory=PushProgress)

    async def push(self, plan: Plan) -> Outcome:
        """Push a plan.

        Raises:
            PlanStale: what is live gives another plan by now; nothing was sent.
            ApiError: the CRM did not answer the check; nothing was sent.
        """
        self._tell("checking")
        live = await self.reader.links(plan.cards)
        known = habits.known(self.journal)
        again = outline(plan.pushed, live, plan.absent, known)
        if differing := _differing(plan.changes, again.changes):
            raise PlanStale(
                f"since the plan was made, {differing} changed; nothing was sent",
                hint="look at the new plan: linkgraph edits plan",
            )
        self.ledger.touch(plan.cards)
        book = PushBook.begin(self.journal, plan.changes, live, plan.undo_of)
        return await self._run(book, live, live, resumed=False)

    async def resume(self, book: PushBook, *, settle_only: bool = False) -> Outcome:
        """Take up a push that was broken off: find out what became of it, then send the rest.

        Args:
            book: the push.
            settle_only: send nothing more; what was not sent goes back to the queue.

        Raises:
            ApiError: the CRM did not answer; nothing more was sent.
        """
        self._tell("settling", book)
        before = book.cards("before")
        self.ledger.touch(before.cards)
        live = await self.reader.links(before.cards)
        _note_what_changed(book, before, live)
        if settle_only:
            book.mark(_unanswered(book), State.UNKNOWN, "sent, and no answer was seen")
            _let_go(book, "only what was sent was settled")
        return await self._run(book, before, live, resumed=True, settle_only=settle_only)

    def tell_publishing(self) -> None:
        """Tell that the push is at its end, and that the mirror gets what was read back."""
        self._tell("publishing")

    async def _run(
        self,
        book: PushBook,
        before: Live,
        found_so: Live,
        *,
        resumed: bool,
        settle_only: bool = False,
    ) -> Outcome:
        sender = Sender(
            self.client, book, self.reader, self.how, self.stop, lambda: self._tell(None, book)
        )
        error: LinkgraphError | None = None
        found: list[Surprise] = []
        try:
            if resumed and not settle_only:
                # What others have taken the place of is read back, and not sent again.
                open_ = [item for item in _unanswered(book) if item.answer != _CONTESTED]
                await sender.settle(open_)
            await self._try_a_few(book, sender, found_so, found)
            self._tell("sending", book)
            await sender.send(book.items)
        except LinkgraphError as problem:
            error = problem
        if isinstance(error, Interrupted):
            self.ledger.touch(before.cards)  # what a sync has read before the last write is old
            return self._end(book, PushState.INTERRUPTED, error, found, resumed=resumed)
        try:
            self._tell("reading back", book)
            found += await self._read_back(book, before)
        except LinkgraphError as problem:
            return self._end(book, PushState.INTERRUPTED, error or problem, found, resumed=resumed)
        _let_go(book, f"the push stopped: {error.message}" if error else "the push ended")
        state = PushState.DONE if error is None else PushState.STOPPED
        return self._end(book, state, error, found, resumed=resumed)

    async def _try_a_few(
        self, book: PushBook, sender: Sender, before: Live, found: list[Surprise]
    ) -> None:
        """Send a few changes of each kind that was not tried yet, and look at what came of them.

        `before` is how things stood when the push began or was taken up again: what others did
        while it lay broken off is no effect of it.
        """
        waiting = {item.number: item for item in book.items if item.state is State.PLANNED}
        tried = frozenset(
            kind_of(item.change) for item in book.items if item.state is State.VERIFIED
        )
        few = [
            waiting[change.number]
            for change in canary([item.change for item in waiting.values()], CANARY, tried)
        ]
        if not few:
            return
        self._tell("trying a few", book)
        # What is linked already by itself: an account that refuses it refuses the whole request.
        others = [item for item in few if item.change.way is not Way.RELINK]
        await sender.send([item for item in others if item.change.phase != LEAVING])
        await sender.send(few)
        if not book.those(State.PLANNED):
            return  # there is no rest to spare: all is read back at once
        sent = [item for item in few if item.state is not State.QUEUED]  # the rest was left out
        live = await self._settled(sent)
        now_sent = {item.number for item in sent}
        earlier = [item for item in book.items if item.number not in now_sent]
        found += self._surprises(before, live, sent, earlier)
        serious = grave(found)
        if serious:
            # Before all else: whoever takes this up after a kill is not to send the rest either.
            _let_go(book, "the push stopped: the first few changes had effects of their own")
        self._judge(book, sent, live)
        if serious:
            more = f" (and {len(serious) - 1} more)" if len(serious) > 1 else ""
            raise Surprised(
                f"the first {len(few)} changes had effects that nobody asked for: "
                f"{serious[0]}{more}; the rest was not sent",
                hint=f"look at the cards; to take back what was done: "
                f"linkgraph edits undo {book.id}",
            )

    async def _read_back(self, book: PushBook, before: Live) -> list[Surprise]:
        """Read all touched cards and say of each change what has become of it."""
        self.ledger.touch(before.cards)  # after the last write: what was read before it is old
        sent = [
            item
            for item in book.items
            if item.state in (State.SENT, State.UNKNOWN, State.FAILED, State.VERIFIED)
        ]
        live = await self._settled(sent, before.cards)
        told = self._surprises(before, live, sent)
        self._judge(book, sent, live)
        book.keep_cards(live)
        self._undone(book, live)
        failed = {item.change.pair for item in book.those(State.FAILED, State.UNKNOWN)}
        return [surprise for surprise in told if surprise.pair not in failed]

    async def _settled(self, items: Sequence[Item], cards: Iterable[Ref] | None = None) -> Live:
        """Read items' cards, those that are not so once more after a while."""
        live = await self.reader.links(ends(items) if cards is None else cards)
        open_ = (item for item in items if item.state in (State.SENT, State.UNKNOWN))
        late = [item for item in open_ if not is_so(item, live)]
        if late:
            await self.client.pacer.rest(self.how.settle)
            live = live.with_more(await self.reader.links(ends(late)))
        return live

    def _surprises(
        self, before: Live, live: Live, sent: Sequence[Item], others: Iterable[Item] = ()
    ) -> list[Surprise]:
        found = surprises(before, live, sent, others)
        if any(surprise.quantity_added for surprise in found):
            habits.learn(self.journal, quantity_adds=True)
        return found

    def _judge(self, book: PushBook, items: Iterable[Item], live: Live) -> None:
        verdicts: dict[tuple[State, str], list[Item]] = {}
        for item in items:
            verdict = judge(item, live)
            if item.state in (State.VERIFIED, State.FAILED) and verdict[0] is not State.VERIFIED:
                continue  # that was said, and why
            if item.state is not verdict[0]:
                verdicts.setdefault(verdict, []).append(item)
        book.mark_verdicts(verdicts)

    def _undone(self, book: PushBook, live: Live) -> None:
        """Where this push took another back, say so of the other's edits."""
        undone = book.record().undo_of
        if undone is not None:
            mark_undone(self.journal, undone, live, book.id)

    def _end(
        self,
        book: PushBook,
        state: PushState,
        error: LinkgraphError | None,
        found: list[Surprise],
        *,
        resumed: bool,
    ) -> Outcome:
        requests = self.client.stats.requests
        book.end(state, requests, error.message if error else "")
        self._tell(None, book)
        told = tuple(dict.fromkeys(found))
        return Outcome(book.id, state, tuple(book.items), told, error, resumed, requests)

    def _tell(self, phase: Phase | None, book: PushBook | None = None) -> None:
        if phase is not None:
            self.progress.phase = phase
        if book is not None:
            self.progress.changes = len(book.items)
            self.progress.sent = len(book.items) - book.waiting
        self.progress.requests = self.client.stats.requests
        self.progress.held_for = self.client.pacer.held_for
        self.watch(self.progress)


def _unanswered(book: PushBook) -> list[Item]:
    """What was sent, or may have been, and was not answered."""
    return [
        item
        for item in book.items
        if item.state is State.UNKNOWN or (item.state is State.SENT and item.answer != ACCEPTED)
    ]


def _let_go(book: PushBook, why: str) -> None:
    """Take out of a push what waits in it; what has been unlinked already is not as it was.

    Neither is a link whose place was freed for it: planned anew, nothing would tell what stood
    there, and a move would not find what it was to take along.
    """
    waiting = book.those(State.PLANNED)
    freed = {
        _place(item, edit)
        for item in book.those(State.SENT, State.UNKNOWN, State.VERIFIED)
        if item.change.phase == FREEING
        for edit in item.change.edits
    }
    half_done = [item for item in waiting if item.step]
    robbed = [
        item
        for item in waiting
        if item.change.phase == LINKING
        and item.change.before is None
        and not freed.isdisjoint(_place(item, edit) for edit in item.change.edits)
    ]
    book.mark(half_done, State.FAILED, f"unlinked, and not linked anew: {why}")
    book.mark(robbed, State.FAILED, f"not linked, and what made room for it is unlinked: {why}")
    book.release(book.those(State.PLANNED), f"not sent, {why}")


def _place(item: Item, edit: int) -> tuple[int, Ref, Relation]:
    """What an edit changes at a card, as far as one link may take the place of another."""
    return edit, item.change.pair[0], item.change.relation


def _note_what_changed(book: PushBook, before: Live, live: Live) -> None:
    """Leave out of a push what was changed by others while it lay broken off."""
    target = Target(before)
    for item in book.items:
        if item.state not in (State.PLANNED, State.CONFLICT) and is_so(item, live):
            target.put(item.change.pair, item.change.after if item.verb == "link" else None)
    own = {item.change.pair for item in book.items}
    contested = [
        item
        for item in _unanswered(book)
        if not is_so(item, live) and _is_taken(item.change, target, live, own)
    ]
    book.mark(contested, State.UNKNOWN, _CONTESTED)
    changed = []
    for item in book.items:
        if item.state is not State.PLANNED:
            continue
        now = live.state(item.change.pair)
        expected = None if item.step else target.state(item.change.pair)
        differs = not same(now, expected) and not same(now, item.change.before)
        if differs or _is_taken(item.change, target, live, own):
            changed.append(item)
    done: list[Item] = []
    others: list[Item] = []
    for item in changed:
        so = item.change.reached(live.state(item.change.pair))
        (done if so else others).append(item)
    book.mark(done, State.SENT, ACCEPTED, reason="found to be so when the push was taken up again")
    book.mark(others, State.CONFLICT, "changed by others while the push lay broken off")


def _is_taken(change: Change, target: Target, live: Live, own: Collection[Pair]) -> bool:
    """Whether somebody else has given the place meanwhile that a link is to take."""
    owner, other = change.pair
    if change.after is None:
        return False
    was, now = target.links_of(owner), live.links_of(owner)
    if other.type is EntityType.COMPANY and owner.type in SINGLE_COMPANY:
        held = {far for far in now if far.type is EntityType.COMPANY and far not in was}
    elif change.write.is_main and change.relation in WITH_MAIN:
        held = {far for far, link in now.items() if link.is_main and not _is_main(was.get(far))}
    else:
        return False
    return any((owner, far) not in own for far in held)


def _is_main(link: Metadata | None) -> bool:
    return link is not None and bool(link.is_main)


def _differing(planned: Sequence[Change], again: Sequence[Change]) -> str:
    """What is not as planned any more, in words; nothing where all is."""

    def of(changes: Sequence[Change]) -> dict[Pair, object]:
        return {one.pair: (one.before, one.after, one.write, one.way) for one in changes}

    was, is_now = of(planned), of(again)
    pairs = [pair for pair in {**was, **is_now} if was.get(pair) != is_now.get(pair)]
    if not pairs:
        return ""
    first = " – ".join(map(str, pairs[0]))
    return first if len(pairs) == 1 else f"{first} and {len(pairs) - 1} more links"
