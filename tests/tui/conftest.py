"""Accounts for the browser's tests: one to look at, one to change, one whose CRM runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from linkgraph.simulator import Simulator
from tests.tui.homes import as_new, copied, forgetful, make_home, running_crm


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours, animations and the language of whoever runs the tests change nothing."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    for kind in (Input, TextArea):  # a cursor that blinks is in every other picture
        monkeypatch.setattr(vars(kind)["cursor_blink"], "_default", False)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small world, mirrored once for all tests of a process."""
    return make_home(tmp_path_factory.mktemp("tui") / "home")


@pytest.fixture(scope="session")
def large_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with company:399, a hub of 3,000 contacts."""
    return make_home(tmp_path_factory.mktemp("tui") / "home", hub=3_000)


@pytest.fixture
def home(small_home: Path) -> Path:
    """The small world's home, as before its first browser. Not to be changed otherwise."""
    return forgetful(small_home)


@pytest.fixture
def hub_home(large_home: Path) -> Path:
    """The home with the hub, as before its first browser. Not to be changed otherwise."""
    return forgetful(large_home)


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A copy of the small world's home, which a test may change."""
    return copied(home, tmp_path / "home")


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A home without an account."""
    return tmp_path / "home"


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, Path]]:
    """A running CRM and its mirrored home, for all tests of a worker: mirroring takes a second."""
    root = tmp_path_factory.mktemp("crm") / "home"
    with running_crm(root) as running:
        yield running, root


@pytest.fixture
def crm(played: tuple[Simulator, Path], tmp_path: Path) -> Simulator:
    """A running CRM with the small world; its home, mirrored, is `tmp_path / "home"`."""
    running, root = played
    as_new(running)
    copied(root, tmp_path / "home")
    return running
