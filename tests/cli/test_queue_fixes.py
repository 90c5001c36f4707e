"""`--queue-fixes` of `ask` and `health`: the edits that rows propose, as far as they are plain."""

import json
import re
import sys
from pathlib import Path

import pytest

import linkgraph
from linkgraph.cli.exits import ExitCode
from linkgraph.errors import UsageError
from tests.cli.conftest import HOSTILE
from tests.cli.here import here
from tests.cli.queues import own_home
from tests.terminal import in_terminal, without_escapes

#: What a question of one's own may propose: two that are fine, and all that can be wrong.
FIXES = (
    "main lead:1 contact:11",
    "unlink lead:1 company:21; link lead:1 company:20",
    "main lead:1 contact:11",
    None,
    "",
    "main lead:4 contact:13",
    "link lead:2 company:20; main lead:2 contact:13",
    "link lead:2 lead:1",
    "link lead:4 company:20",
    "link lead:4 company:21",
)


@pytest.fixture(name="home")
def _home(small_home: Path, tmp_path: Path) -> Path:
    return own_home(small_home, tmp_path)


def question(home: Path, fixes: tuple[object, ...], name: str = "mine") -> None:
    """A question of one's own whose rows propose these."""
    folder = home / "questions"
    folder.mkdir(exist_ok=True)
    told = ", ".join(f"({_literal(fix)})" for fix in fixes)
    (folder / f"{name}.sql").write_text(f"select fix from (values {told}) as _(fix)", "utf-8")


def _literal(fix: object) -> str:
    if fix is None:
        return "null"
    return str(fix) if isinstance(fix, int) else "'" + str(fix).replace("'", "''") + "'"


def queue(home: Path) -> list[dict[str, object]]:
    """The queue as a program reads it."""
    found: list[dict[str, object]] = json.loads(here(home, "edits", "list", "-f", "json").stdout)
    return found


def texts(home: Path) -> list[object]:
    """The edits of the queue as text."""
    return [row["edit"] for row in queue(home)]


def test_good_fixes_are_queued_and_the_others_told_of(home: Path) -> None:
    """A fix of several edits whole or not at all; of two that contradict each other neither."""
    question(home, FIXES)

    done = here(home, "ask", "mine", "--queue-fixes")

    assert done.returncode == ExitCode.OK, done.stderr
    assert texts(home) == [
        "main lead:1 contact:11",
        "unlink lead:1 company:21",
        "link lead:1 company:20",
    ]
    assert {row["origin"] for row in queue(home)} == {"question mine"}
    told = done.stderr
    assert "mine: 10 rows, 8 with a fix, 3 edits queued, 3 refused, 2 contradictory\n" in told
    assert "refused: main lead:4 contact:13: contact:13 «Григорий» is not linked" in told
    assert "refused: link lead:2 company:20; main lead:2 contact:13: " in told
    assert "refused: link lead:2 lead:1: a lead cannot be linked to a lead" in told
    assert "contradict each other: link lead:4 company:20: mine proposes: link lead:4" in told
    assert "next: linkgraph edits plan; to take them back: linkgraph edits drop 1-3\n" in told
    assert here(home, "edits", "drop", "1-3").returncode == ExitCode.OK
    assert queue(home) == []


def test_all_rows_count_whatever_is_shown(home: Path) -> None:
    """A limit is one of showing; in a pipe or a file the rows stay data."""
    question(home, tuple(f"link lead:{1000 + number} contact:10" for number in range(40)))

    done = here(home, "ask", "mine", "--queue-fixes", "--limit", "2", "-f", "json")

    assert [row["fix"] for row in json.loads(done.stdout)] == [
        "link lead:1000 contact:10",
        "link lead:1001 contact:10",
    ]
    assert "2 of 40 rows" in done.stderr
    assert len(queue(home)) == 40


def test_some_rows_alone_are_queued(home: Path) -> None:
    """Whoever names rows gets the edits of those, and is told when there is no such row."""
    question(home, tuple(f"link lead:{1000 + number} contact:10" for number in range(5)))

    done = here(home, "ask", "mine", "--queue-fixes", "--row", "4", "--row", "2", "--row", "4")
    beyond = here(home, "ask", "mine", "--queue-fixes", "--row", "6")
    unsaid = here(home, "ask", "mine", "--row", "1")

    assert texts(home) == ["link lead:1003 contact:10", "link lead:1001 contact:10"]
    assert "mine: 2 rows, 2 with a fix, 2 edits queued\n" in done.stderr
    assert beyond.returncode == unsaid.returncode == ExitCode.USAGE
    assert "there is no row 6: the answer has 5 rows" in beyond.stderr


def test_asking_again_queues_nothing_twice(home: Path) -> None:
    """What is in the queue already is counted, and stays as it is."""
    question(home, FIXES)
    here(home, "ask", "mine", "--queue-fixes")

    again = here(home, "ask", "mine", "--queue-fixes")

    assert "8 with a fix, 0 edits queued" in again.stderr
    assert "in the queue already: 3 edits" in again.stderr
    assert [row["edit_id"] for row in queue(home)] == [1, 2, 3]


def test_a_question_without_fixes_is_refused(home: Path) -> None:
    """Nothing is shown as if something had been queued."""
    done = here(home, "ask", "hubs", "--queue-fixes")

    assert done.returncode == ExitCode.USAGE
    assert "«hubs» proposes no edits" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [(), ("leads-without-company", "--sql")])
def test_without_an_answer_there_are_no_fixes(home: Path, arguments: tuple[str, ...]) -> None:
    """A list of questions, or their SQL, is none."""
    assert here(home, "ask", *arguments, "--queue-fixes").returncode == ExitCode.USAGE


def test_a_column_that_holds_no_edits_harms_nothing(home: Path) -> None:
    """Numbers, and whatever a person's data may hold, are refused row by row, on one line each."""
    question(home, (1, 2), "numbers")
    question(home, (HOSTILE, "link lead:2 company:20"), "texts")

    numbers = here(home, "ask", "numbers", "--queue-fixes")
    odd = here(home, "ask", "texts", "--queue-fixes")

    assert "2 with a fix, 0 edits queued, 2 refused" in numbers.stderr
    assert "nothing of it is queued" in numbers.stderr
    assert "1 edit queued, 1 refused" in odd.stderr
    assert "\x1b" not in odd.stderr
    assert texts(home) == ["link lead:2 company:20"]


def test_health_queues_the_fixes_of_all_questions(home: Path) -> None:
    """As many as the report says there are, counted by question; the report stays data."""
    plain = json.loads(here(home, "health", "-f", "json").stdout)
    fixes = {each["name"]: each["fixes"] for each in plain["questions"] if each["fixes"]}

    done = here(home, "health", "--queue-fixes", "-f", "json")

    assert done.returncode == ExitCode.OK, done.stderr
    assert json.loads(done.stdout)["fixes"] == plain["fixes"] > 0
    counted = re.findall(
        r"^([a-z-]+): [\d,]+ rows?, ([\d,]+) with a fix", done.stderr, re.MULTILINE
    )
    assert {name: int(count) for name, count in counted} == fixes
    assert {str(row["origin"]).removeprefix("question ") for row in queue(home)} <= set(fixes)
    assert "link lead:2 company:20" in texts(home)


def test_what_is_left_of_a_deleted_card_can_be_taken_away(home: Path) -> None:
    """As `dangling-links` proposes; decided upon the link as the snapshot still has it."""
    done = here(home, "ask", "dangling-links", "--queue-fixes")
    with linkgraph.open(home=home) as session:
        found = session.edits.list()

    assert "2 with a fix, 2 edits queued\n" in done.stderr
    assert {str(one.edit) for one in found} == {
        "unlink lead:5 contact:13",
        "unlink lead:5 contact:14",
    }
    assert all(one.base is None or one.base.link is not None for one in found)
    assert here(home, "link", "lead:5", "contact:10").returncode == ExitCode.USAGE


def test_health_in_a_terminal_stays_whole(home: Path) -> None:
    """The report comes first, what was queued below it."""
    command = [sys.executable, "-m", "linkgraph", "health", "--queue-fixes"]

    text = without_escapes(in_terminal(command, LINKGRAPH_HOME=str(home)))

    assert text.index("problems") < text.index("edits queued")


def test_fixes_from_python(home: Path) -> None:
    """Whole answers alone: of one that is cut, nobody knows what is missing."""
    question(home, FIXES)
    with linkgraph.open(home=home) as session:
        with pytest.raises(UsageError, match="is cut: 8 rows"):
            session.queue_fixes([session.ask("mine", limit=2)])
        fixed = session.queue_fixes([session.ask("mine")])

    assert fixed.fixes == {"mine": 8}
    assert [one.id for one in fixed.new] == [1, 2, 3]
    assert (len(fixed.refused), len(fixed.contradictory)) == (3, 2)
