"""Accounts: kept privately, checked on entry, gone without a trace when they are removed."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkgraph.cli.exits import ExitCode
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world
from tests.terminal import linkgraph

WORLD = {
    "account": {"id": 77, "name": "Ромашка", "country": "KZ"},
    "leads": [{"id": 1}],
    "contacts": [{"id": 2, "name": "Анна"}],
    "links": [
        {"entity_type": "leads", "entity_id": 1, "to_entity_type": "contacts", "to_entity_id": 2}
    ],
}


@pytest.fixture(name="simulator")
def _simulator() -> Iterator[Simulator]:
    with Simulator(load_world(WORLD), rate=None) as simulator:
        yield simulator


def add(simulator: Simulator, home: Path, name: str = "work", *options: str) -> str:
    """Add the simulated account; returns what was said."""
    done = linkgraph(
        *("account", "add", name, "--url", f"{simulator.url}/leads/detail/1", "--token-stdin"),
        *("--home", str(home), *options),
        stdin=simulator.token + "\n",
    )
    assert done.returncode == ExitCode.OK, done.stderr
    return done.stdout + done.stderr


def test_home_is_private(simulator: Simulator, tmp_path: Path) -> None:
    """Nobody but the owner can look into the home or read the token."""
    home = tmp_path / "home"

    add(simulator, home)

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "work").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "work" / "credentials.json").stat().st_mode) == 0o600


def test_token_is_shown_nowhere(simulator: Simulator, tmp_path: Path) -> None:
    """The token stands in its file and in no output, log, table or snapshot."""
    home = tmp_path / "home"
    said = add(simulator, home)
    for command in (["sync"], ["status"], ["status", "-f", "json"], ["account", "list"], ["ask"]):
        done = linkgraph(*command, "--home", str(home))
        said += done.stdout + done.stderr

    holders = [
        path.name
        for path in home.rglob("*")
        if path.is_file() and simulator.token.encode() in path.read_bytes()
    ]

    assert simulator.token not in said
    assert holders == ["credentials.json"]


def test_country_comes_from_the_account(simulator: Simulator, tmp_path: Path) -> None:
    """Phones without a country code are read by the rules of the account's own country."""
    home = tmp_path / "home"

    add(simulator, home)

    assert 'phone_country = "KZ"' in (home / "config.toml").read_text()


def test_default_account(simulator: Simulator, tmp_path: Path) -> None:
    """The first account is the default until another is chosen."""
    home = tmp_path / "home"
    add(simulator, home, "first")
    add(simulator, home, "second")

    before = linkgraph("status", "--home", str(home)).stdout
    linkgraph("account", "use", "second", "--home", str(home))
    after = linkgraph("status", "--home", str(home)).stdout

    assert before.startswith("account   first")
    assert after.startswith("account   second")


def test_removed_with_data_leaves_nothing(simulator: Simulator, tmp_path: Path) -> None:
    """Token, snapshots, staging and settings of the account are gone."""
    home = tmp_path / "home"
    add(simulator, home)
    linkgraph("sync", "--home", str(home))

    done = linkgraph("account", "remove", "work", "--data", "--yes", "--home", str(home))

    assert done.returncode == ExitCode.OK, done.stderr
    left = [path for path in home.rglob("*") if path.is_file() and path.stat().st_size]
    assert [path.name for path in left] == ["config.toml"]
    assert "work" not in left[0].read_text()


def test_removing_asks_first(simulator: Simulator, tmp_path: Path) -> None:
    """Without a terminal to ask in and without --yes nothing is removed."""
    home = tmp_path / "home"
    add(simulator, home)

    done = linkgraph("account", "remove", "work", "--data", "--home", str(home))

    assert done.returncode == ExitCode.USAGE
    assert (home / "work" / "credentials.json").exists()


def test_read_only_is_for_good(simulator: Simulator, tmp_path: Path) -> None:
    """Replacing a read-only account's token does not make it writable."""
    home = tmp_path / "home"
    add(simulator, home, "work", "--read-only")

    add(simulator, home, "work", "--replace")

    assert "read-only" in linkgraph("status", "--home", str(home)).stdout


def test_replacing_keeps_what_was_set(simulator: Simulator, tmp_path: Path) -> None:
    """A new token does not undo the rate, the country and whatever else was set of an account."""
    home = tmp_path / "home"
    add(simulator, home, "work", "--rate", "3", "--phone-country", "us")
    config = home / "config.toml"
    config.write_text(config.read_text() + "keep = 9\n")
    before = Home(home).account("work").settings

    add(simulator, home, "work", "--replace")

    assert Home(home).account("work").settings == before
    assert (before.rate, before.phone_country, before.keep) == (3, "US", 9)


def test_name_that_is_taken(simulator: Simulator, tmp_path: Path) -> None:
    """An account is not replaced by accident."""
    home = tmp_path / "home"
    add(simulator, home)

    done = linkgraph(
        *("account", "add", "work", "--url", simulator.url, "--token-stdin", "--home", str(home)),
        stdin="x\n",
    )

    assert done.returncode == ExitCode.USAGE
    assert "--replace" in done.stderr


@pytest.mark.parametrize("name", ["../up", "Work", "a b", "", ".hidden", "con/fig"])
def test_names_that_are_no_folders(name: str, simulator: Simulator, tmp_path: Path) -> None:
    """A name cannot lead out of the home."""
    done = linkgraph(
        *("account", "add", name, "--url", simulator.url, "--token-stdin"),
        *("--home", str(tmp_path / "home")),
        stdin=simulator.token + "\n",
    )

    assert done.returncode == ExitCode.USAGE
