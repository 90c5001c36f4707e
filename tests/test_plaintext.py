"""Whatever others wrote stands on one line of a terminal and changes nothing but that line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.plaintext import plain
from tests.memory import LITTLE, peak_of

JOINERS = "\u200c\u200d"
ANYTHING = st.text(st.characters(exclude_categories=[]))  # lone surrogates too


def acts(char: str) -> bool:
    """Whether a character does something else than stand in its cell."""
    return (char not in JOINERS and unicodedata.category(char)[0] in "C") or char in "\u2028\u2029"


@given(ANYTHING, st.integers(1, 300))
def test_one_printable_line_of_bounded_length(text: str, limit: int) -> None:
    """No text is longer than asked for, or holds a character that acts."""
    shown = plain(text, limit)

    assert len(shown) <= limit
    assert not [char for char in shown if acts(char)]
    assert len(shown.splitlines()) <= 1


@given(ANYTHING, st.integers(1, 300))
def test_shown_twice_is_shown_once(text: str, limit: int) -> None:
    """What is plain stays as it is."""
    once = plain(text, limit)

    assert plain(once, limit) == once


@given(ANYTHING)
def test_nothing_is_hidden(text: str) -> None:
    """Within the limit every character of the text is shown: as itself or written out."""
    shown = plain(text, 12 * len(text) + 1)

    assert len(shown) >= len(text)
    assert shown == "".join(plain(char, 12) for char in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]8;;https://evil.example\x07x", "␛]8;;https://evil.example\\x07x"),
        ("\x9b31m", "\\x9b31m"),
        ("a\x00b", "a␀b"),
        ("one\r\ntwo\tthree", "one␍⏎two⇥three"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("a\u200bb\ufeffc\u00add", "a\\u200bb\\ufeffc\\xadd"),
        ("\ud800", "\\ud800"),
        ("x\U000e0041\U000e007f", "x\\U000e0041\\U000e007f"),
        ("\ue000", "\\ue000"),
        ("\x08\x08\x7f", "\\x08\\x08␡"),
    ],
)
def test_hostile_texts_are_written_out(text: str, shown: str) -> None:
    """Escape codes, turned reading directions and invisible characters become visible."""
    assert shown == plain(text)


@pytest.mark.parametrize(
    "name",
    [
        "Иванов Пётр, ООО «Ромашка»",
        "Әлібек Нұрғалиұлы Қасымов",
        "李小龍",
        "株式会社テスト",
        "김철수",
        "محمد",
        "יוסף",
        "Łukasz Żółć",
        "naïve — “quoted” … №5 ™",
        "👨‍👩‍👧‍👦 Семья",
        "❤️🇰🇿",
        "[/x] closing [red]",
        "=1+1",
        "",
    ],
)
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    """Names in the scripts that people use, emoji and markup included, are not changed."""
    assert name == plain(name)


def test_megabytes_are_cut_before_they_are_looked_through() -> None:
    """Of a text of millions of hostile characters no copy is made, nor anything of its size."""
    text = "\u202e" * 5_000_000
    shown = plain(text)

    assert peak_of(lambda: plain(text)) < LITTLE
    assert (len(shown), shown[-1]) == (200, "…")


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (5, "5"), (True, "True"), ("x", "x")])
def test_values_that_are_no_text(value: object, shown: str) -> None:
    """Nothing is shown as nothing, other values as Python writes them."""
    assert shown == plain(value)
