"""What became of a push, on a screen and in a pipe, and how it is watched."""

import sys
from dataclasses import replace

import pytest
from rich.cells import cell_len

from linkgraph.cli import pushlines, pushprogress
from linkgraph.edits.plan import Forecast
from linkgraph.edits.pushbook import Item, PushState
from linkgraph.edits.pushes import Pushed
from linkgraph.edits.pushing import Outcome, Phase, PushProgress
from linkgraph.edits.states import State
from tests.cli import outcomes, plans
from tests.terminal import in_terminal, without_escapes


@pytest.mark.parametrize("columns", [48, 100])
def test_a_screen_of_any_width(columns: int) -> None:
    """Counts, failures by name with the CRM's words, surprises, health, the way back."""
    command = [sys.executable, "-m", "tests.cli.outcomes"]
    text = without_escapes(in_terminal(command, columns=columns, rows=200, NO_COLOR="1"))
    lines = text.splitlines()

    assert "\x1b" not in text
    assert max(map(cell_len, lines)) <= columns
    assert lines[0].startswith("Push 7 stopped early · 19 requests")
    assert "why: the CRM refuses all writes (403)" in lines
    assert "1 change failed" in lines
    assert "refused:" in text
    assert "␛[31m" in text
    assert "1 change has an unknown outcome" in lines
    assert "1 surprise: nobody asked for this" in lines
    assert "Health: 15 → 12 problems  −3" in lines  # of what was counted both times
    assert "contacts linked to" in text
    assert "the mirror does not have it yet (a sync␛[31m is" in text
    assert "    linkgraph sync" in lines
    assert "    linkgraph edits undo 7" in lines
    for state in ("verified", "failed", "unknown", "conflict", "not sent"):
        assert state in text


def test_in_a_pipe_every_change_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With its state, its edits and the CRM's words."""
    pushlines.write(outcomes.PUSHED, plans.CARDS, outcomes.HEALTH)
    header, *rows = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    found = [dict(zip(header, row, strict=True)) for row in rows]

    assert [row["state"] for row in found] == [str(state) for state, _ in outcomes.STATES]
    assert found[2]["answer"].startswith("refused: ␛[31m")
    assert (found[3]["before"], found[3]["wanted"]) == ("linked, main", "linked")


def lines_of(outcome: Outcome, unmirrored: str = "") -> str:
    """What a wide terminal would show of a push that the mirror has not taken in."""
    pushed = Pushed(outcome, None, unmirrored)
    return "\n".join(line.plain for line in pushlines._lines(pushed, {}, None, 100))


def test_a_push_that_was_broken_off_can_be_taken_up() -> None:
    """How to go on is told; what is under way counts as unknown, the rest as not sent."""
    items = tuple(
        Item(change, state)
        for change, state in zip(plans.CHANGES, [State.SENT, *[State.PLANNED] * 5], strict=True)
    )
    outcome = replace(
        outcomes.OUTCOME, state=PushState.INTERRUPTED, items=items, error=None, surprises=()
    )
    text = lines_of(outcome, "the disk is full")

    assert "was broken off" in text
    assert "linkgraph edits push" in text
    assert "undo" not in text
    assert "1 change has an unknown outcome" in text
    assert "(the disk is full)" in text
    assert "linkgraph sync" in text


def test_a_push_that_went_well_says_nothing_of_trouble() -> None:
    """Only the counts, the snapshot and the way back."""
    items = tuple(Item(change, State.VERIFIED) for change in plans.CHANGES)
    outcome = replace(outcomes.OUTCOME, state=PushState.DONE, items=items, error=None, surprises=())
    text = lines_of(outcome)

    assert "Push 7 is done" in text
    for word in ("failed", "unknown", "why", "surprise", "Health", "not sent"):
        assert word not in text
    assert "linkgraph edits undo 7" in text


def test_very_many_failures_are_cut_and_listed_elsewhere() -> None:
    """The first are named, the others counted, with the command that lists them."""
    item = Item(plans.CHANGES[0], State.FAILED, answer="refused")
    outcome = replace(outcomes.OUTCOME, items=(item,) * 500)
    text = lines_of(outcome)

    assert text.count("      refused") == 10
    assert "… and 490 more" in text
    assert "linkgraph edits list --state failed" in text


def test_watched_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A line when a phase begins, with how far it is and what is left by the plan's forecast."""
    told: list[tuple[int, Phase]] = [
        (0, "checking"),
        (10, "sending"),
        (10, "sending"),
        (50, "publishing"),
    ]
    with pushprogress.shown(Forecast(50, 50, 100.0)) as watch:
        for requests, phase in told:
            watch(PushProgress(phase, changes=10_000, sent=400, requests=requests, held_for=5))
    lines = capsys.readouterr().err.splitlines()

    assert len(lines) == 3
    assert "checking" in lines[0]
    assert "publishing · 50 requests" in lines[2]
    assert "sending · 10 requests, 400 of 10,000 links sent" in lines[1]
    assert "waiting 0:05 more as the CRM asked (429)" in lines[1]
    assert "about 1:30 left" in lines[1]


def test_watched_in_a_terminal() -> None:
    """Live lines that are wiped at the end: they never stay above the result."""
    code = (
        "from linkgraph.cli import pushprogress\n"
        "from linkgraph.edits.pushing import PushProgress\n"
        "with pushprogress.shown() as watch:\n"
        "    watch(PushProgress('sending', changes=100, sent=40, requests=3))\n"
        "print('after')"
    )
    text = without_escapes(in_terminal([sys.executable, "-c", code], columns=80))

    assert text.split()[-1] == "after"
    assert "40 of 100" not in text.splitlines()[-1]
