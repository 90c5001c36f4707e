"""Commands in cron, in pipes, on full disks and beside each other: they say so, or go on."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from linkgraph.accounts import AccountSettings
from linkgraph.cli.exits import ExitCode
from linkgraph.settings import Home
from tests.terminal import environment, linkgraph


def shell(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell's line in which `linkgraph` is the program and the home is set."""
    return subprocess.run(
        ["bash", "-c", f'linkgraph() {{ {sys.executable} -m linkgraph "$@"; }}; {command}'],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=60,
        env=environment(LINKGRAPH_HOME=str(home)),
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    ["status", "ask orphan-contacts", "sql 'select * from links' -f csv"],
)
def test_full_disk(command: str, demo_home: Path) -> None:
    """Data that has no room is told as such, in a line and a remedy."""
    done = shell(f"linkgraph {command} > /dev/full", demo_home)

    assert done.returncode == ExitCode.FAILED
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_full_log_is_no_failure(demo_home: Path) -> None:
    """Where narration has no room the data still comes, and exit codes stay what they are."""
    asked = shell("linkgraph ask orphan-contacts --limit 2 2> /dev/full", demo_home)
    failed = shell("linkgraph status --account nope 2> /dev/full", demo_home)

    assert (asked.returncode, len(asked.stdout.splitlines())) == (ExitCode.OK, 3)
    assert failed.returncode == ExitCode.ACCOUNT


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("linkgraph sql <&-", ExitCode.QUERY),
        ("linkgraph status >&-", ExitCode.OK),
        ("linkgraph status --account nope 2>&-", ExitCode.ACCOUNT),
        (
            "linkgraph account add x --url https://x.amocrm.ru --token-stdin <&-",
            ExitCode.USAGE,
        ),
        ("linkgraph account remove demo <&-", ExitCode.USAGE),
    ],
)
def test_closed_streams(command: str, code: ExitCode, demo_home: Path) -> None:
    """Without a stdin, stdout or stderr a command does what it can."""
    done = shell(command, demo_home)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "find '\udcff'",
        "sql \"select '\udcff'\"",
        "sql 'select $a' -p 'a=\udcff'",
        "ask '\udcff'",
        "show 'lead:\udcff'",
        "sql -i '\udcff.sql'",
        "status --home '~nobodyhere/x'",
        "sync --rate 0",
        "sync --rate nan",
        "account use ''",
        "account remove '' --yes --data",
        "account add config.toml --url https://x.amocrm.ru --token-stdin",
        "simulate --port 99999",
        "simulate --rate 0",
        "simulate --rate x",
        "simulate --latency -1",
        "simulate --seed -1",
        "simulate --size nonsense",
        "simulate --behaviour nonsense",
        "simulate --behaviour nonsense=1",
        "simulate --fault '{bad'",
        "simulate --fault '{}'",
        "simulate --world /dev/null",
        "simulate --save /nowhere/world.json",
        "demo --size nonsense",
        "demo --rate 0",
        "ask orphan-contacts -o /nowhere/answer.csv",
        "export /dev/null/tables",
    ],
)
def test_nonsense_is_told_in_a_line(command: str, demo_home: Path) -> None:
    """Whatever was typed that cannot be, is told in an error, and nothing is changed.

    A byte that is no text comes to Python as half a surrogate pair.
    """
    config = (demo_home / "config.toml").read_bytes()

    done = linkgraph(*shlex.split(command), LINKGRAPH_HOME=str(demo_home))

    _is_told(done)
    assert (demo_home / "config.toml").read_bytes() == config


@pytest.mark.parametrize(
    "command", [r"linkgraph find $'\xff'", r"printf 'select \xff' | linkgraph sql"]
)
def test_bytes_that_are_no_text_are_told_in_a_line(command: str, demo_home: Path) -> None:
    """As they come from a shell."""
    _is_told(shell(command, demo_home))


def _is_told(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode in {ExitCode.FAILED, ExitCode.USAGE, ExitCode.ACCOUNT, ExitCode.QUERY}
    assert "Traceback" not in done.stderr
    assert "error: " in done.stderr.lower()


def test_help_of_a_question_among_options(demo_home: Path) -> None:
    """`--help` tells of the question, wherever it stands among options and their values."""
    told = linkgraph("ask", "-f", "csv", "orphan-contacts", "--help")
    general = linkgraph("ask", "--home", str(demo_home), "--help")

    assert told.stdout.startswith("orphan-contacts: ")
    assert general.stdout.startswith("Usage: ")


def test_demo_leaves_a_real_account_alone(tmp_path: Path) -> None:
    """An account of the CRM that happens to be called «demo» is not replaced by a simulated one."""
    home = Home(tmp_path)
    home.add("demo", AccountSettings("https://example.amocrm.ru"), "precious")

    done = linkgraph("demo", "--size", "1k", "--home", str(tmp_path))

    assert done.returncode == ExitCode.USAGE
    assert "--home" in done.stderr
    assert home.account("demo").token == "precious"


def test_demo_keeps_the_default(tmp_path: Path) -> None:
    """The demo, run twice beside a real default account, replaces itself and names itself."""
    home = Home(tmp_path)
    home.add("work", AccountSettings("https://example.amocrm.ru"), "token")

    for _ in range(2):
        done = linkgraph("demo", "--size", "200", "--home", str(tmp_path))
        assert done.returncode == ExitCode.OK, done.stderr

    assert home.default == "work"
    assert "linkgraph ask --account demo" in done.stderr
    assert linkgraph("status", "--account", "demo", "--home", str(tmp_path)).returncode == 0


def test_two_syncs_at_once(tmp_path: Path) -> None:
    """While a sync of the account runs, a second one says so and touches nothing."""
    kept = Home(tmp_path).add("work", AccountSettings("http://127.0.0.1:1"), "token")

    with FileLock(kept.folder / "sync.lock"):
        done = linkgraph("sync", "--home", str(tmp_path))

    assert done.returncode == ExitCode.MIRROR, done.stderr
    assert "Traceback" not in done.stderr
