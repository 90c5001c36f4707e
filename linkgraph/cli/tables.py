"""Rows for people: a table where there is a terminal, tab-separated plain text in a pipe.

In a terminal an id, its name and its address become one column: the name, a ref that other
commands take, and a link to the card.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from linkgraph.cli.output import narrate
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    import pyarrow as pa

_REF = re.compile(r"(?:[a-z0-9]+_)*(?P<type>lead|contact|company|customer)(?:_[a-z0-9])?_id")
_CELL = 60
_BETWEEN = 3  # blanks between two columns
_DIM = Style(dim=True)


def terminal() -> Console:
    """stdout as a terminal; colour and width as it says, or as NO_COLOR and COLUMNS say."""
    return Console(highlight=False, markup=False, emoji=False)


def is_terminal() -> bool:
    """Whether stdout is read by a person."""
    return sys.stdout.isatty()


def write_rows(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Tab-separated lines with a header; every value on one line, without tabs."""
    out = sys.stdout
    out.write("\t".join(plain(name) for name in names) + "\n")
    for row in rows:
        out.write("\t".join(_one_line(value) for value in row) + "\n")


def write_arrow(table: pa.Table) -> None:
    """Print an Arrow table, in the form that suits stdout."""
    if not is_terminal():
        write_rows(table.column_names, (list(row.values()) for row in table.to_pylist()))
        return
    console = terminal()
    shown, left_out = rendered(table, console.width)
    console.print(shown)
    if left_out:
        narrate(f"too narrow for {', '.join(left_out)}: widen the terminal, or -f csv")


def rendered(table: pa.Table, width: int) -> tuple[Table, list[str]]:
    """An Arrow table as a rich table, ids, names and addresses joined.

    Returns:
        The table, and the headings of the last columns where `width` has no room for them.
    """
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    rows = table.to_pylist()
    plans = _plans(table.column_names)
    fitting: list[tuple[str, ...]] = []
    for plan in plans:
        number = len(plan) == 2 and _is_number(str(table.schema.field(plan[1]).type))
        # Refs are there to be copied and headings to be read: neither is cut.
        refs = [len(_ref(plan[1], row[plan[1]])) for row in rows] if len(plan) == 3 else []
        least = max(refs + [len(word) for word in plan[0].split()], default=0)
        width -= least + _BETWEEN
        if width < 0 and fitting:
            break
        fitting.append(plan)
        shown.add_column(
            plan[0],
            justify="right" if number else "left",
            overflow="ellipsis",
            # Headings may break between words; of a card's two lines none may.
            no_wrap=len(plan) == 3,
            min_width=least,
            max_width=None if number else _CELL,
        )
    for row in rows:
        shown.add_row(*(_cell(plan, row) for plan in fitting))
    return shown, [plan[0] for plan in plans[len(fitting) :]]


def _plans(names: Sequence[str]) -> list[tuple[str, ...]]:
    """(title, column) of each column, or (title, id, name) where those belong together."""
    plans: list[tuple[str, ...]] = []
    used: set[str] = set()
    for name in names:
        stem = name.removesuffix("_id")
        if name in used:
            continue
        if name.endswith("_id") and f"{stem}_name" in names:
            used |= {name, f"{stem}_name", f"{stem}_url"}
            plans.append((_title(stem), name, f"{stem}_name"))
        else:
            plans.append((_title(name), name))
    return plans


def _title(name: str) -> str:
    return plain(name.replace("_", " "), 40)


def _cell(plan: tuple[str, ...], row: dict[str, Any]) -> Text:
    value = row[plan[1]]
    if len(plan) == 2:
        return Text(_value(value, is_id=plan[1].endswith("_id"))) if value is not None else Text()
    if value is None:
        return Text()
    name = row[plan[2]]
    url = row.get(plan[1].removesuffix("_id") + "_url")
    # Only an address of the snapshot's own making becomes a link, never text from a card.
    link = url if isinstance(url, str) and url.isascii() and url.isprintable() else None
    text = Text(plain(name, _CELL) if name else "—", style=Style(link=link))
    return text.append(f"\n{_ref(plan[1], value)}", style=_DIM)


def _ref(column: str, value: Any) -> str:
    """What other commands take for the card of an id: `lead:123`; the bare id of no card."""
    if value is None:
        return ""
    match = _REF.fullmatch(column)
    return f"{match['type']}:{value}" if match else str(value)


def _value(value: Any, *, is_id: bool = False) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if is_id else f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return plain(", ".join(str(item) for item in value), _CELL)
    return plain(value, _CELL)


def _is_number(kind: str) -> bool:
    return kind.startswith(("int", "uint", "float", "double", "decimal"))


def _one_line(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return plain(", ".join(str(item) for item in value), 1_000_000)
    return plain(value, 1_000_000)
