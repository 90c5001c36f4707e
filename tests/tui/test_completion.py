"""What completes at a cursor: what a reader of the statement would type next, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.functions import FunctionInfo
from queries.tablelist import ColumnInfo, TableInfo
from tui.completion import MOST, Completion, Sort, Vocabulary, complete

RELATIONS = ("lead_contact", "lead_company")


def table(name: str, *columns: str) -> TableInfo:
    return TableInfo(
        name,
        False,
        f"all {name}",
        tuple(
            ColumnInfo(
                one,
                "relation" if one == "relation" else "bigint",
                RELATIONS if one == "relation" else (),
                "",
            )
            for one in columns
        ),
    )


VOCABULARY = Vocabulary(
    [
        table("edges", "relation", "from_id", "to_id", "is_main"),
        table("leads", "lead_id", "name", "price"),
        table("contacts", "contact_id", "name"),
        table("lead_contacts", "lead_id", "contact_id"),
    ],
    [
        FunctionInfo("count", ("arg",), "counts", is_table=False),
        FunctionInfo("lower", ("string",), "in lower case", is_table=False),
        FunctionInfo("range", ("stop",), "numbers", is_table=True),
    ],
)


def at(text: str, *, asked: bool = False) -> Completion | None:
    """What completes where the bar stands."""
    before, _, after = text.partition("|")
    return complete(before + after, len(before), VOCABULARY, asked=asked)


def texts(text: str, *, asked: bool = False) -> list[str]:
    found = at(text, asked=asked)
    return [one.text for one in found.suggestions] if found else []


@pytest.mark.parametrize(
    "text",
    [
        "select * from l|",
        "select 1 from leads join l|",
        "select 1 from contacts, l|",
        "from l|",
        "summarize l|",
        "select (select max(price) from l|) from contacts",
        "with a as (select 1 from l|) select 1",
        "select 1; select * from l|; select 2",
    ],
)
def test_tables_where_a_table_stands(text: str) -> None:
    """After FROM and JOIN and between tables there are tables, no columns and no keywords."""
    assert texts(text) == ["leads", "lead_contacts"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select l.| from leads l", ["lead_id", "name", "price"]),
        ("select l.p| from leads as l", ["price"]),
        ("select l.| from leads as \"l\"", ["lead_id", "name", "price"]),
        ("select 1 from leads L where l.n|", ["name"]),
        ("select leads.p| from leads", ["price"]),
        ("select x.| from (select lead_id, price * 2 as twice from leads) x", ["lead_id", "twice"]),
        ("with a as (select to_id t, count(*) from edges) select a.| from a", ["t"]),
        ("with a(n) as (select lead_id from leads) select a.| from a", ["n"]),
        ("with a as (from leads) select b.| from a b", ["lead_id", "name", "price"]),
        ("with a as (select * from leads), b as (select a.* from a) select b.p| from b", ["price"]),
        ("select e.| from contacts c join edges e on true", [*["relation", "from_id", "to_id"],
                                                           "is_main"]),
        ("select n.| from edges e", []),
        ("select leads.p|", ["price"]),
    ],
)  # fmt: skip
def test_columns_after_an_alias(text: str, expected: list[str]) -> None:
    """A dot offers the columns of what stands before it: table, alias, subquery or WITH."""
    assert texts(text) == expected


def test_columns_of_the_tables_that_are_read_come_first() -> None:
    """Then the tables' names, functions and keywords; what both tables have is told apart."""
    found = at("select l| from leads join contacts c on true")
    assert found is not None
    assert [(one.text, one.sort) for one in found.suggestions] == [
        ("lead_id", Sort.COLUMN),
        ("leads", Sort.ALIAS),
        ("lower(", Sort.FUNCTION),
        *((word, Sort.KEYWORD) for word in ("limit", "left join", "lateral", "like")),
    ]
    assert texts("select n| from leads join contacts c on true")[:2] == ["leads.name", "c.name"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select (select p| from leads) from contacts", "price"),
        ("select 1 from leads where exists (select 1 from contacts where p|)", "price"),
        ("select contact_id from contacts union select p| from leads", "price"),
    ],
)
def test_a_subquery_sees_its_own_tables_and_those_around_it(text: str, expected: str) -> None:
    """What can be read at the cursor is what is offered there."""
    assert texts(text)[0] == expected


def test_a_sibling_query_is_not_seen() -> None:
    """The tables of another subquery, or of the other side of a UNION, are not offered."""
    assert "price" not in texts("select (select 1 from leads), p| from contacts")
    assert "price" not in texts("select p| from contacts union select 1 from leads")
    assert "price" not in texts("select 1 from leads; select p| from contacts")


def test_before_a_table_is_named_all_columns_are_offered() -> None:
    """With the tables that have them."""
    found = at("select na|")
    assert found is not None
    assert (found.suggestions[0].text, found.suggestions[0].told) == ("name", "leads, contacts")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sel|", ["select"]),
        ("SEL|", ["SELECT"]),
        ("select 1 from leads wh|", ["where", "when"]),
        ("select 1 from leads group by all or|", ["or", "order by", "order by all"]),
        ("select count(*) fr|", ["from"]),
        ("select 1 from leads w|", []),
        ("select price as n|", []),
    ],
)
def test_keywords_where_something_whole_goes_on(text: str, expected: list[str]) -> None:
    """After a name only keywords go on; a name that is being given is left alone."""
    assert texts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "select 'le|",
        "select 'le|' from leads",
        "select 1 -- le|",
        "select /* le| */ 1",
        "select $$ le| $$",
        'select "le|',
        "select 1le|",
        "|",
        "select |",
        "select name from leads |",
        "select price from leads where price|",
    ],
)
def test_nothing_is_offered(text: str) -> None:
    """In strings, comments and numbers, where nothing is begun, and where all is said."""
    assert at(text) is None


def test_who_asks_is_told_what_may_come() -> None:
    """Without a letter typed: tables after FROM, columns of the tables read after SELECT."""
    assert texts("select * from |", asked=True)[:2] == ["edges", "leads"]
    assert texts("select | from leads", asked=True)[:3] == ["lead_id", "name", "price"]
    assert texts("|", asked=True)[0] == "select"
    assert texts("select price from leads where price|", asked=True) == ["price"]


@pytest.mark.parametrize(
    "text",
    [
        "select 1 from edges where relation = '|",
        "select 1 from edges e where e.relation in ('lead_contact', '|",
        "select 1 from edges e where e.relation <> 'lead|",
    ],
)
def test_values_of_an_enumerated_column(text: str) -> None:
    """Compared with a string, it has its values offered, with the quote that closes them."""
    assert texts(text) == ["lead_contact'", "lead_company'"]


def test_no_values_in_a_comment_or_of_another_column() -> None:
    """A quote alone offers nothing."""
    assert texts("select 1 from edges -- relation = '|") == []
    assert texts("select 1 from leads where name = '|") == []


def test_words_within_names_are_found_after_those_that_begin() -> None:
    """`con` finds contacts first, and lead_contacts too."""
    assert texts("from con|") == ["contacts", "lead_contacts"]


def test_the_word_is_what_is_replaced() -> None:
    """From where it begins to the cursor; what stands behind is left."""
    found = at("select 'Ж', l.pr|x from leads l")
    assert found is not None
    assert (found.start, found.end) == (14, 16)


@given(
    st.lists(
        st.sampled_from(
            [*"().,;*='\"$-\n ", "select", "from", "leads", "l", "with", "as", "join", "union", "Ж"]
        ),
        max_size=25,
    ),
    st.integers(0, 40),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_text_completes_without_complaint(parts: list[str], place: int, asked: bool) -> None:
    """However broken the statement: what is offered stands for a piece that ends at the cursor."""
    text = " ".join(parts)
    place = min(place, len(text))
    found = complete(text, place, VOCABULARY, asked=asked)

    if found is not None:
        assert 0 <= found.start <= found.end == place
        assert 0 < len(found.suggestions) <= MOST
        assert len({one.text for one in found.suggestions}) == len(found.suggestions)


def test_brackets_without_end_are_borne() -> None:
    """A thousand brackets deep, and a script of a megabyte."""
    deep = "select * from " + "(select * from " * 1000
    assert texts(deep + "l|") == ["leads", "lead_contacts"]
    long = "select 'x' as y from contacts;\n" * 30_000
    assert texts(long + "select p| from leads")[0] == "price"
