"""People's own questions: files in a folder, beside those of the library."""

import os
from pathlib import Path

import pytest

from linkgraph.errors import InvalidQuestion, QueryError, QueryForbidden, UnknownQuestion
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.runner import Answer, ask
from queries.statements import runnable_sql
from tests.queries.conftest import Little, World

WHOLE = """\
-- title: Big leads
-- group: Sales
-- question: Which leads are big?
-- definition: Leads of at least so much.
-- parameters:
--   least number = 100 (0..): Least price
-- columns:
--   lead_id: The lead
select lead_id, price
from leads
where price >= $least
order by lead_id
"""


@pytest.fixture
def sources(little: Little) -> Sources:
    def fill(world: World) -> None:
        world.card("lead:1", "Один", price=50.0)
        world.card("lead:2", "Два", price=500.0)

    return little(fill)


def own(folder: Path, name: str, text: str) -> Catalogue:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return Catalogue.load(folder)


def asked(sources: Sources, catalogue: Catalogue, name: str, **given: str) -> Answer:
    return ask(sources, catalogue.get(name), given)


def test_a_file_with_a_header_is_a_question_like_any_other(
    sources: Sources, tmp_path: Path
) -> None:
    """It has its group, its parameters and their ranges."""
    catalogue = own(tmp_path / "questions", "big-leads.sql", WHOLE)

    assert [question.name for question in catalogue.groups()["Sales"]] == ["big-leads"]
    found = asked(sources, catalogue, "big-leads", least="100")
    assert found.rows() == [{"lead_id": 2, "price": 500.0}]
    assert str(found.refs(0)["lead_id"]) == "lead:2"


def test_a_file_of_plain_sql_is_enough(sources: Sources, tmp_path: Path) -> None:
    """Its name is its title; it stands in a group of its own, after all others."""
    catalogue = own(
        tmp_path / "questions", "All_leads.sql", "select lead_id from leads order by 1;"
    )

    question = catalogue.get("all-leads")
    assert (question.title, question.group, question.columns) == ("All leads", "Your own", ())
    assert list(catalogue.groups())[-1] == "Your own"
    assert asked(sources, catalogue, "all-leads").total == 2
    assert "select lead_id from leads" in runnable_sql(question)


def test_no_folder_is_no_question(tmp_path: Path) -> None:
    """Most homes have none."""
    assert len(Catalogue.load(tmp_path / "nowhere")) == len(Catalogue.load())


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        pytest.param(
            "-- title: T\nselect nothing\nfrom leads",
            QueryError,
            'mine.sql:2: Referenced column "nothing"',
            id="unknown column",
        ),
        pytest.param("\n\nselect 1 +\n", QueryError, "mine.sql", id="syntax"),
        pytest.param(
            "select 1\nwhere 1 = $one", InvalidQuestion, "mine.sql:2: $one is not", id="undeclared"
        ),
        pytest.param("drop table leads", QueryForbidden, "mine.sql:1: DROP is not", id="writes"),
        pytest.param(
            "select * from read_csv('/etc/passwd')", QueryForbidden, "mine.sql", id="reads a file"
        ),
        pytest.param("copy leads to '/tmp/x'", QueryForbidden, "mine.sql", id="writes a file"),
        pytest.param("select 1; select 2", QueryForbidden, "mine.sql", id="two statements"),
        pytest.param("-- grupp: X\nselect 1", InvalidQuestion, "mine.sql:1", id="header"),
        pytest.param("-- title: T", InvalidQuestion, "mine.sql:2: no SQL", id="no SQL"),
        pytest.param("", InvalidQuestion, "mine.sql:1", id="empty"),
    ],
)
def test_errors_point_into_the_file(
    sources: Sources, tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    """The file, its line, and nothing but reads of the snapshot."""
    catalogue = own(tmp_path / "questions", "mine.sql", text)

    with pytest.raises(error) as caught:
        asked(sources, catalogue, "mine")
    assert said in str(getattr(caught.value, "message", ""))
    assert str(tmp_path) in str(getattr(caught.value, "message", ""))


def test_the_place_of_an_error_can_be_marked(sources: Sources, tmp_path: Path) -> None:
    """Its offset is within the whole file."""
    text = "-- title: T\n\nselect lead_id, nothing\nfrom leads"
    catalogue = own(tmp_path / "questions", "mine.sql", text)

    with pytest.raises(QueryError) as caught:
        asked(sources, catalogue, "mine")
    assert caught.value.source == text
    assert caught.value.position is not None
    assert text[caught.value.position :].startswith("nothing")


def test_a_broken_file_hides_no_other_question(sources: Sources, tmp_path: Path) -> None:
    """The catalogue lists the rest, and tells of the broken one when it is asked for."""
    own(tmp_path / "questions", "fine.sql", "select 1 as n")
    (tmp_path / "questions" / "binary.sql").write_bytes(b"\xff\xfe\x00")
    catalogue = own(tmp_path / "questions", "bad name!.sql", "select 1")

    assert set(catalogue.broken) == {"binary", "bad name!"}
    assert asked(sources, catalogue, "fine").rows() == [{"n": 1}]
    with pytest.raises(InvalidQuestion, match="cannot be read"):
        catalogue.get("binary")
    with pytest.raises(UnknownQuestion):
        catalogue.get("nobody")


def test_the_library_is_never_hidden(tmp_path: Path) -> None:
    """A file of the same name as a question of the library is told of, and not taken."""
    catalogue = own(tmp_path / "questions", "orphan_contacts.sql", "select 1")

    assert catalogue.get("orphan-contacts").path is None
    assert "already" in catalogue.broken["orphan-contacts"].message


def test_what_is_no_file_keeps_nobody_waiting(sources: Sources, tmp_path: Path) -> None:
    """Pipes, folders, dead links and huge files are told of, each with its own reason."""
    folder = tmp_path / "questions"
    own(folder, "FINE.SQL", "\ufeffselect 1 as n\r\n")
    os.mkfifo(folder / "pipe.sql")
    (folder / "folder.sql").mkdir()
    (folder / "dead.sql").symlink_to("nowhere")
    (folder / "huge.sql").write_text("-- title: x\n" * 200_000)
    catalogue = Catalogue.load(folder)

    assert set(catalogue.broken) == {"pipe", "folder", "dead", "huge"}
    assert "no file" in catalogue.broken["pipe"].message
    assert "too large" in catalogue.broken["huge"].message
    assert asked(sources, catalogue, "fine").rows() == [{"n": 1}]
