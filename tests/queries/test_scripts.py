"""Promises of the cutting of scripts: statements end where DuckDB ends them, half typed or not."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.scripts import Kind, appended, statement_at, statements, tokens

WHOLE = (
    "select 1",
    "select ';' as \"a;b\"",
    "select $$ ; $$ -- not here;\n, 2",
    "/* nor; /* here; */ ; */ select 'Ж;'",
    "from range(3)",
    "select e'\\';'",
)


def test_semicolons_in_strings_comments_and_names_do_not_end_a_statement() -> None:
    """A semicolon cuts only where it is one to DuckDB."""
    assert [one.text for one in statements(";\n".join(WHOLE) + ";")] == list(WHOLE)


@given(st.lists(st.sampled_from([*WHOLE, "", " ", "-- c\n"]), max_size=6))
@settings(max_examples=60, deadline=None)
def test_statements_are_those_that_duckdb_finds(parts: list[str]) -> None:
    """What parses is cut into as many statements as DuckDB counts, each a piece of the text."""
    script = ";".join(parts)
    found = statements(script)

    assert len(duckdb.extract_statements(script)) == len(found)
    for one in found:
        assert script[one.start : one.end] == one.text == one.text.strip()


@given(st.text(alphabet=st.sampled_from("ab '\";$-/*\nЖ\x00\ud800"), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_cut_without_complaint(script: str) -> None:
    """Half quotes, half comments, what is no text: pieces come out in order, none overlapping."""
    end = 0
    for one in statements(script):
        assert end <= one.start < one.end
        assert script[one.start : one.end] == one.text
        end = one.end


def test_half_typed_statement_is_one_too() -> None:
    """What cannot be parsed yet is still the statement one stands in."""
    assert [one.text for one in statements("select 'abc")] == ["select 'abc"]
    assert [one.text for one in statements("select 1; 'abc")] == ["select 1", "'abc"]
    assert statements(" -- only a comment\n;;") == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param(0, "select 1", id="at its start"),
        pytest.param(8, "select 1", id="before its semicolon"),
        pytest.param(9, "select 1", id="behind its semicolon"),
        pytest.param(10, "select 2\nfrom b", id="on an empty line before the next"),
        pytest.param(21, "select 2\nfrom b", id="in its second line"),
        pytest.param(28, "select 2\nfrom b", id="after the last"),
    ],
)
def test_statement_under_the_cursor(place: int, expected: str) -> None:
    """The one around the place, else that before it on the line, else the next, else the last."""
    found = statement_at("select 1;\n\nselect 2\nfrom b;\n\n", place)

    assert found is not None
    assert expected == found.text


def test_no_statement_under_the_cursor() -> None:
    """Where nothing is written there is nothing to run."""
    assert statement_at("  -- nothing\n", 3) is None


def test_words_have_their_places_in_characters() -> None:
    """Offsets count characters, not bytes, and quotes of names are taken off."""
    sql = 'select \'Жук\', "имя""", Name::text from x'
    found = tokens(sql)

    assert " ".join(one.text for one in found) == "select ' , имя\" , name : text from x"
    assert found[0].kind is Kind.KEYWORD
    assert found[3].kind is Kind.NAME
    assert sql[found[3].start : found[3].end] == '"имя"""'


def test_words_end_where_they_end() -> None:
    """Strings of every kind and numbers are told whole, whatever follows them."""
    sql = "select 'it''s', e'\\'', $a$ ' $a$/*c*/, 1.5e-3, \"a\"\"b\" --x"
    found = [sql[one.start : one.end] for one in tokens(sql)]

    assert found[1::2] == ["'it''s'", "e'\\''", "$a$ ' $a$", "1.5e-3", '"a""b"']


@given(
    st.lists(st.sampled_from([*WHOLE, "select 1 -- c", "/* c */", "-- only\n", " "]), max_size=4),
    st.sampled_from(["select 7", "-- why\nselect 7;", " select 7 -- seven"]),
    st.sampled_from(["", ";", ";\n", "\n"]),
)
@settings(max_examples=100, deadline=None)
def test_one_more_statement_stands_by_itself(parts: list[str], more: str, end: str) -> None:
    """Whatever a script ends with, what is put below it is a statement of its own."""
    script = ";\n".join(parts) + end
    text, start = appended(script, more)

    assert text.startswith(script.rstrip())
    assert text[start:] == more.strip()
    last = statements(text)[-1]
    assert last.text.endswith(more.strip().rstrip(";"))
    assert len(statements(text)) == len(statements(script)) + 1
    assert appended(text, last.text) == (text, last.start)
