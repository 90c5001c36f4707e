"""Whatever a person typed that is wrong, they get one clear line, a remedy and an exit code."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from linkgraph.cli.exits import ExitCode
from linkgraph.simulator import Simulator, load_world
from tests.terminal import linkgraph


def refused(code: ExitCode, *arguments: str, stdin: str = "") -> str:
    """Run a command that must fail with `code`; returns what it said on stderr."""
    done = linkgraph(*arguments, stdin=stdin)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def error_and_remedy(said: str) -> tuple[str, str]:
    """The error's line and its remedy, in which stderr ends; a marked place may be between them."""
    remedy = said.strip().splitlines()[-1]
    error = next(line for line in said.splitlines() if line.startswith("error: "))
    assert remedy.startswith("  → "), said
    return error, remedy


@pytest.mark.parametrize(
    "command",
    [["status"], ["sync"], ["ask", "orphan-contacts"], ["sql", "select 1"], ["find", "x"]],
)
def test_no_account_yet(command: list[str], tmp_path: Path) -> None:
    """Without an account every command says how to add one, or how to try without."""
    said = refused(ExitCode.ACCOUNT, *command, "--home", str(tmp_path / "home"))

    error, remedy = error_and_remedy(said)

    assert "no account yet" in error
    assert "linkgraph account add" in remedy
    assert "linkgraph demo" in remedy


def test_unknown_account(demo_home: Path) -> None:
    """An account that is not there is named, with those that are."""
    said = refused(ExitCode.ACCOUNT, "status", "--account", "nope", "--home", str(demo_home))

    error, remedy = error_and_remedy(said)

    assert "«nope»" in error
    assert "demo" in remedy


def test_wrong_token(tmp_path: Path) -> None:
    """A token that the CRM refuses is not kept, and is not shown."""
    home = tmp_path / "home"
    with Simulator(load_world({}), rate=None) as simulator:
        said = refused(
            ExitCode.ACCOUNT,
            *("account", "add", "work", "--url", simulator.url),
            *("--token-stdin", "--home", str(home)),
            stdin="not-the-token\n",
        )

    error, _ = error_and_remedy(said)

    assert "401" in error
    assert "not-the-token" not in said
    assert not home.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "http://example.amocrm.ru",
        "https://www.amocrm.ru",
        "https://user:pass@example.amocrm.ru",
        "ftp://example.kommo.com",
        "nonsense",
        "",
    ],
)
def test_address_that_is_none(url: str, tmp_path: Path) -> None:
    """No token is asked for, let alone sent, for an address that is not the CRM's."""
    said = refused(
        ExitCode.ACCOUNT,
        *("account", "add", "work", "--url", url, "--token-stdin", "--home", str(tmp_path)),
        stdin="secret\n",
    )

    _, remedy = error_and_remedy(said)

    assert "https://" in remedy
    assert "pass@" not in said


def test_nobody_answers(tmp_path: Path) -> None:
    """An address where nothing listens is told apart from a wrong token."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        said = refused(
            ExitCode.CRM,
            *("account", "add", "work", "--url", url, "--token-stdin", "--home", str(tmp_path)),
            stdin="secret\n",
        )

    error, _ = error_and_remedy(said)

    assert "did not answer" in error


def test_unknown_question(demo_home: Path) -> None:
    """A question that is not there gets the nearest names."""
    said = refused(ExitCode.USAGE, "ask", "orphan-contcts", "--home", str(demo_home))

    _, remedy = error_and_remedy(said)

    assert "orphan-contacts" in remedy


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ("nope=1", "min_shared"),
        ("min_shared=many", "whole number"),
        ("min_shared=0", "at least 1"),
        ("min_shared", "NAME=VALUE"),
    ],
)
def test_bad_parameter(parameter: str, told: str, demo_home: Path) -> None:
    """A parameter that is unknown, of the wrong type or out of range: what is allowed is said."""
    said = refused(
        ExitCode.USAGE,
        *("ask", "companies-sharing-contacts", "-p", parameter, "--home", str(demo_home)),
    )

    assert told in said


@pytest.mark.parametrize("ref", ["lead:x", "12", "element:5", "https://example.com/leads/detail/1"])
def test_bad_ref(ref: str, demo_home: Path) -> None:
    """A text that names no card gets the forms that do."""
    said = refused(ExitCode.USAGE, "show", ref, "--home", str(demo_home))

    error_and_remedy(said)


def test_broken_sql_is_marked(demo_home: Path) -> None:
    """The place of an SQL error stands under a mark, and likely columns are named."""
    said = refused(ExitCode.QUERY, "sql", "select 1,\n  nmae from leads", "--home", str(demo_home))

    lines = said.splitlines()
    mark = next(number for number, line in enumerate(lines) if line.strip() == "^")
    place = lines[mark].index("^")

    assert lines[mark - 1][place:].startswith("nmae")
    assert '"name"' in said


def test_sql_that_writes(demo_home: Path) -> None:
    """Nothing but reading is allowed."""
    said = refused(ExitCode.QUERY, "sql", "delete from leads", "--home", str(demo_home))

    error_and_remedy(said)


def test_home_that_cannot_be_written(tmp_path: Path) -> None:
    """A home under something that is no folder: said so, with the way to another."""
    (tmp_path / "file").write_text("")
    with Simulator(load_world({}), rate=None) as simulator:
        said = refused(
            ExitCode.ACCOUNT,
            *("account", "add", "work", "--url", simulator.url, "--token-stdin"),
            *("--home", str(tmp_path / "file" / "home")),
            stdin=simulator.token + "\n",
        )

    _, remedy = error_and_remedy(said)

    assert "--home" in remedy


def test_snapshot_from_a_newer_version(demo_home: Path, tmp_path: Path) -> None:
    """A mirror that a newer linkgraph made is not opened, and not broken."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    card = next((home / "demo" / "versions").glob("0*/snapshot.json"))
    content = json.loads(card.read_text())
    card.chmod(0o600)
    card.write_text(json.dumps({**content, "schema_version": 99, "new": 1}))

    said = refused(ExitCode.MIRROR, "ask", "orphan-contacts", "--home", str(home))

    error, remedy = error_and_remedy(said)
    assert "newer linkgraph" in error
    assert "update" in remedy


def test_broken_settings(demo_home: Path, tmp_path: Path) -> None:
    """A settings file that a person broke is pointed at, not overwritten."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text("[accounts.work]\nurl = 'https://x.amocrm.ru'\nspeed = 9\n")

    said = refused(ExitCode.ACCOUNT, "status", "--home", str(home))

    assert "speed" in said
    assert "config.toml" in said
