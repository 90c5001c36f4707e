"""Commands in cron, in pipes, on full disks and beside each other: they say so, or go on."""

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
    ["status", "find Иванов", "ask", "ask orphan-contacts", "sql 'select * from links' -f csv"],
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
        r"linkgraph find $'\xff'",
        r"linkgraph sql $'select \x27\xff\x27'",
        r"printf 'select \xff' | linkgraph sql",
        r"linkgraph sql 'select $a' -p $'a=\xff'",
        r"linkgraph ask $'\xff'",
        r"linkgraph show $'lead:\xff'",
        r"linkgraph sql -i $'\xff.sql'",
        r"linkgraph status --home '~nobodyhere/x'",
        "linkgraph sync --rate 0",
        "linkgraph sync --rate nan",
        "linkgraph account use ''",
        "linkgraph account remove '' --yes --data",
        "linkgraph account add config.toml --url https://x.amocrm.ru --token-stdin",
        "linkgraph simulate --port 99999",
        "linkgraph simulate --rate 0",
        "linkgraph simulate --rate x",
        "linkgraph simulate --latency -1",
        "linkgraph simulate --seed -1",
        "linkgraph simulate --size nonsense",
        "linkgraph simulate --behaviour nonsense",
        "linkgraph simulate --behaviour nonsense=1",
        "linkgraph simulate --fault '{bad'",
        "linkgraph simulate --fault '{}'",
        "linkgraph simulate --world /dev/null",
        "linkgraph simulate --save /nowhere/world.json",
        "linkgraph demo --size nonsense",
        "linkgraph demo --rate 0",
        "linkgraph ask orphan-contacts -o /nowhere/answer.csv",
        "linkgraph export /dev/null/tables",
    ],
)
def test_nonsense_is_told_in_a_line(command: str, demo_home: Path) -> None:
    """Whatever was typed that cannot be, is told in an error, and nothing is changed."""
    config = (demo_home / "config.toml").read_bytes()

    done = shell(command, demo_home)

    assert done.returncode in {ExitCode.FAILED, ExitCode.USAGE, ExitCode.ACCOUNT, ExitCode.QUERY}
    assert "Traceback" not in done.stderr
    assert "error: " in done.stderr.lower()
    assert (demo_home / "config.toml").read_bytes() == config


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
