"""`linkgraph edits drop --last`: what was queued last is taken back, whoever queued it since."""

from pathlib import Path

import pytest

from linkgraph.cli.exits import ExitCode
from tests.cli.here import here
from tests.cli.queues import own_home
from tests.cli.test_edit_commands import queue, texts


@pytest.fixture(name="home")
def _home(small_home: Path, tmp_path: Path) -> Path:
    return own_home(small_home, tmp_path)


def test_what_was_queued_last_is_taken_back_step_by_step(home: Path) -> None:
    """All that a command queued; what it had replaced waits again; then the one before."""
    here(home, "link", "lead:4", "company:20")
    here(home, "link", "lead:4", "company:21", "contact:11")

    first = here(home, "edits", "drop", "--last")

    assert first.returncode == ExitCode.OK, first.stderr
    assert "waits again: #1 link lead:4" in first.stderr
    assert first.stderr.endswith("2 edits dropped\n")
    assert texts(home) == ["link lead:4 company:20"]
    assert here(home, "edits", "drop", "--last").stderr.endswith("1 edit dropped\n")
    assert queue(home) == []
    nothing = here(home, "edits", "drop", "--last")
    assert nothing.returncode == ExitCode.USAGE
    assert "nothing was queued that could be taken back" in nothing.stderr


@pytest.mark.parametrize("also", ["1", "--all"])
def test_last_names_edits_by_itself(home: Path, also: str) -> None:
    """No numbers and no --all beside it: nothing is dropped."""
    here(home, "link", "lead:4", "company:20")

    done = here(home, "edits", "drop", also, "--last")

    assert done.returncode == ExitCode.USAGE
    assert len(queue(home)) == 1
