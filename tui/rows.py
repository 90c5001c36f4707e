"""Rows of a list, and what they are drawn with; a `RowList` shows them.

A row is drawn by a function of its own kind, which knows nothing of the list: it is given the
width, the styles of the theme and the names that are known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from linkgraph.model import Ref
    from queries.cardlines import CardLine

#: The lines of cards, as far as they are known by now.
Cards: TypeAlias = "Mapping[Ref, CardLine]"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a line or several."""

    key: Hashable | None
    """What it is known by from one list to the next; None for a heading."""
    value: Any
    refs: tuple[Ref, ...] = ()
    """The cards whose names it shows."""
    height: int = 1


@dataclass(frozen=True, slots=True)
class Ink:
    """The styles to draw with, of the theme in use. Each repeats what a sign tells."""

    added: Style
    removed: Style
    changed: Style
    trouble: Style
    quiet: Style
    strong: Style
    accent: Style
    good: Style


#: The names of the styles, in their order.
INKS = tuple(field.name for field in fields(Ink))
#: Draws a row: its lines for a width, with the names that are known.
Draw: TypeAlias = "Callable[[Row, int, Ink, Cards], Sequence[Text]]"


def column(text: Text, width: int) -> Text:
    """A text that is exactly `width` cells: cut with an ellipsis, or filled up."""
    text = text.copy()
    text.truncate(width, overflow="ellipsis", pad=True)
    return text
