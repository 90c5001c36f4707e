"""Colours tell what DuckDB will read: strings and comments as such, tables only where there are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.sqlcolours import LONGEST, PARTS, coloured

TABLES = {"edges", "leads"}


def told(sql: str) -> list[tuple[str, str]]:
    """The coloured pieces of a text with their kinds."""
    lines = sql.split("\n")
    return [
        (lines[number][start:end], kind)
        for number, parts in coloured(sql, TABLES).items()
        for start, end, kind in parts
    ]


def test_every_kind_of_part_has_its_colour() -> None:
    """Words, functions, tables, strings, numbers, comments, parameters."""
    assert told(
        "select count(*) from edges e -- why\nwhere e.name = 'Ж' and n < 1.5 and x = $p"
    ) == [
        ("select", "keyword"),
        ("count", "function"),
        ("from", "keyword"),
        ("edges", "table"),
        ("-- why", "comment"),
        ("where", "keyword"),
        ("'Ж'", "text"),
        ("and", "keyword"),
        ("1.5", "number"),
        ("and", "keyword"),
        ("$", "parameter"),
        ("p", "parameter"),
    ]


def test_names_that_are_words_too_stay_plain() -> None:
    """A column `name`, one called like a table, and a table that there is none of."""
    assert told('leads.name, a.leads, leeds, "select"') == [("leads", "table")]


def test_what_goes_over_lines_is_coloured_on_each() -> None:
    """Strings, comments, and the quote that is not closed yet."""
    assert told("/* a\n\nb */ 'c\nd'") == [
        ("/* a", "comment"),
        ("b */", "comment"),
        ("'c", "text"),
        ("d'", "text"),
    ]
    assert told("select 'a\nb") == [("select", "keyword"), ("'a", "text"), ("b", "text")]


def test_a_long_text_stays_plain() -> None:
    """It would be read anew with every key."""
    assert coloured("select 1;" * LONGEST, TABLES) == {}


@given(st.text(alphabet=st.sampled_from("ab1 '\"$-/*\n.Ж;(\x00"), max_size=40))
@settings(max_examples=150, deadline=None)
def test_parts_stay_in_their_lines_and_in_order(sql: str) -> None:
    """However broken the text."""
    lines = sql.split("\n")
    for number, parts in coloured(sql, TABLES).items():
        end = 0
        for start, stop, kind in parts:
            assert end <= start < stop <= len(lines[number])
            assert kind in PARTS
            end = stop
