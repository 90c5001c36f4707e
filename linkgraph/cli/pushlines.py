"""What became of a push: a table by kind of link, whatever went wrong by name, and the way back.

In a pipe every change is a line with its state and the CRM's answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from linkgraph.cli import tables
from linkgraph.cli.lines import name_of
from linkgraph.cli.output import narrate
from linkgraph.cli.screen import command, print_lines, row
from linkgraph.edits.changes import in_words
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.states import State
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from linkgraph.wording import outcomewords, planwords
from linkgraph.wording.numbers import counted
from queries.cardlines import CardLine
from queries.health import signed

if TYPE_CHECKING:
    from linkgraph.edits.pushbook import Item
    from linkgraph.edits.pushes import Pushed
    from linkgraph.edits.pushing import Outcome
    from linkgraph.wording.mirrored import Compared

Cards = Mapping[Ref, CardLine]

#: Of each kind of trouble the first so many.
_SHOWN = 10
_NAME = 28
#: How wide a column of the table is.
_NUMBER = 9
#: How states and ends are coloured.
_COLOURS = {
    State.VERIFIED: "green",
    State.FAILED: "red",
    State.UNKNOWN: "red",
    PushState.DONE: "green",
    PushState.STOPPED: "red",
}
_MIND = "yellow"
_HEADER = (
    *("state", "what", "owner", "owner_name", "other", "other_name", "before", "wanted"),
    *("edits", "answer"),
)


def write(pushed: Pushed, cards: Cards, health: Compared | None = None) -> None:
    """Write what became of a push to stdout, in the form that suits it.

    Args:
        pushed: the push, and what the mirror made of it.
        cards: the lines of the cards it names (`outcomewords.named`), as far as they are known.
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
    narrate(f"push {outcome.push} {outcomewords.PUSH_ENDS[outcome.state]}{why}")
    if outcome.state is PushState.INTERRUPTED:
        narrate("go on from where it was broken off: linkgraph edits push")


def _lines(pushed: Pushed, cards: Cards, health: Compared | None, width: int) -> Iterator[Text]:
    outcome = pushed.outcome
    ended = outcomewords.PUSH_ENDS[outcome.state]
    colour = _COLOURS.get(outcome.state, _MIND)
    resumed = ", taken up again" if outcome.resumed else ""
    line = Text().append(f"Push {outcome.push} {ended}{resumed}", f"bold {colour}")
    yield line.append(f" · {counted(outcome.requests, 'request')}", "dim")
    if outcome.error is not None:
        yield Text().append("why: ", "red").append(plain(outcome.error.message, 500))
        if outcome.error.hint:
            yield Text(f"     {plain(outcome.error.hint, 300)}", style="dim")
    yield from _table(outcome.items, width)
    for state in outcomewords.TROUBLE:
        yield from _named(state, outcome.items, cards)
    yield from _surprises(outcome, cards)
    if health is not None:
        yield from _health(health)
    yield Text()
    yield from _snapshot(pushed)
    yield from _next(outcome)


def _table(items: Sequence[Item], width: int) -> Iterator[Text]:
    """How many changes of each relation and kind came to what; without columns where narrow."""
    counts = outcomewords.tally(items)
    if not counts:
        yield Text("nothing was to be done")
        return
    titles = outcomewords.ENDS
    used = [state for state in titles if any(own[state] for own in counts.values())]
    across = max(len(relation) for relation, _ in counts) + len("  unlink")
    narrow = 2 + across + (2 + _NUMBER) * len(used) > width
    yield Text()
    if not narrow:
        heading = "".join(f"  {titles[state]:>{_NUMBER}}" for state in used)
        yield row().append(f"  {'':<{across}}{heading}", "dim")
    for (relation, kind), own in counts.items():
        line = row().append(f"  {f'{relation}  {kind}':<{across}}")
        for state in used:
            colour = _COLOURS.get(state, _MIND)
            if own[state] and narrow:
                line.append(f"  {own[state]:,} {titles[state]}", colour)
            elif not narrow:
                line.append(f"  {f'{own[state]:,}' if own[state] else '':>{_NUMBER}}", colour)
        yield line


def _named(state: State, items: Sequence[Item], cards: Cards) -> Iterator[Text]:
    """The changes that ended in a state, with what the CRM said."""
    found = [item for item in items if outcomewords.end_of(item) is state]
    if not found:
        return
    yield Text()
    yield Text(outcomewords.trouble(state, len(found)), style="bold red")
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
    was, now = health.total
    yield Text()
    line = Text().append(f"Health: {was:,} → {now:,} problems", "bold")
    yield line.append(f"  {signed(now - was) or '±0'}", _colour(now - was))
    for words, before, after in health.moved:
        line = row().append(f"  {before:>7,} → {after:<7,} ")
        line.append(f"{signed(after - before):>7}  ", _colour(after - before))
        yield line.append(plain(words, 100))


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
