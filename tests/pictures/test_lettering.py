"""Texts are cut to the room they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.pictures.lettering import cut, width
from tests.memory import LITTLE, peak_of


@given(st.text(st.characters(exclude_categories=[])), st.floats(20, 300))
def test_no_text_is_wider_than_its_room(text: str, room: float) -> None:
    """Whatever the text, what is left of it fits, on one line."""
    shown = cut(text, 12, room)

    assert width(shown, 12) <= room
    assert len(shown.splitlines()) <= 1


def test_what_fits_is_not_cut() -> None:
    """A name that has room stays as it is."""
    assert cut("Иванов Пётр", 12, 100) == "Иванов Пётр"


def test_a_cut_is_marked() -> None:
    """A name that is too long ends in an ellipsis, without a blank before it."""
    assert cut("Ремонт офиса на Ленинском", 12, 95) == "Ремонт офиса…"


@pytest.mark.parametrize(
    "text", ["W" * 1_000_000, "\u202e" * 1_000_000, "e" + "\u0301" * 1_000_000]
)
def test_a_megabyte_is_cut_at_once(text: str) -> None:
    """Length costs nothing: no copy of the text is made."""
    assert peak_of(lambda: cut(text, 12, 150)) < LITTLE


def test_towers_of_marks_are_levelled() -> None:
    """Marks heaped on one letter would lie over other cards: a few are enough."""
    assert cut("a" + "\u0301" * 50 + "b", 12, 150) == "a" + "\u0301" * 3 + "b"
