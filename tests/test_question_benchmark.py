"""The benchmark of the questions: its account has something to find, and who is asked agrees."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from queries.catalogue import Catalogue
from tests.benchmarks import questions
from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.answers import Disagreement, Report, Result, compare
from tests.benchmarks.askers.ask import Rows
from tests.benchmarks.askers.asking import asked
from tests.benchmarks.askers.making import make
from tests.benchmarks.measures import Measure, show

LINKS = 20_000
BY_SCRIPT = {"companies-sharing-contacts", "glue", "hubs", "islands", "leads-without-contact"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """A small account in disorder."""
    return make(tmp_path_factory.mktemp("account"), LINKS)


@pytest.fixture(scope="module")
def ours(account: Account) -> Report:
    """The library asked every question, in one process."""
    return asked(account, "linkgraph", [], 60.0)


def test_every_question_has_something_to_find(ours: Report) -> None:
    """An account in which a question has no rows would measure nothing of it."""
    names = {question.name for question in Catalogue.load()}

    assert ours.died == ""
    assert set(ours.results) == {*names, questions.JOIN}
    assert {name for name, result in ours.results.items() if not result.rows} == set()
    assert all(len(result.seconds) == 3 for result in ours.results.values())
    assert 50 < ours.peak < 2_000


@pytest.mark.parametrize("name", ["ladybug", "networkx"])
def test_rivals_agree(account: Account, ours: Report, name: str) -> None:
    """Every rival that is installed gives the library's answers, as far as it gives any."""
    theirs = asked(account, name, [], 60.0)
    if theirs.missing:
        pytest.skip(f"{theirs.missing} is not installed")

    assert theirs.died == ""
    assert {
        question: result.failed for question, result in theirs.results.items()
    } == dict.fromkeys(theirs.results, "")
    assert set(theirs.results) >= {"orphan-contacts", "path"} | (
        BY_SCRIPT if name == "networkx" else {"elements-together", "wrong-main-contact"}
    )
    for question, result in theirs.results.items():
        paths = (account.answer(who, question) for who in ("linkgraph", name))
        compare(question, *paths, name=name, rows=result.compared)
        assert result.rows


@pytest.mark.parametrize(
    ("theirs", "rows", "said"),
    [
        ({"lead_id": [2, 1, 1]}, Rows.EACH, None),
        ({"lead_id": [1, 2]}, Rows.EACH, "only linkgraph has 1 rows, one of them (1,)"),
        ({"lead_id": [1, 2]}, Rows.DISTINCT, None),
        ({"lead_id": [1, 2, 3]}, Rows.DISTINCT, "only other has 1 rows, one of them (3,)"),
        ({"lead_id": [1, 2, 3]}, Rows.WITHIN, None),
        ({"lead_id": [1]}, Rows.WITHIN, "only linkgraph has 1 rows"),
        ({"share": [0.1 + 0.2, 0.5, None]}, Rows.EACH, None),
        ({"share": [0.3, 0.5, 0.0]}, Rows.EACH, "only linkgraph has 1 rows, one of them (None,)"),
        ({"contact_id": [1]}, Rows.EACH, "other gives contact_id, which is no column of it"),
    ],
)
def test_a_disagreement_is_told(
    tmp_path: Path, theirs: dict[str, list[float | None]], rows: Rows, said: str | None
) -> None:
    """Rows are held against each other whole; the message names who has one too many."""
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    pq.write_table(pa.table({"lead_id": [1, 1, 2], "share": [0.3, 0.5, None]}), one)
    pq.write_table(pa.table(theirs), two)
    if said is None:
        compare("leads", one, two, name="other", rows=rows)
        return
    with pytest.raises(Disagreement) as caught:
        compare("leads", one, two, name="other", rows=rows)

    assert str(caught.value).startswith(f"leads: {said}")


def test_who_is_stopped_has_a_bound() -> None:
    """A rival that is stopped is a yardstick all the same: what it took at least."""
    hubs = Catalogue.load().get("hubs")
    measured = questions._measured(
        hubs,
        Report("linkgraph", results={"hubs": Result((0.2, 0.1), (0.3, 0.2), 5)}, peak=90.0),
        [Report("other", results={"hubs": Result(stopped=120.0)})],
        Result((1.0,)),
    )

    assert list(measured) == [
        Measure("hubs", 0.1, "s", "other", 120.0, 0.5, rows=5, peak=90.0, cpu=0.2, at_least=True)
    ]


def test_a_table_is_shown_as_far_as_it_came() -> None:
    """What was measured before a failure is not lost."""

    def measures() -> Iterator[Measure]:
        yield Measure("a question", 0.25, "s", "other", 120.0, rows=1_234, at_least=True)
        raise Disagreement("in the end")

    console = Console(record=True, width=120)
    with pytest.raises(Disagreement):
        show("Questions", measures(), console)
    text = console.export_text()

    for said in ("a question", "1,234", "0.25 s", "> 120 s", "< 1/480"):
        assert said in text
