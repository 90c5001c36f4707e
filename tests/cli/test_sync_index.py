"""What a sync tells of the link index that it builds with a snapshot."""

import io
from pathlib import Path

import pytest

from linkgraph.accounts import AccountSettings
from linkgraph.cli import progress
from linkgraph.cli.exits import ExitCode
from linkgraph.mirror.progress import Progress
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world
from tests.cli.conftest import WORLD
from tests.cli.here import here


def test_index_that_could_not_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync whose index fails publishes all the same and says so; the first walk builds it."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device\x1b[31m")

    with Simulator(load_world(WORLD), rate=None) as crm:
        Home(tmp_path).add("small", AccountSettings(crm.url, rate=float("inf")), crm.token)
        with monkeypatch.context() as full_disk:
            full_disk.setattr("linkgraph.index.store.write", fail)
            synced = here(tmp_path, "sync")
    walked = here(tmp_path, "path", "lead:1", "contact:10")

    assert synced.returncode == ExitCode.OK
    assert "the link index could not be built now ([Errno 28] No space left" in synced.stderr
    assert "the first walk builds it" in synced.stderr
    assert "\x1b" not in synced.stderr
    assert len(walked.stdout.splitlines()) == 3


def test_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log says which step of a phase is on; whatever the CRM said stays on its line."""
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)

    with progress.shown(live=False) as watch:
        watch(Progress(phase="publishing", step="link index"))
        watch(Progress(phase="merging", step="no customers: off\x1b[2J\n"))

    first, second = said.getvalue().splitlines()
    assert "publishing · link index: " in first
    assert "merging · no customers: off␛[2J⏎: " in second
