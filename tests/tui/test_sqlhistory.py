"""The history of SQL outlives the browser, and no browser takes lines from another."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tui.sqlhistory import FILE, KEPT, LONGEST, Run, SqlHistory, Walk, matching

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def run(sql: str, rows: int | None = 1) -> Run:
    return Run(sql, AT, 0.25, rows)


def test_what_was_run_is_read_again(tmp_path: Path) -> None:
    """Statement, time, seconds, rows and failures come back, whatever the text."""
    runs = [run("select 'Ж\n\u202e\x1b'"), Run("selct", AT, 0.1, None, False, "syntax error")]
    for one in runs:
        SqlHistory(tmp_path).add(one)

    assert SqlHistory(tmp_path).read() == runs


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else reads what was asked, also after the file was cut."""
    history = SqlHistory(tmp_path)
    history.add(run("select 1"))
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600

    for number in range(2 * KEPT):
        history._append(b'{"sql":"%d","at":"2026-01-01T00:00:00Z","seconds":0}' % number)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert {each.name for each in tmp_path.iterdir()} <= {FILE, f"{FILE}.lock"}


def test_a_statement_stands_once_where_it_was_run_last(tmp_path: Path) -> None:
    """Who runs the same thing ten times walks past it once."""
    for sql in ("a", "b", "a"):
        SqlHistory(tmp_path).add(run(sql))

    assert [one.sql for one in SqlHistory(tmp_path).read()] == ["b", "a"]


def test_the_newest_are_kept(tmp_path: Path) -> None:
    """The file does not grow for ever; what is too long for it is left out."""
    history = SqlHistory(tmp_path)
    for number in range(2 * KEPT + 10):
        history._append(b'{"sql":"%d","at":"2026-01-01T00:00:00Z","seconds":0}' % number)
    history.add(run("x" * (LONGEST + 1)))
    found = [one.sql for one in history.read()]

    assert found == [str(number) for number in range(KEPT + 10, 2 * KEPT + 10)]
    assert len((tmp_path / FILE).read_bytes().splitlines()) <= 2 * KEPT


def test_broken_lines_are_passed_over(tmp_path: Path) -> None:
    """Half a line of a killed browser spoils neither those before nor the next."""
    history = SqlHistory(tmp_path)
    history.add(run("before"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"sql": "half\n\xff\xfe\nnull\n{"sql": "ha')
    history.add(run("after"))

    assert [one.sql for one in history.read()] == ["before", "after"]


def test_nothing_is_said_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """No folder to write to, or a text that is none: the statement ran, and that counts."""
    (tmp_path / "file").touch()
    gone = SqlHistory(tmp_path / "file")
    gone.add(run("select 1"))
    SqlHistory(tmp_path).add(run("\ud800"))

    assert gone.read() == []
    assert SqlHistory(tmp_path).read() == []


def test_browsers_at_once_lose_no_line(tmp_path: Path) -> None:
    """Processes and threads that add and cut together: each line is there, whole."""
    code = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from tui.sqlhistory import Run, SqlHistory\n"
        "for n in range(60):\n"
        "    SqlHistory(Path(sys.argv[1])).add(\n"
        "        Run(f'{sys.argv[2]} {n}' + 'x' * 3000, datetime.now(UTC), 0.0, n))\n"
    )
    root = Path(__file__).parents[2]
    others = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), name],
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for name in ("p", "q")
    ]
    with ThreadPoolExecutor(2) as threads:
        for number in range(60):
            threads.submit(SqlHistory(tmp_path).add, run(f"t {number}"))
    assert [other.wait() for other in others] == [0, 0]

    found = {one.sql.rstrip("x") for one in SqlHistory(tmp_path).read()}
    assert found == {f"{name} {number}" for name in "pqt" for number in range(60)}


@given(st.lists(st.sampled_from("abc"), unique=True), st.text("abcd", max_size=1),
       st.lists(st.booleans(), max_size=12))  # fmt: skip
def test_a_walk_comes_back_to_what_was_typed(past: list[str], unsent: str, up: list[bool]) -> None:
    """However one goes, nothing typed is lost: enough steps forth lead back to it."""
    walk = Walk.begin(past, unsent)
    for back in up:
        walk = walk.back() if back else walk.forth()
        assert walk.text in (*past, unsent)
    for _ in range(len(past) + 1):
        walk = walk.forth()

    assert walk.text == unsent


def test_the_list_is_narrowed_by_words(tmp_path: Path) -> None:
    """Every word must be in it, in any order and case; the newest is first."""
    runs = [run("SELECT a FROM Edges"), run("select b from leads"), run("from edges")]

    assert [one.sql for one in matching(runs, "edges from")] == ["from edges", runs[0].sql]
    assert matching(runs, "") == runs[::-1]
    assert matching(runs, "nothing") == []
