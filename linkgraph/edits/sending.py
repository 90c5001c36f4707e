"""Sending changes as mass requests, and finding out what became of those that were not answered.

The law (design, «Edits»): a change is marked as sent before its request leaves. Only a definite
refusal allows sending it again at once, and even then what stands is read first, since a refusal
may have come after a part was done. After anything else the outcome is unknown: the links are read
until they are still, and only what is missing is sent again, in halves. A quantity whose outcome is
unknown is never sent again: where the account adds, it would be there twice.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import UNSET

from linkgraph.amocrm import AmoClient, wire
from linkgraph.amocrm.wire_links import LinkItem
from linkgraph.edits import habits
from linkgraph.edits.batches import Turn, batches, turn_of
from linkgraph.edits.changes import LEAVING, LINKING, Change, Way, everything
from linkgraph.edits.live import Live
from linkgraph.edits.pushbook import Item, PushBook
from linkgraph.edits.reading import Reader
from linkgraph.edits.states import State
from linkgraph.errors import (
    ApiError,
    ConnectionFailed,
    FieldProblem,
    GatewayTimeout,
    InvalidAnswer,
    LinkgraphError,
    NotAmoCRM,
    NotFound,
    RateLimited,
    ReadOnly,
    RequestRefused,
    RequestTooLong,
    RightsMissing,
    ServerFailed,
)
from linkgraph.model import EntityType, Metadata, Ref

_UNSURE = (ConnectionFailed, ServerFailed, InvalidAnswer, RequestTooLong)
_TOO_MUCH = (GatewayTimeout, RequestTooLong)
#: Requests without an answer, one after the other, after which it is not the items that are wrong.
_HOPELESS = 10
#: How often a change that goes alone is sent, each time after reading that it is not so.
_ALONE = 3
#: Readings of links that do not come to rest.
_READINGS = 5
#: The application's own failure, unlike what a gateway says in its stead.
_FAILED = 500
ACCEPTED = "accepted"
RESTORING = "refused, and linked again as it was"


class Interrupted(LinkgraphError):
    """The push was asked to stop between two requests."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How to send."""

    batch: int = 50
    """Items in a request: what the CRM recommends (amocrm-api, section 4)."""
    in_flight: int = 4
    """Requests under way at once."""
    settle: float = 5.0
    """Seconds in which a request that was not answered may still be done."""


class Sender:
    """Sends the changes of a push.

    Args:
        client: an open client.
        book: the push's page in the journal.
        reader: reads what is live.
        how: sizes and waits.
        stop: asked before every request; True ends the sending.
        told: called after every step, for those who look on.
    """

    def __init__(
        self,
        client: AmoClient,
        book: PushBook,
        reader: Reader,
        how: Sending,
        stop: Callable[[], bool],
        told: Callable[[], None],
    ) -> None:
        self._client = client
        self._book = book
        self._reader = reader
        self._how = how
        self._stop = stop
        self._told = told
        known = habits.known(book.journal).max_items
        self._size = min(how.batch, known) if known else how.batch
        self._shrunk = False
        """Whether fewer items are sent than before, and none of those were answered yet."""
        self._replaced: set[int] = set()
        """Changes that are unlinked and linked anew since linking them again was refused."""
        self._unanswered = 0
        self._halted: LinkgraphError | None = None

    async def send(self, items: Sequence[Item]) -> None:
        """Send all of `items` that are planned, turn by turn; each ends sent, failed or unknown.

        Raises:
            Interrupted: it was asked to stop; the rest is still planned.
            ApiError: the CRM refuses all writes, or answers none; the rest is still planned.
            ReadOnly: the client may not write; nothing was sent.
        """
        leaving = False
        while waiting := [item for item in items if item.state is State.PLANNED]:
            turn = min(turn_of(item.change, item.step) for item in waiting)
            if turn.phase == LEAVING and not leaving:
                leaving = True  # the last phase: all that waits is about to leave
                await self._keep_what_has_no_place(waiting)
                continue
            await self._take_turn(
                [item for item in waiting if turn_of(item.change, item.step) == turn]
            )

    async def settle(self, items: Sequence[Item]) -> None:
        """Find out what became of changes that got no answer, and send what is missing.

        Raises: as `send`.
        """
        self._book.mark(items, State.UNKNOWN, "sent, and no answer was seen")
        for group in _by_turn(items):
            left = await self._settled(group)
            for batch in batches(left, max(1, self._size // 2), _owner):
                if (error := await self._request(batch)) is not None:
                    await self._mend(batch, error)

    async def _keep_what_has_no_place(self, items: Sequence[Item]) -> None:
        """Leave out the unlinks of moves whose links are not read to stand elsewhere.

        What was accepted may be lost all the same, and the link would be at neither card then.
        """
        moved = {edit for item in items for edit in item.change.edits}
        links = [
            item
            for item in self._book.items
            if item.change.phase == LINKING and not moved.isdisjoint(item.change.edits)
        ]
        made = [item for item in links if item.state in (State.VERIFIED, State.PLANNED)]
        sent = [item for item in links if item.answer == ACCEPTED and item.state is State.SENT]
        if sent:
            live = await self._reader.links(map(_owner, sent))
            if late := [item for item in sent if not is_so(item, live)]:
                await self._client.pacer.rest(self._how.settle)
                live = live.with_more(await self._reader.links(map(_owner, late)))
            made += [item for item in sent if is_so(item, live)]
        numbers = {item.number for item in made}
        missing: dict[int, set[Ref]] = {}
        for item in links:
            if item.number not in numbers:
                for edit in item.change.edits:
                    missing.setdefault(edit, set()).update(item.change.pair)
        kept = [
            item
            for item in items
            if any(
                not missing.get(edit, set()).isdisjoint(item.change.pair)
                for edit in item.change.edits
            )
        ]
        self._book.release(kept, "not sent: the link that takes its place was not made")

    async def _take_turn(self, items: Sequence[Item]) -> None:
        """Send one turn's items until all have left, or some request went wrong."""
        waiting = deque(batches(items, self._size, _owner))
        trouble: list[tuple[list[Item], ApiError]] = []

        async def work() -> None:
            while waiting and not trouble and self._halted is None:
                batch = waiting.popleft()
                error = await self._request(batch)
                if error is not None:
                    trouble.append((batch, error))

        # What is under way is waited for, whatever becomes of the others.
        ended = await asyncio.gather(
            *(work() for _ in range(self._how.in_flight)), return_exceptions=True
        )
        problems = [problem for problem in ended if isinstance(problem, BaseException)]
        if problems:
            raise self._halted or problems[0]
        for batch, error in trouble:
            await self._mend(batch, error)

    async def _request(self, batch: list[Item]) -> ApiError | None:
        """Send one batch; returns the error that leaves it open what became of its items."""
        if self._halted is not None:
            raise self._halted
        self._go_on()
        book, verb, side = self._book, batch[0].verb, batch[0].change.side
        book.mark(batch, State.SENT, "", tries=1)
        self._told()
        try:
            refused = await self._write(verb, side, [item_of(item.change, verb) for item in batch])
        except RequestRefused as error:
            self._unanswered = 0
            book.mark(batch, State.SENT, error.message)
            return error
        except NotAmoCRM as error:
            raise self._halt(batch, State.UNKNOWN, error) from error
        except _UNSURE as error:
            self._unanswered += 1
            if self._unanswered >= _HOPELESS:
                raise self._halt(batch, State.UNKNOWN, error) from error
            # At once: before it is mended, another batch may end it all.
            book.mark(batch, State.UNKNOWN, error.message)
            return error
        except (RateLimited, ReadOnly) as error:  # nothing was done
            raise self._halt(batch, State.PLANNED, error) from error
        except (RightsMissing, NotFound) as error:  # refused, and so would be all others
            raise self._halt(batch, State.FAILED, error) from error
        except ApiError as error:  # no token, no account: for all others too
            raise self._halt(batch, State.UNKNOWN, error) from error
        self._unanswered = 0
        self._accept(batch, refused)
        if self._shrunk:
            # Now that fewer were answered: where none are, it was not the number.
            habits.learn(book.journal, max_items=self._size)
            self._shrunk = False
        self._told()
        return None

    def _go_on(self) -> None:
        if self._stop():
            raise Interrupted("stopped before the next request", hint="linkgraph edits push")

    async def _write(
        self, verb: str, side: EntityType, items: list[LinkItem]
    ) -> tuple[FieldProblem, ...]:
        if verb == "unlink":
            await self._client.mass_unlink(side, items)
            return ()
        answer: wire.LinkSet = await self._client.mass_link(side, items)
        return answer.problems

    def _halt(self, batch: Sequence[Item], state: State, error: LinkgraphError) -> LinkgraphError:
        self._book.mark(batch, state, error.message)
        self._halted = error
        return error

    def _accept(self, batch: Sequence[Item], refused: tuple[FieldProblem, ...] = ()) -> None:
        """What was answered is sent; whether it is so is for the reading back to say."""
        named = {problem.item: str(problem) for problem in refused}
        onward = [item for item in batch if item.step + 1 < len(item.change.way.steps)]
        self._book.mark(onward, State.PLANNED, "unlinked, to be linked anew", step=1)
        rest = [(number, item) for number, item in enumerate(batch) if item not in onward]
        taken = [one for n, one in rest if n not in named]
        self._book.mark(taken, State.SENT, ACCEPTED)
        self._learn_from(taken)
        for number, item in rest:
            if number in named:
                self._book.mark([item], State.SENT, named[number])

    async def _mend(self, batch: list[Item], error: ApiError, alone: int = 1) -> None:
        """Deal with a batch that may not be done; `alone` counts the tries of a lone item."""
        if isinstance(error, RequestRefused):
            left = await self._refused(batch, error)
        else:
            if isinstance(error, _TOO_MUCH):
                self._size = max(1, min(self._size, (len(batch) + 1) // 2))
                self._shrunk = True
            left = await self._settled(batch, error)
        await self._send_halves(batch, left, error, alone)

    async def _send_halves(
        self, batch: Sequence[Item], left: list[Item], error: ApiError, alone: int
    ) -> None:
        """Send what is left of a batch again; what cannot be is given up, or done another way."""
        self._told()
        if not left:
            return
        if len(batch) == 1:
            item = left[0]
            if self._may_be_replaced(item, error, alone):
                self._replace_from_here_on([item])
                return
            if isinstance(error, RequestRefused) or alone >= _ALONE:
                await self._give_up(item, error.message)
                return
        fewer = isinstance(error, RequestRefused) and len(left) < len(batch)
        size = len(left) if fewer else (len(left) + 1) // 2
        for part in (left[:size], left[size:]):
            if part and (again := await self._request(part)) is not None:
                await self._mend(part, again, alone + 1 if len(batch) == 1 else 1)

    async def _refused(self, batch: list[Item], error: RequestRefused) -> list[Item]:
        """Fail the items that a refusal names; returns the others that are not so yet."""
        named: dict[int, str] = {}
        for problem in error.problems:
            if problem.item is not None and problem.item < len(batch):
                named.setdefault(problem.item, problem.detail or problem.code)
        live = await self._read(batch)
        done = [item for item in batch if is_so(item, live)]
        self._accept(done)
        left: list[Item] = []
        for number, item in enumerate(batch):
            if item in done:
                continue
            if number in named and not (len(batch) == 1 and self._may_be_replaced(item, error, 1)):
                if item.step:
                    await self._give_up(item, named[number])
                else:
                    self._book.mark([item], State.FAILED, f"refused: {named[number]}")
            else:
                left.append(item)
        return left

    async def _settled(self, batch: Sequence[Item], error: ApiError | None = None) -> list[Item]:
        """Read until two readings agree; returns what is not so and may be sent again."""
        before: list[Metadata | None] | None = None
        live = Live({}, ())
        for _ in range(_READINGS):
            await self._client.pacer.rest(self._how.settle)
            self._go_on()
            live = await self._read(batch)
            states = [live.state(item.change.pair) for item in batch]
            if states == before or all(is_so(item, live) for item in batch):
                break
            before = states
        self._accept([item for item in batch if is_so(item, live)])
        missing = [item for item in batch if not is_so(item, live)]
        if error is not None and error.status == _FAILED:
            # An answer, not silence: unlinking first leaves nothing that could add up.
            anew = [item for item in missing if _only_once(item) and _relinks(item)]
            self._replace_from_here_on(anew)
        return [item for item in missing if item.state is State.UNKNOWN and not _only_once(item)]

    def _may_be_replaced(self, item: Item, error: ApiError, alone: int) -> bool:
        """Whether it may be the linking again as such that the account refuses."""
        if not _relinks(item):
            return False
        if isinstance(error, RequestRefused):
            return not any(problem.path.startswith("metadata") for problem in error.problems)
        return error.status == _FAILED and alone > 1

    def _replace_from_here_on(self, items: Sequence[Item]) -> None:
        """Unlink and link anew, to see whether it was the linking again that was refused."""
        if items:
            self._replaced.update(item.number for item in items)
            self._replace(items)
            self._book.mark(items, State.PLANNED, "linking again is refused: unlink, then link")

    def _replace(self, items: Sequence[Item]) -> None:
        write = {
            item.number: everything(item.change.after or Metadata(), item.change.relation)
            for item in items
        }
        self._book.change_way(items, Way.REPLACE, write)

    def _learn_from(self, linked: Sequence[Item]) -> None:
        """Where linking anew came through, it was the linking again: all others go that way too.

        A price that does not exist is refused either way, and says nothing of the account.
        """
        if self._replaced.isdisjoint(item.number for item in linked):
            return
        self._replaced.clear()
        habits.learn(self._book.journal, relink_refused=True)
        self._replace([item for item in self._book.those(State.PLANNED) if _relinks(item)])

    async def _give_up(self, item: Item, why: str) -> None:
        """A change that cannot be made; a link that was unlinked for it is restored."""
        change = item.change
        if change.way is not Way.REPLACE or item.step == 0 or change.before is None:
            self._book.mark([item], State.FAILED, f"refused: {why}")
            return
        self._book.mark([item], State.SENT, f"{RESTORING}: {why}", tries=1)
        write = everything(change.before, change.relation)
        try:
            problems = await self._write("link", change.side, [item_of(change, "link", write)])
        except ApiError as error:
            problems = (FieldProblem(None, "", "", error.message),)
        told = f"; restoring it failed: {problems[0]}" if problems else ""
        self._book.mark([item], State.FAILED, f"{RESTORING}: {why}{told}")

    async def _read(self, batch: Sequence[Item]) -> Live:
        return await self._reader.links(ends(batch))


def ends(items: Sequence[Item]) -> list[Ref]:
    """The cards at both ends of the links of some changes that tell their links."""
    found = dict.fromkeys(ref for item in items for ref in item.change.pair)
    return [ref for ref in found if ref.type is not EntityType.ELEMENT]


def is_so(item: Item, live: Live) -> bool:
    """Whether the step at hand of a change is done, as far as can be read."""
    found = live.state(item.change.pair)
    if item.verb == "unlink":
        return found is None and live.proves(item.change.pair)
    return found is not None and item.change.reached(found)


def _only_once(item: Item) -> bool:
    """Whether an item must not be sent again while it may still be done: it says a quantity."""
    return item.verb == "link" and item.change.write.quantity is not None


def _relinks(item: Item) -> bool:
    return item.change.way is Way.RELINK


def _owner(item: Item) -> Ref:
    return item.change.pair[0]


def _by_turn(items: Sequence[Item]) -> list[list[Item]]:
    """Items by their turns, in order."""
    groups: dict[Turn, list[Item]] = {}
    for item in items:
        groups.setdefault(turn_of(item.change, item.step), []).append(item)
    return [groups[turn] for turn in sorted(groups)]


def item_of(change: Change, verb: str, write: Metadata | None = None) -> LinkItem:
    """A change as an item of a mass request; what is unsaid is not sent.

    Args:
        change: the change.
        verb: the API's verb, link or unlink.
        write: what to say of the link, where that is not what the change says.
    """
    said = change.write if write is None else write
    owner, other = change.pair
    item = LinkItem.to(
        other,
        owner=owner,
        is_main=UNSET if said.is_main is None else said.is_main,
        quantity=UNSET if said.quantity is None else said.quantity,
        price_id=UNSET if said.price_id is None else said.price_id or None,
        updated_by=UNSET if change.updated_by is None else change.updated_by,
    )
    return item.unlinking() if verb == "unlink" else item
