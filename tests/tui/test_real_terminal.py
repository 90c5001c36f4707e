"""The installed program in a real terminal: keys, paste, mouse, sizes, colours, kill -9."""

import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from linkgraph.edits.states import State
from linkgraph.simulator import Simulator
from tests.tui.homes import ACCOUNT, session_of
from tests.tui.tmux import Terminal, installed, needs_tmux
from tui.faults import LOG
from tui.state import FILE

pytestmark = pytest.mark.slow
#: A code that sets colours or looks: its numbers.
_SGR = re.compile(r"\x1b\[([\d;]*)m")


def _is_grey(index: int) -> bool:
    """Whether one of 256 colours is none: black, white, the greys, and those of the colour cube."""
    if index >= 16 and index < 232:
        red, rest = divmod(index - 16, 36)
        return red == rest // 6 == rest % 6
    return index in (0, 7, 8, 15) or index >= 232


def _colours(shown: str) -> set[str]:
    """The codes in what a terminal was sent that set a colour which is no grey."""
    found: set[str] = set()
    for code in _SGR.finditer(shown):
        numbers = [int(number or 0) for number in code[1].split(";")]
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48) and numbers[:1] == [5]:
                if not _is_grey(numbers[1]):
                    found.add(code[0])
                del numbers[:2]
            elif number in (38, 48):
                if len(set(numbers[1:4])) > 1:
                    found.add(code[0])
                del numbers[:4]
            elif number % 10 in range(1, 7) and number // 10 in (3, 4, 9, 10):
                found.add(code[0])
    return found


@pytest.fixture(autouse=True)
def _tmux() -> None:
    needs_tmux()


def _browser(
    home: Path, *, columns: int = 120, rows: int = 36, environment: Mapping[str, str] | None = None
) -> Terminal:
    command = [installed(), "browse", "--home", str(home)]
    return Terminal(command, columns=columns, rows=rows, **(environment or {}))


def _wait_for_bytes(path: Path, wanted: bytes) -> None:
    deadline = time.monotonic() + 60
    while not path.exists() or wanted not in path.read_bytes():
        assert time.monotonic() < deadline, f"{path.name} never had {wanted!r}"
        time.sleep(0.1)


def _states(home: Path) -> list[State]:
    with session_of(home) as session:
        return [edit.state for edit in session.edits.list(states=State)]


def test_from_a_search_over_a_queued_edit_to_a_verified_push(
    crm: Simulator, tmp_path: Path
) -> None:
    """Start, search, walk, queue, plan, push, see it verified in the graph, and quit."""
    home = tmp_path / "home"
    with _browser(home) as terminal:
        terminal.wait_for("snapshot 1")
        terminal.press("/")
        terminal.wait_for("Search all cards")
        terminal.type("Anna Pet")
        terminal.wait_for("contact:201")
        terminal.press("Enter")
        terminal.wait_for("companies 1", "Roof for the office")
        terminal.press("Right")  # into the lead
        terminal.wait_for("contacts 2 · companies 1 · elements 2", "Tile, red")

        terminal.press("x")  # its main contact, which the cursor is on
        terminal.wait_for("1 queued")
        terminal.press("4", "p")
        terminal.wait_for("1 to unlink")
        terminal.press("P")
        terminal.wait_for("account test")
        terminal.press("y")
        terminal.wait_for("Push 1 is done", "1 verified")
        terminal.press("1")
        terminal.wait_for("lead:101", "snapshot 2", "queue empty")
        terminal.press("C-q")

        assert not terminal.ended()
    gone = [link for link in crm.world.to_dict()["links"] if link["entity_id"] == 101]
    assert 201 not in [link["to_entity_id"] for link in gone]
    assert _states(home) == [State.VERIFIED]


def test_two_addresses_on_the_clipboard_become_a_queued_link_in_six_keys(
    own_home: Path,
) -> None:
    """/, paste, enter, a, paste, enter."""
    with session_of(own_home) as session:
        lead, contact = (
            str(session.card(session.ref(ref)).line.url) for ref in ("lead:104", "contact:204")
        )
    with _browser(own_home) as terminal:
        terminal.wait_for("snapshot 1")
        terminal.press("/")
        terminal.paste(lead)
        terminal.press("Enter")
        terminal.wait_for("lead:104")
        terminal.press("a")
        terminal.paste(contact)
        terminal.press("Enter")
        terminal.wait_for("1 queued", "Customer's Friend")
        terminal.press("C-q")
        terminal.ended()
    with session_of(own_home) as session:
        [edit] = session.edits.list()
    assert {str(edit.edit.a), str(edit.edit.b)} == {"lead:104", "contact:204"}


def test_a_kill_loses_nothing(own_home: Path) -> None:
    """After kill -9 the browser opens where it was, and the queue is there."""
    with _browser(own_home) as terminal:
        terminal.wait_for("snapshot 1")
        terminal.press("/")
        terminal.type("company:302")
        terminal.wait_for("Steel & Sons")
        terminal.press("Enter")
        terminal.wait_for("leads 1 · contacts 1")
        terminal.press("x")
        terminal.wait_for("1 queued")
        # What is kept is written within a second; the queue is on disk before it is told of.
        _wait_for_bytes(own_home / ACCOUNT / FILE, b'"id":302')
        os.kill(terminal.pid, signal.SIGKILL)

    with _browser(own_home) as again:
        again.wait_for("1 queued", "company:302", "Steel & Sons")
        again.press("u")  # what this browser did not queue it does not take back
        again.press("C-q")
        assert not again.ended()
    assert _states(own_home) == [State.QUEUED]


def test_a_terminal_may_be_resized_and_clicked_in(own_home: Path) -> None:
    """From 80×24 to 200×60 and back everything stays in reach, by mouse too."""
    exported = {"COLUMNS": "80", "LINES": "24"}  # by a shell that asked once; the terminal knows
    with _browser(own_home, columns=80, rows=24, environment=exported) as terminal:
        terminal.wait_for("snapshot 1", "most links")
        terminal.resize(200, 60)
        terminal.wait_for("linkgraph   1 Browse")
        column, row = terminal.place_of("5 Changes")
        terminal.click(column + 3, row)
        terminal.wait_for("Snapshot 1")
        terminal.resize(80, 24)
        terminal.wait_for("linkgraph   1 Browse", gone=True)
        terminal.wait_for("Snapshot 1", "5 Changes")
        terminal.press("C-q")

        assert not terminal.ended()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"TERM": "screen-256color"}, True), ({"NO_COLOR": "1"}, False)],
    ids=["256 colours", "no colours"],
)
def test_colours_are_those_the_terminal_has(
    own_home: Path, environment: dict[str, str], coloured: bool
) -> None:
    """In 256 colours nothing asks for more; without, all is grey, and signs tell the rest."""
    with _browser(own_home, environment=environment) as terminal:
        terminal.wait_for("snapshot 1")
        terminal.press("/")
        terminal.type("lead:101")
        terminal.wait_for("Roof for the office")
        terminal.press("Enter")
        terminal.wait_for("contacts 2 · companies 1 · elements 2", "Tile, red")
        terminal.press("x")
        terminal.wait_for("1 queued", "−1")
        shown = terminal.screen(colours=True)
        terminal.press("C-q")
        terminal.ended()

    assert bool(_colours(shown)) is coloured
    assert "38;2;" not in shown
    assert "★" in shown
    assert "−" in shown


#: The program with a mistake in it: what its first argument says, done to it before it starts.
_WITH_A_FAULT = """
import sys
from tui.browse import BrowseScreen
from tui.linklist import LinkList

def fail(*_):
    token = "a-local-value"
    raise RuntimeError("what went wrong")

exec(sys.argv[1])
from linkgraph.cli import main
sys.exit(main(["browse", "--home", sys.argv[2]]))
"""


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ("LinkList.action_move = fail", "Down"),
        ("BrowseScreen.tell = lambda self: self.links.marks and fail()", "Space"),
    ],
    ids=["in a key", "in what a list tells"],
)
def test_a_fault_is_told_and_one_goes_on(own_home: Path, fault: str, key: str) -> None:
    """A mistake of ours ends nothing: it is written down, and what is typed next is done."""
    command = [sys.executable, "-c", _WITH_A_FAULT, fault, str(own_home)]
    with Terminal(command, columns=120, rows=36) as terminal:
        terminal.wait_for("snapshot 1", "most links")
        terminal.press(key)
        terminal.wait_for("linkgraph has a fault (RuntimeError); nothing is lost")
        terminal.press("/")
        terminal.wait_for("Search all cards")
        terminal.press("Escape")
        terminal.wait_for("Search all cards", gone=True)
        terminal.press("C-q")
        assert terminal.ended() == 0
    log = own_home / ACCOUNT / LOG
    assert "what went wrong" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_fault_that_nobody_could_work_with_ends_it_with_a_sentence(own_home: Path) -> None:
    """Where nothing can be painted the browser ends and says where the reason is written."""
    command = [sys.executable, "-c", _WITH_A_FAULT, "LinkList.render_lines = fail", str(own_home)]
    with Terminal(command, columns=120, rows=36) as terminal:
        assert terminal.ended() == 1
        shown = terminal.wait_for("→ what went wrong is written to")
        assert "a-local-value" not in shown
        assert "Traceback" not in shown
    assert "what went wrong" in (own_home / ACCOUNT / LOG).read_text()
