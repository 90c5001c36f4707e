"""What a command does not need, it does not import."""

import json
import subprocess
import sys

import pytest

CODE = "import sys, json; {}; print(json.dumps(sorted(sys.modules)))"


def modules(statement: str) -> set[str]:
    """The modules that a fresh process has loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(statement)], capture_output=True, text=True, check=True
    )
    return {name for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize(
    "heavy", ["duckdb", "pyarrow", "sqlalchemy", "httpx", "uvicorn", "textual"]
)
def test_help_is_light(heavy: str) -> None:
    """`linkgraph --help` brings neither a database nor a web client along."""
    loaded = modules("from linkgraph.cli import main; main(['--help'])")

    assert heavy not in loaded


@pytest.mark.parametrize("heavy", ["duckdb", "pyarrow", "sqlalchemy", "scipy", "httpx"])
def test_opening_a_browser_is_light(heavy: str) -> None:
    """A session and the browser open without a database, and walk over the index without one."""
    loaded = modules("import linkgraph.session, linkgraph.index, queries.cardlinks, tui.browse")

    assert heavy not in loaded


def test_library_knows_neither_simulator_nor_terminal() -> None:
    """`linkgraph.open` works without the simulated account, its web server and the commands."""
    loaded = modules("import linkgraph.session")

    assert not loaded & {"linkgraph.simulator", "uvicorn", "starlette", "linkgraph.cli", "textual"}
