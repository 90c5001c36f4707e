"""What became of a push: a table by kind of link, whatever went wrong by name, and the way back.

In a pipe every change is a line with its state and the CRM's answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from linkgraph.cli import planwords, tables
from linkgraph.cli.lines import name_of
from linkgraph.cli.output import counted, narrate
from linkgraph.cli.screen import command, print_lines, row
from linkgraph.edits.changes import in_words
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.cardlines import CardLine
from queries.health import signed

if TYPE_CHECKING:
    from linkgraph.edits.pushbook import Item
    from linkgraph.edits.pushes import Pushed
    from linkgraph.edits.pushing import Outcome
    from queries.figures import Figures

Cards = Mapping[Ref, CardLine]

#: Of each kind of trouble the first so many.
_SHOWN = 10
_NAME = 28
#: How wide a column of the table is.
_NUMBER = 9
#: The columns of the table: the states in which a change may end, what they are called, and how.
_COLUMNS = (
    (State.VERIFIED, "verified", "green"),
    (State.FAILED, "failed", "red"),
    (State.UNKNOWN, "unknown", "red"),
    (State.CONFLICT, "conflict", "yellow"),
    (State.QUEUED, "not sent", "yellow"),
)
#: Changes that are under way still, of a push that was broken off.
_UNDER_WAY = {State.PLANNED: State.QUEUED, State.SENT: State.UNKNOWN}
_TROUBLE = {
    State.FAILED: "failed",
    State.UNKNOWN: "have an unknown outcome",
    State.CONFLICT: "were changed by others meanwhile",
}
_ENDS = {
    PushState.DONE: ("is done", "green"),
    PushState.STOPPED: ("stopped early", "red"),
    PushState.INTERRUPTED: ("was broken off", "yellow"),
    PushState.RUNNING: ("is under way", "yellow"),
}
_HEADER = (
    *("state", "what", "owner", "owner_name", "other", "other_name", "before", "wanted"),
    *("edits", "answer"),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """The health of the account before a push and after it."""

    before: Figures
    after: Figures
    words: Mapping[str, str]
    """What the rows of each problem question are called, by its name."""


def named(outcome: Outcome) -> list[Ref]:
    """All cards that the lines of an outcome name, each once."""
    refs = [end for item in outcome.items for end in item.change.pair]
    refs += [end for surprise in outcome.surprises for end in surprise.pair]
    return list(dict.fromkeys(refs))


def write(pushed: Pushed, cards: Cards, health: Compared | None = None) -> None:
    """Write what became of a push to stdout, in the form that suits it.

    Args:
        pushed: the push, and what the mirror made of it.
        cards: the lines of the cards it names (`named`), as far as they are known.
        health: the problems before and after it, if they were counted.
    """
    if not tables.is_terminal():
        tables.write_rows(_HEADER, _plain_lines(pushed.outcome, cards))
        _narrate_end(pushed.outcome)
        return
    print_lines(_lines(pushed, cards, health, tables.terminal().width))


def _narrate_end(outcome: Outcome) -> None:
    """How it ended, beside lines that go into a pipe."""
    why = "" if outcome.error is None else f": {plain(outcome.error.message, 500)}"
    narrate(f"push {outcome.push} {_ENDS[outcome.state][0]}{why}")
    if outcome.state is PushState.INTERRUPTED:
        narrate("go on from where it was broken off: linkgraph edits push")


def _lines(pushed: Pushed, cards: Cards, health: Compared | None, width: int) -> Iterator[Text]:
    outcome = pushed.outcome
    ended, colour = _ENDS[outcome.state]
    resumed = ", taken up again" if outcome.resumed else ""
    line = Text().append(f"Push {outcome.push} {ended}{resumed}", f"bold {colour}")
    yield line.append(f" · {counted(outcome.requests, 'request')}", "dim")
    if outcome.error is not None:
        yield Text().append("why: ", "red").append(plain(outcome.error.message, 500))
        if outcome.error.hint:
            yield Text(f"     {plain(outcome.error.hint, 300)}", style="dim")
    yield from _table(outcome.items, width)
    for state, words in _TROUBLE.items():
        yield from _named(state, words, outcome.items, cards)
    yield from _surprises(outcome, cards)
    if health is not None:
        yield from _health(health)
    yield Text()
    yield from _snapshot(pushed)
    yield from _next(outcome)


def _table(items: Sequence[Item], width: int) -> Iterator[Text]:
    """How many changes of each relation and kind came to what; without columns where narrow."""
    counts: dict[tuple[str, str], Counter[State]] = {}
    for item in items:
        key = str(item.change.relation), planwords.kind_of(item.change)
        counts.setdefault(key, Counter())[_state(item)] += 1
    if not counts:
        yield Text("nothing was to be done")
        return
    used = [column for column in _COLUMNS if any(own[column[0]] for own in counts.values())]
    across = max(len(relation) for relation, _ in counts) + len("  unlink")
    narrow = 2 + across + (2 + _NUMBER) * len(used) > width
    yield Text()
    if not narrow:
        titles = "".join(f"  {title:>{_NUMBER}}" for _, title, _ in used)
        yield row().append(f"  {'':<{across}}{titles}", "dim")
    for (relation, kind), own in sorted(counts.items()):
        line = row().append(f"  {f'{relation}  {kind}':<{across}}")
        for state, title, colour in used:
            if own[state] and narrow:
                line.append(f"  {own[state]:,} {title}", colour)
            elif not narrow:
                line.append(f"  {f'{own[state]:,}' if own[state] else '':>{_NUMBER}}", colour)
        yield line


def _named(state: State, words: str, items: Sequence[Item], cards: Cards) -> Iterator[Text]:
    """The changes that ended in a state, with what the CRM said."""
    found = [item for item in items if _state(item) is state]
    if not found:
        return
    yield Text()
    told = words.replace("have ", "has ").replace("were ", "was ") if len(found) == 1 else words
    yield Text(f"{counted(len(found), 'change')} {told}", style="bold red")
    for item in found[:_SHOWN]:
        sign = planwords.SIGNS[planwords.kind_of(item.change)]
        line = row().append(f"  {sign} ", "red")
        yield _pair(line, item.change.pair, cards)
        if item.answer:
            yield Text(f"      {plain(item.answer, 300)}")
    if len(found) > _SHOWN:
        yield Text(f"  … and {len(found) - _SHOWN:,} more", style="dim")
        yield command(f"linkgraph edits list --state {state}")


def _surprises(outcome: Outcome, cards: Cards) -> Iterator[Text]:
    """What differs on the touched cards that nobody asked for."""
    found = outcome.surprises
    if not found:
        return
    yield Text()
    yield Text(f"{counted(len(found), 'surprise')}: nobody asked for this", style="bold yellow")
    for surprise in found[:_SHOWN]:
        yield _pair(row().append("  ! ", "yellow"), surprise.pair, cards)
        yield Text(f"      {plain(surprise.told, 300)}")
    if len(found) > _SHOWN:
        yield Text(f"  … and {len(found) - _SHOWN:,} more", style="dim")


def _pair(line: Text, pair: tuple[Ref, Ref], cards: Cards) -> Text:
    for place, ref in enumerate(pair):
        line.append(" — " if place else "", "dim").append(f"{ref} ", "cyan")
        line.append_text(name_of(cards.get(ref) or CardLine(ref, is_known=False), _NAME))
    return line


def _health(health: Compared) -> Iterator[Text]:
    """The problems before and after, of what was counted both times, and what moved."""
    was, now = health.before.found, health.after.found
    both = [name for name in now if name in was]
    total = [sum(found[name].count for name in both) for found in (was, now)]
    change = total[1] - total[0]
    yield Text()
    line = Text().append(f"Health: {total[0]:,} → {total[1]:,} problems", "bold")
    yield line.append(f"  {signed(change) or '±0'}", _colour(change))
    for name in both:
        before, after = was[name].count, now[name].count
        if before != after:
            line = row().append(f"  {before:>7,} → {after:<7,} ")
            line.append(f"{signed(after - before):>7}  ", _colour(after - before))
            yield line.append(plain(health.words.get(name, name), 100))


def _colour(change: int) -> str:
    return "red" if change > 0 else "green" if change else ""


def _snapshot(pushed: Pushed) -> Iterator[Text]:
    if pushed.mirrored is not None:
        yield Text(f"snapshot {pushed.mirrored.snapshot.number} has what was read back")
        return
    if pushed.unmirrored:
        why = plain(pushed.unmirrored, 300)
        yield Text(f"the mirror does not have it yet ({why}); it comes with:", style="yellow")
    else:
        yield Text("no snapshot was published; a sync that is running brings it, else:")
    yield command("linkgraph sync")


def _next(outcome: Outcome) -> Iterator[Text]:
    """How to go on, and how to go back."""
    if outcome.state is PushState.INTERRUPTED:
        yield Text("go on from where it was broken off:")
        yield command("linkgraph edits push")
    if outcome.count(State.VERIFIED):
        yield Text("take it back:")
        yield command(f"linkgraph edits undo {outcome.push}")


def _state(item: Item) -> State:
    return _UNDER_WAY.get(item.state, item.state)


def _plain_lines(outcome: Outcome, cards: Cards) -> Iterator[list[Any]]:
    for item in outcome.items:
        change = item.change
        ends = [
            text
            for ref in change.pair
            for text in (str(ref), (cards[ref].name or "") if ref in cards else "")
        ]
        states = [in_words(change.before), in_words(change.after)]
        edits = " ".join(map(str, change.edits))
        kind = planwords.kind_of(change)
        yield [item.state, kind, *ends, *states, edits, item.answer]
