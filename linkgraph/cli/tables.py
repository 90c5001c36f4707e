"""Rows for people: a table where there is a terminal, tab-separated plain text in a pipe.

In a terminal an id, its name and its address become one column: the name, a ref that other
commands take, and a link to the card.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from linkgraph.cli.output import narrate
from linkgraph.errors import InvalidRef
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.fields import TEXT, fields, in_a_row, written
from queries.question import entity_of, stem_of

if TYPE_CHECKING:
    import pyarrow as pa

_LEAST = 16  # the least, where it is longer
_BETWEEN = 3  # blanks between two columns
_DIM = Style(dim=True)


def terminal() -> Console:
    """stdout as a terminal; colour and width as it says, or as NO_COLOR and COLUMNS say."""
    return Console(highlight=False, markup=False, emoji=False)


def is_terminal() -> bool:
    """Whether stdout is read by a person."""
    return sys.stdout.isatty()


def write_rows(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Lines with a header, every value on one line: columns for a person, else tab-separated."""
    lines = [[plain(name) for name in names]]
    lines += [[_one_line(value) for value in row] for row in rows]
    out = sys.stdout
    if not is_terminal():
        out.writelines("\t".join(line) + "\n" for line in lines)
        return
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        out.write("  ".join(cells).rstrip() + "\n")


def write_hanging(start: str, text: str) -> None:
    """Write `start` and `text`; in a terminal the text's further lines stand below its first."""
    if is_terminal():
        room = max(terminal().width - len(start), _LEAST)
        text = ("\n" + " " * len(start)).join(textwrap.wrap(text, room, break_on_hyphens=False))
    sys.stdout.write(f"{start}{text}\n")


def write_arrow(table: pa.Table) -> None:
    """Print an Arrow table, in the form that suits stdout."""
    from queries.rows import all_placed, unique_names

    table = table.rename_columns(unique_names(table.column_names))
    console = terminal()
    with all_placed("a table"):
        if not is_terminal():
            write_rows(table.column_names, (list(row.values()) for row in table.to_pylist()))
            return
        shown, left_out = rendered(table, console.width)
    console.print(shown)
    if left_out:
        narrate(f"too narrow for {', '.join(left_out)}: widen the terminal, or -f csv")


def rendered(table: pa.Table, width: int) -> tuple[Table, list[str]]:
    """An Arrow table as a rich table, ids, names and addresses joined.

    Refs, numbers and times are there to be read whole: they are never cut. Text gives way to them,
    and the last columns to the first.

    Returns:
        The table, and the headings of the last columns where `width` has no room for them.
    """
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    rows = table.to_pylist()
    plans = _plans(table.column_names)
    room = width + 1  # the last column has no blanks after it, but the table has an edge
    fitting: list[tuple[tuple[str, ...], list[Text], int, int]] = []
    for plan in plans:
        cells = [_cell(plan, row) for row in rows]
        least, most = _widths(plan, cells, str(table.schema.field(plan[1]).type))
        room -= least + _BETWEEN
        if room < 0 and fitting:
            room += least + _BETWEEN
            break
        fitting.append((plan, cells, least, most))
    for plan, _, least, most in fitting:
        given = min(most - least, max(room, 0))
        room -= given
        number = len(plan) == 2 and _is_number(str(table.schema.field(plan[1]).type))
        shown.add_column(
            plan[0],
            justify="right" if number else "left",
            overflow="ellipsis",
            # Headings may break between words; of a card's two lines none may.
            no_wrap=len(plan) == 3,
            width=min(least + given, max(width, 1)),
        )
    for line in zip(*(cells for _, cells, _, _ in fitting), strict=True):
        shown.add_row(*line)
    return shown, [plan[0] for plan in plans[len(fitting) :]]


def _widths(plan: tuple[str, ...], cells: Sequence[Text], kind: str) -> tuple[int, int]:
    """The width below which a column would lose what must be whole, and the width it wants."""
    heading = max((cell_len(word) for word in plan[0].split()), default=1)
    lines = [cell_len(line) for cell in cells for line in cell.plain.split("\n")]
    most = max([heading, *lines])
    if len(plan) == 3:
        refs = [cell_len(cell.plain.split("\n")[-1]) for cell in cells]
        heading = cell_len(plan[0])  # on one line, as the card's two are
        return max([heading, min(most, _LEAST), *refs]), max(heading, most)
    whole = _is_number(kind) or kind.startswith(("timestamp", "date", "bool"))
    return most if whole else max(heading, min(most, _LEAST)), most


def _plans(names: Sequence[str]) -> list[tuple[str, ...]]:
    """(title, column) of each column, or (title, id or ref, name) where those belong together."""
    return [
        (field.title, field.column, *([field.name] if field.name else []))
        for field in fields(names)
    ]


def _cell(plan: tuple[str, ...], row: dict[str, Any]) -> Text:
    value = row[plan[1]]
    if len(plan) == 2:
        return Text(written(value, is_id=plan[1].endswith("_id"))) if value is not None else Text()
    if value is None:
        return Text()
    name = row[plan[2]]
    url = row.get(f"{stem_of(plan[1])}url")
    ref = _ref(plan[1], value)
    text = Text(plain(name, TEXT) if name else "—", style=Style(link=address(url, ref)))
    return text.append(f"\n{ref}", style=_DIM)


def address(url: object, ref: str) -> str | None:
    """The address, if it is the card's own in the CRM and not text from anywhere."""
    try:
        fits = isinstance(url, str) and url.isascii() and str(Ref.parse(url)) == ref
    except InvalidRef:
        return None
    return str(url) if fits and str(url).isprintable() else None


def _ref(column: str, value: Any) -> str:
    """What other commands take for the card of an id: `lead:123`; the bare id of no card."""
    if value is None:
        return ""
    entity = entity_of(column)
    return f"{entity}:{value}" if entity else plain(value, TEXT)


def _is_number(kind: str) -> bool:
    return kind.startswith(("int", "uint", "float", "double", "decimal"))


def _one_line(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return plain(in_a_row(value), 1_000_000)
