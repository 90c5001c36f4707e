"""The question files hold together, and a file that does not is told where."""

import re
from collections.abc import Iterator

import duckdb
import pytest

from linkgraph.errors import InvalidParameter, InvalidQuestion, UnknownQuestion, UsageError
from linkgraph.model import EntityType
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.header import parse
from queries.parameters import Kind, Value
from queries.question import Column, Question
from queries.runner import ask
from queries.sandbox import run_sql
from queries.statements import filled_sql, runnable_sql
from tests.queries.conftest import World, building

CATALOGUE = Catalogue.load()
QUESTIONS = pytest.mark.parametrize("question", CATALOGUE, ids=lambda question: question.name)
FILE = """\
-- title: A title
-- group: Things
-- question: What is it?
-- definition: One line
--   and another
-- parameters:
--   least integer = 2 (1..9): Fewest
--     of them
--   word text = a (a | b): Which
--   who text: Whom
-- columns:
--   lead_id: The lead
--   lead_name: Its name
select 1 as lead_id, $word || $who as lead_name where $least > 0;
"""


SQL_QUESTIONS = pytest.mark.parametrize(
    "question",
    [question for question in CATALOGUE if question.module is None],
    ids=lambda question: question.name,
)


def statements(question: Question) -> list[str]:
    return [sql for sql in (question.sql, question.cut_sql) if sql is not None]


def given(question: Question) -> dict[str, Value]:
    """A card of the right type for each parameter that has to be given."""
    return {
        parameter.name: f"{(parameter.choices or ('lead',))[0]}:{number}"
        for number, parameter in enumerate(question.parameters, 1)
        if parameter.required
    }


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """Two cards of each type that nothing links, and the same account before they were there."""

    def fill(world: World) -> None:
        for kind in ("lead", "contact", "company", "customer"):
            for number in (1, 2):
                world.card(f"{kind}:{number}")

    with building(tmp_path_factory.mktemp("bare")) as little:
        yield little(fill, older=lambda world: None)


@QUESTIONS
def test_parameters_are_declared_and_used(question: Question) -> None:
    """Every parameter that is declared is used, and none that is not; only cards may be asked for.

    In SQL a parameter is a `$name`; a snapshot is none, it is opened. Python asks for it by name.
    """
    declared = {one.name for one in question.parameters if one.kind is not Kind.SNAPSHOT}
    used: set[str] = set()
    for sql in statements(question) if question.module is None else ():
        (statement,) = duckdb.extract_statements(sql)
        used |= statement.named_parameters
    if question.module is not None:
        used = set(
            re.findall(r'asked\.(?:integer|number|text|flag|card)\("(\w+)"\)', question.source)
        )

    assert used == declared
    assert {one.kind for one in question.parameters if one.required} <= {Kind.CARD}


@QUESTIONS
def test_meanings_are_sentences(question: Question) -> None:
    """Every text begins with a capital; parameters have a range where they are numbers."""
    texts = [question.title, question.text, question.definition, question.cut_meaning or "X"]
    texts += [one.meaning for one in question.parameters]
    texts += [one.meaning for one in question.columns]

    assert all(text[0].isupper() or text[0] in "«`" for text in texts)
    assert question.text.endswith("?")
    assert question.definition.endswith(".")
    assert (question.problem or "x")[0].islower()
    for parameter in question.parameters:
        if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
            assert parameter.low is not None


@QUESTIONS
def test_columns_are_as_promised(bare: Sources, question: Question) -> None:
    """The columns that come back are those of the header, in its order."""
    answer = ask(bare, question, given(question))

    assert answer.table.column_names == [column.name for column in question.columns]


@QUESTIONS
def test_ids_come_with_names_and_rows_with_an_address(bare: Sources, question: Question) -> None:
    """`x_id` and `x_ref` are followed by `x_name`; each row has at least one address of a card."""
    answer = ask(bare, question, given(question))
    tables = [answer.table, *([answer.cut.table] if answer.cut else [])]

    for names in (table.column_names for table in tables):
        for place, name in enumerate(names):
            if name.endswith(("_id", "_ref")):
                assert names[place + 1] == name.removesuffix("_id").removesuffix("_ref") + "_name"
            if name == "ref":
                assert names[place + 1] == "name"
        assert [name for name in names if name == "url" or name.endswith("_url")]


@SQL_QUESTIONS
def test_sql_is_portable_and_ordered(question: Question) -> None:
    """No shorthand of one engine, lower case, and an order that ids settle."""
    for sql in statements(question):
        assert not re.search(
            r"::|\ball\s*$|group by all|order by all|recursive|\bunnest\b|\blist", sql
        )
        assert not re.search(r"\b(?:anti|semi|asof|qualify|exclude|using)\b|\bselect \*", sql)
        assert not re.search(r"\b(?:SELECT|FROM|WHERE|JOIN|GROUP|ORDER)\b", sql)
        assert re.search(r"order by\s(?:(?!order by).)*\b\w+_(?:id|ref)$", sql, re.DOTALL)


@QUESTIONS
def test_a_hub_cap_tells_what_it_cut(question: Question) -> None:
    """Whoever takes a hub_cap says what it cuts, and nobody else does."""
    capped = "hub_cap" in {parameter.name for parameter in question.parameters}

    assert capped == (question.cut_meaning is not None)
    assert question.module or capped == (question.cut_sql is not None)


@SQL_QUESTIONS
def test_printed_sql_runs_as_it_stands(bare: Sources, question: Question) -> None:
    """What `--sql` prints can be pasted into a shell, and so can the statement of the cut."""
    values = given(question)
    texts = [runnable_sql(question, values), runnable_sql(question, values, cut=True)]
    assert bare.compare is not None
    engine = bare.compare("previous", "newest") if question.compares else bare.engine
    with engine.connect() as connection:
        native = connection.connection.driver_connection
        assert native is not None
        for text in texts[: len(statements(question))]:
            for statement in native.extract_statements(text):
                native.execute(statement)


def test_printed_sql_quotes_its_values() -> None:
    """A text parameter cannot break out of its literal."""
    text = runnable_sql(
        parse("x", FILE.replace(" (a | b)", ""), "x.sql"), {"who": "o'; drop", "word": ""}
    )

    assert "execute x(least := 2, word := '', who := 'o''; drop');" in text


@SQL_QUESTIONS
def test_filled_sql_is_one_select(bare: Sources, question: Question) -> None:
    """With its values written in, a question is one statement that only reads, and runs."""
    if question.compares:
        with pytest.raises(UsageError):
            filled_sql(question, given(question))
        return

    with run_sql(bare.engine, filled_sql(question, given(question))) as result:
        assert result.columns == [column.name for column in question.columns]


def test_filled_sql_writes_values_where_they_are_meant() -> None:
    """Names in texts and comments stay, a minus joins no other, quotes do not end a literal."""
    file = FILE.replace(" (a | b)", "").replace("(1..9)", "(-9..9)")
    header, _, _ = file.partition("\nselect")
    sql = "select 'ы $least' as a, -$least as b, $who as c -- $word\n  , $word as d"
    question = parse("x", f"{header}\n{sql};\n", "x.sql")

    filled = filled_sql(question, {"least": -2, "who": "o'; drop"})

    assert "select 'ы $least' as a, -(-2) as b, 'o''; drop' as c -- $word\n  , 'a' as d" in filled


def test_an_unknown_question_names_the_nearest() -> None:
    """A typing error is met with the name that was meant; underscores are understood."""
    with pytest.raises(UnknownQuestion) as caught:
        CATALOGUE.get("orphan-contact")

    assert "orphan-contacts" in caught.value.hint
    assert CATALOGUE.get("Orphan_Contacts").name == "orphan-contacts"


def test_groups_list_every_question_once() -> None:
    """The list by group holds all questions."""
    grouped = [question for questions in CATALOGUE.groups().values() for question in questions]

    assert sorted(question.name for question in grouped) == sorted(CATALOGUE.questions)


def test_a_header_is_read_whole() -> None:
    """Continued lines, types, defaults, ranges and choices."""
    question = parse("x", FILE, "x.sql")
    least, word, who = question.parameters

    assert question.definition == "One line and another"
    assert (least.kind, least.default, least.low, least.high) == (Kind.INTEGER, 2, 1, 9)
    assert least.meaning == "Fewest of them"
    assert (word.default, word.choices) == ("a", ("a", "b"))
    assert who.required
    assert question.columns[0] == Column("lead_id", "The lead")
    assert question.sql.startswith("select 1")
    assert not question.sql.endswith(";")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        pytest.param("-- title: A title\n", "", "x.sql:13: the header lacks title", id="no title"),
        pytest.param("title: A title", "title:", "x.sql:1: nothing is written", id="empty title"),
        pytest.param("-- group", "-- grupp", "x.sql:2: unknown key", id="unknown key"),
        pytest.param(
            "-- group: Things", "-- title: B", "x.sql:2: «title» stands there twice", id="twice"
        ),
        pytest.param("-- group: Things", "--group", "x.sql:2: not a header line", id="no key"),
        pytest.param("who text:", "who card:", "x.sql:10: a card in SQL", id="any card"),
        pytest.param("who text:", "who card (element):", "x.sql:10: a card in SQL", id="element"),
        pytest.param("= 2 (1", "= 0 (1", "x.sql:7: the default", id="default out of range"),
        pytest.param("(1..9)", "(1-9)", "x.sql:7: «1-9» is no range", id="bad range"),
        pytest.param("least integer", "least int", "x.sql:7: unknown type", id="unknown type"),
        pytest.param("who text:", "who text", "x.sql:10: not a new parameter", id="no meaning"),
        pytest.param("lead_name:", "lead_id:", "x.sql:13: not a new column", id="column twice"),
        pytest.param("select", "-- cut: a\n-- cut: b\nselect", "x.sql:14", id="two cuts"),
    ],
)
def test_a_broken_file_is_told_where(old: str, new: str, where: str) -> None:
    """Errors name the file and the line, and what is expected there."""
    with pytest.raises(InvalidQuestion) as caught:
        parse("x", FILE.replace(old, new, 1), "x.sql")

    assert where in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("least", "ten"),
        ("least", "0"),
        ("least", 10),
        ("least", True),
        ("least", "2.0"),
        ("least", 9**99),
        ("word", "c"),
        ("word", 3),
        ("nobody", 1),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(name: str, given: str | int) -> None:
    """The message names the parameter, the hint what it takes."""
    with pytest.raises(InvalidParameter) as caught:
        parse("x", FILE, "x.sql").bind({name: given, "who": "me"})

    assert name in caught.value.message
    assert "take" in caught.value.hint


def test_a_missing_value_is_asked_for() -> None:
    """What has no default has to be given."""
    with pytest.raises(InvalidParameter, match="who is missing"):
        parse("x", FILE, "x.sql").bind({})


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("OFF", False), (" 0 ", False)])
def test_booleans_are_read_from_words(text: str, value: bool) -> None:
    """Yes and no, in the usual spellings."""
    assert CATALOGUE.get("wrong-main-contact").bind({"weaker": text}) == {"weaker": value}


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("lead_id", EntityType.LEAD),
        ("company_a_id", EntityType.COMPANY),
        ("better_contact_id", EntityType.CONTACT),
        ("responsible_user_id", None),
        ("lead_name", None),
        ("pipeline_id", None),
    ],
)
def test_card_columns_are_known_by_name(name: str, entity: EntityType | None) -> None:
    """Any front end can tell which columns open a card."""
    assert Column(name, "").entity is entity
