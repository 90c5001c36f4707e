"""The journal of pushes: every change with its state, written down before and after each request.

Invariants: a change is marked as sent, on disk, before its request leaves; an edit's state follows
from the states of its changes and is moved in the same transaction; the state of all touched cards
before the push is written down with its plan.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, update

from linkgraph.edits.changerows import cards_of, change_of, in_json, put_cards, row_of, state_of
from linkgraph.edits.changes import Change, Way, same
from linkgraph.edits.entries import Pair
from linkgraph.edits.journal import Journal, in_parts
from linkgraph.edits.live import Live
from linkgraph.edits.states import State, together
from linkgraph.edits.tables import CHANGES, PUSHES
from linkgraph.errors import PlanStale
from linkgraph.mirror.clock import now
from linkgraph.model import Metadata, Ref
from linkgraph.plaintext import plain

_ANSWER = 500
"""Characters kept of an answer."""


class PushState(StrEnum):
    """What has become of a push."""

    RUNNING = "running"
    """Under way, or broken off by a kill."""
    INTERRUPTED = "interrupted"
    """Broken off; the next push takes it up again."""
    STOPPED = "stopped"
    """Ended early, for good: what was not sent is back in the queue."""
    DONE = "done"


#: Pushes that are to be taken up again.
OPEN_PUSHES = (PushState.RUNNING, PushState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class PushRecord:
    """One push as the journal has it."""

    id: int
    began_at: datetime
    ended_at: datetime | None
    by: str
    state: PushState
    undo_of: int | None
    requests: int
    note: str
    counts: Mapping[State, int]
    """Its changes, by state."""


@dataclass(slots=True)
class Item:
    """A change on its way through a push."""

    change: Change
    state: State = State.PLANNED
    step: int = 0
    """The step of its way that comes next, or that was sent last."""
    tries: int = 0
    """Requests that this step was sent in."""
    answer: str = ""
    """What came of the last one; empty while nothing did."""

    @property
    def number(self) -> int:
        """The change's number within the push."""
        return self.change.number

    @property
    def verb(self) -> str:
        """What the step at hand asks of the API."""
        return self.change.way.steps[self.step]


class PushBook:
    """One push's page in the journal.

    All methods raise `HomeUnusable` where the file cannot be read or written.
    """

    def __init__(self, journal: Journal, push: int, items: Sequence[Item]) -> None:
        self.journal = journal
        self.id = push
        self.items = list(items)
        self._of_edit: dict[int, list[Item]] = {}
        for item in items:
            for edit in item.change.edits:
                self._of_edit.setdefault(edit, []).append(item)
        self.waiting = len(self.those(State.PLANNED))
        """How many changes are planned, and not sent yet."""
        self._told: dict[int, State] = {
            edit: together(item.state for item in found) for edit, found in self._of_edit.items()
        }

    @classmethod
    def begin(
        cls, journal: Journal, changes: Sequence[Change], before: Live, undo_of: int | None
    ) -> "PushBook":
        """Write down a push that is about to begin, with all cards as they stand.

        Raises:
            PlanStale: others have dropped, replaced or pushed an edit meanwhile; nothing is
                written down.
        """
        moment = now()
        edits = sorted({edit for change in changes for edit in change.edits})
        with journal.file.writing() as connection:
            check_waiting(journal, edits, connection)
            result = connection.execute(
                insert(PUSHES).values(
                    uuid=str(uuid4()),
                    began_at=moment,
                    by=journal.by,
                    state=PushState.RUNNING.value,
                    undo_of=undo_of,
                )
            )
            assert result.inserted_primary_key is not None  # SQLite always tells it
            push = int(result.inserted_primary_key[0])
            if changes:
                connection.execute(
                    insert(CHANGES), [row_of(push, change, moment) for change in changes]
                )
            put_cards(connection, push, before, "before")
            note = f"push {push} is about to send it"
            journal.move(edits, State.PLANNED, note, push=push, on=connection)
        return cls(journal, push, [Item(change) for change in changes])

    @classmethod
    def open_one(cls, journal: Journal) -> "PushBook | None":
        """The push that was broken off, if there is one."""
        with journal.file.reading() as connection:
            push = connection.scalar(
                select(func.min(PUSHES.c.push_id)).where(
                    PUSHES.c.state.in_([state.value for state in OPEN_PUSHES])
                )
            )
            return None if push is None else cls(journal, push, _items(connection, push))

    @classmethod
    def of(cls, journal: Journal, push: int) -> "PushBook":
        """A push by its number; without changes where there is none of that number."""
        with journal.file.reading() as connection:
            return cls(journal, push, _items(connection, push))

    def those(self, *states: State) -> list[Item]:
        """The changes that are in one of some states."""
        return [item for item in self.items if item.state in states]

    def record(self) -> PushRecord:
        """The push as it stands."""
        return records(self.journal, self.id)[0]

    # Moving on

    def mark(
        self,
        items: Iterable[Item],
        state: State,
        answer: str,
        *,
        step: int | None = None,
        tries: int = 0,
        reason: str = "",
    ) -> None:
        """Put changes into a state, and their edits into what follows from it.

        Args:
            items: the changes.
            state: their new state.
            answer: what caused it; kept with the change.
            step: the step of their way that they are at now; None leaves it.
            tries: requests to count.
            reason: what to tell of it where that is more than the answer.
        """
        moved = list(items)
        if moved:
            with self._moving(moved) as connection:
                self._mark(connection, moved, state, answer, step=step, tries=tries, reason=reason)

    def mark_verdicts(self, verdicts: Mapping[tuple[State, str], Sequence[Item]]) -> None:
        """Put changes into states for the answers that caused them, all at once."""
        with self._moving([item for items in verdicts.values() for item in items]) as connection:
            for (state, answer), items in verdicts.items():
                self._mark(connection, items, state, answer)

    def change_way(self, items: Iterable[Item], way: Way, write: Mapping[int, Metadata]) -> None:
        """Make changes in another way from here on, saying `write` (by number)."""
        moved = list(items)
        with self._moving(moved) as connection:
            for item in moved:
                item.change = replace(item.change, way=way, write=write[item.number])
                item.step = item.tries = 0
                connection.execute(
                    update(CHANGES)
                    .where(CHANGES.c.push_id == self.id, CHANGES.c.number == item.number)
                    .values(
                        way=way.value,
                        write=in_json(item.change.write),
                        step=0,
                        tries=0,
                    )
                )

    def release(self, items: Sequence[Item], reason: str) -> None:
        """Take changes out of the push that were never sent: their edits go back to the queue.

        An edit of which something else failed, or may have, says that instead.
        """
        if not items:
            return
        numbers = {item.number for item in items}
        with self._moving(items) as connection:
            for item in items:
                item.state, item.answer = State.QUEUED, plain(reason, _ANSWER)
            for part in in_parts(sorted(numbers)):
                connection.execute(
                    update(CHANGES)
                    .where(CHANGES.c.push_id == self.id, CHANGES.c.number.in_(part))
                    .values(state=State.QUEUED.value, answer=plain(reason, _ANSWER), moved_at=now())
                )
            news: dict[tuple[State, str], list[int]] = {}
            for edit in dict.fromkeys(edit for item in items for edit in item.change.edits):
                found = self._of_edit[edit]
                state = together(item.state for item in found)
                if state is not self._told[edit]:
                    self._told[edit] = state
                    causes = (item.answer for item in found if item.state is state)
                    why = reason if state is State.QUEUED else next(causes)
                    news.setdefault((state, why), []).append(edit)
            for (state, why), edits in news.items():
                self.journal.move(edits, state, why, push=self.id, on=connection)

    def keep_cards(self, live: Live) -> None:
        """Write down the touched cards as they are after the push."""
        with self.journal.file.writing() as connection:
            put_cards(connection, self.id, live, "after")

    def end(self, state: PushState, requests: int, note: str = "") -> None:
        """Note how the push ended, or was broken off."""
        with self.journal.file.writing() as connection:
            connection.execute(
                update(PUSHES)
                .where(PUSHES.c.push_id == self.id)
                .values(
                    state=state.value,
                    ended_at=now(),
                    requests=PUSHES.c.requests + requests,
                    note=plain(note, _ANSWER),
                )
            )

    def cards(self, moment: str) -> Live:
        """The touched cards as they were «before» or «after» the push."""
        with self.journal.file.reading() as connection:
            return cards_of(connection, self.id, moment)

    @contextmanager
    def _moving(self, items: Sequence[Item]) -> Iterator[Connection]:
        """A transaction that moves changes: where it fails, they are what the disk says."""
        before = [(item, replace(item)) for item in items]
        told = dict(self._told)
        try:
            with self.journal.file.writing() as connection:
                yield connection
        except BaseException:
            for item, was in before:
                item.change, item.state, item.step = was.change, was.state, was.step
                item.tries, item.answer = was.tries, was.answer
            self._told = told
            raise
        self.waiting += sum(
            (item.state is State.PLANNED) - (was.state is State.PLANNED) for item, was in before
        )

    def _mark(
        self,
        connection: Connection,
        moved: Sequence[Item],
        state: State,
        answer: str,
        *,
        step: int | None = None,
        tries: int = 0,
        reason: str = "",
    ) -> None:
        answer = plain(answer, _ANSWER)
        alike: dict[tuple[int, int], list[int]] = {}
        for item in moved:
            item.state, item.answer = state, answer
            item.tries += tries
            if step is not None and step != item.step:
                item.step, item.tries = step, 0
            alike.setdefault((item.step, item.tries), []).append(item.number)
        for (at_step, tried), numbers in alike.items():
            for part in in_parts(numbers):
                connection.execute(
                    update(CHANGES)
                    .where(CHANGES.c.push_id == self.id, CHANGES.c.number.in_(part))
                    .values(
                        state=state.value, answer=answer, step=at_step, tries=tried, moved_at=now()
                    )
                )
        self._follow(connection, moved, reason or answer)

    def _follow(self, connection: Connection, moved: Sequence[Item], reason: str) -> None:
        news: dict[tuple[State, str], list[int]] = {}
        states = {item.state for item in moved}
        for edit in dict.fromkeys(edit for item in moved for edit in item.change.edits):
            found = self._of_edit[edit]
            state = together(item.state for item in found)
            if state is not self._told[edit]:
                self._told[edit] = state
                causes = (item.answer for item in found if item.state is state)
                why = reason if state in states else next(causes)
                news.setdefault((state, why), []).append(edit)
        for (state, why), edits in news.items():
            self.journal.move(edits, state, why, push=self.id, on=connection)


def check_waiting(journal: Journal, edits: Iterable[int], on: Connection) -> None:
    """Refuse a plan of which an edit may not be pushed any more.

    Raises:
        PlanStale: one was dropped, replaced or pushed since.
    """
    waiting = journal.waiting(on)
    gone = [edit for edit in edits if edit not in waiting]
    if gone:
        raise PlanStale(
            f"since the plan was made, edit #{gone[0]} was dropped, replaced or pushed",
            hint="make a new one: linkgraph edits plan",
        )


def records(journal: Journal, push: int | None = None) -> list[PushRecord]:
    """Pushes, newest first: all, or one."""
    with journal.file.reading() as connection:
        query = select(PUSHES).order_by(PUSHES.c.push_id.desc())
        counting = select(CHANGES.c.push_id, CHANGES.c.state, func.count()).group_by(
            CHANGES.c.push_id, CHANGES.c.state
        )
        if push is not None:
            query = query.where(PUSHES.c.push_id == push)
            counting = counting.where(CHANGES.c.push_id == push)
        counts: dict[int, dict[State, int]] = {}
        for push_id, state, count in connection.execute(counting):
            counts.setdefault(push_id, {})[State(state)] = count
        return [
            PushRecord(
                row["push_id"],
                row["began_at"],
                row["ended_at"],
                row["by"],
                PushState(row["state"]),
                row["undo_of"],
                row["requests"],
                row["note"],
                counts.get(row["push_id"], {}),
            )
            for row in connection.execute(query).mappings()
        ]


def mark_undone(journal: Journal, push: int, live: Live, undo: int) -> None:
    """Note that a later push took a push's edits back.

    Args:
        journal: the journal.
        push: the push that was taken back.
        live: the cards that the other one has read back.
        undo: the number of the push that did so.
    """
    book = PushBook.of(journal, push)
    back = [
        item
        for item in book.those(State.VERIFIED)
        if item.change.pair[0] in live.cards
        and same(live.state(item.change.pair), item.change.before)
    ]
    book.mark(back, State.UNDONE, f"push {undo} took it back")


def _items(connection: Connection, push: int) -> list[Item]:
    rows = connection.execute(
        select(CHANGES).where(CHANGES.c.push_id == push).order_by(CHANGES.c.number)
    ).mappings()
    return [
        Item(change_of(row), State(row["state"]), row["step"], row["tries"], row["answer"])
        for row in rows
    ]


def verified_since(journal: Journal, moment: datetime) -> dict[Pair, Metadata | None]:
    """Links that pushes have verified since a moment, with what they carry; None: not linked."""
    return {pair: state for pair, (state, _) in verified_changes(journal, moment).items()}


def verified_changes(
    journal: Journal, moment: datetime
) -> dict[Pair, tuple[Metadata | None, tuple[int, ...]]]:
    """The same links, with the edits that wanted each so; in the order in which they came to be."""
    with journal.file.reading() as connection:
        rows = connection.execute(
            select(CHANGES.c.owner, CHANGES.c.other, CHANGES.c.after, CHANGES.c.edits)
            .where(CHANGES.c.state == State.VERIFIED.value, CHANGES.c.moved_at >= moment)
            .order_by(CHANGES.c.moved_at)
        )
        found: dict[Pair, tuple[Metadata | None, tuple[int, ...]]] = {}
        for owner, other, after, edits in rows:
            pair = Ref.parse(owner), Ref.parse(other)
            found.pop(pair, None)  # its last change is what counts, in its order too
            found[pair] = state_of(after), tuple(edits)
        return found
