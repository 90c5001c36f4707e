"""What all tests share: a clean environment, and one simulated account mirrored for real."""

import os
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, settings

from tests.terminal import linkgraph

# Tests that do not say how many examples they want get fewer than usual: there are many, and the
# whole is to stay within a quarter of an hour on two cores. How long one of them takes says nothing
# of a machine that has other things to do.
settings.register_profile(
    "here", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("here")


def pytest_report_header() -> str:
    """Versions that matter to what is tested."""
    return f"duckdb {duckdb.__version__}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long on a quiet machine may take a quarter of an hour on a busy one."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the accounts of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("LINKGRAPH_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `linkgraph demo` leaves it: the account «demo», 5,000 links. Not to be changed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    done = linkgraph("demo", "--headless", "--size", "5k", "--home", str(home))
    assert done.returncode == 0, done.stderr
    return home
