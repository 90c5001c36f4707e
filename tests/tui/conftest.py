"""Accounts for the browser's tests: one to look at, one to change, one whose CRM runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkgraph.simulator import Simulator
from tests.tui.homes import copied, make_home, running_crm


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours, animations and the language of whoever runs the tests change nothing."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small world, mirrored. Not to be changed."""
    return make_home(tmp_path_factory.mktemp("tui") / "home")


@pytest.fixture(scope="session")
def hub_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with company:399, a hub of 3,000 contacts. Not to be changed."""
    return make_home(tmp_path_factory.mktemp("tui") / "home", hub=3_000)


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A copy of the small world's home, which a test may change."""
    return copied(home, tmp_path / "home")


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A home without an account."""
    return tmp_path / "home"


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Simulator]:
    """A running CRM with the small world; its home, mirrored, is `tmp_path / "home"`."""
    with running_crm(tmp_path / "home") as running:
        yield running
