"""A health report as text: for a person by groups, in a pipe as tab-separated lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.cells import cell_len, chop_cells
from rich.style import Style
from rich.text import Text

from linkgraph.cli import tables
from linkgraph.plaintext import plain
from queries.fields import TEXT, Field, fields
from queries.health import signed, told

if TYPE_CHECKING:
    from queries.health import Finding, Health

#: Most columns that a card's name takes, and one in what is said of it.
_NAME, _OTHER = 28, 24
#: Most characters of a text in a pipe, where nobody has to see all of it at once.
_WHOLE = 1_000_000
#: Fewest columns of a value that say something, where it is cut.
_LEAST = 8
#: Columns that say what is wrong with a row, in words that need no title.
_FIRST = ("kind", "why")
#: Said of every row, and of no use to whoever looks over the worst.
_UNSAID = frozenset({"links_whole", "fix"})
_HEADER = ("group", "question", "problems", "change", "fixes", "ref", "name", "what")


#: Ref, name and address of its card, what is said of it, whether it has a fix.
_Row: TypeAlias = tuple[str, str, str | None, list[tuple[str, str]], bool]


def write(health: Health) -> None:
    """Write a report to stdout, in the form that suits it."""
    if not tables.is_terminal():
        tables.write_rows(_HEADER, _plain_lines(health))
        return
    console = tables.terminal()
    for line in _lines(health, console.width):
        line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)


def _lines(health: Health, width: int) -> Iterator[Text]:
    numbers = [_number(each) for each in health.findings]
    changes = [signed(each.change) for each in health.findings]
    widths = max(map(len, numbers), default=0), max(map(len, changes), default=0)
    yield from _heading(health)
    for group, findings in health.groups():
        yield Text()
        yield Text(group, style="bold")
        for place, each in enumerate(findings):
            if place and (each.count or findings[place - 1].count):
                yield Text()
            yield from _question(each, widths, width)


def _heading(health: Health) -> Iterator[Text]:
    age = f"snapshot {health.snapshot} of {health.taken_at:%Y-%m-%d %H:%M} UTC"
    since = "" if health.compared is None else f" · changes since snapshot {health.compared}"
    yield Text(f"{plain(health.account, 60)} · {age}{since}", style="dim")
    line, failed = Text(), len(health.figures.failed)
    if health.problems:
        line.append(told(health.problems, "problem"), "bold")
        fixes = f"{health.fixes:,}" if health.fixes else "none"
        rest = f" · {fixes} of them with a safe fix"
    else:
        line.append("No problems found", style="bold" if failed else "bold green")
        rest = ""
    if failed:
        rest += f" · {told(failed, 'question')} failed"
    if health.compared is not None and health.change is not None:
        line.append("  ").append(signed(health.change) or "±0", _colour(health.change))
    yield line.append(rest)


def _question(finding: Finding, widths: tuple[int, int], width: int) -> Iterator[Text]:
    """A question's line, how to see all its rows, and the worst of them."""
    across, beside = widths
    change = signed(finding.change)
    style = "dim" if not finding.count else "bold"
    line = Text("  ").append(f"{_number(finding):>{across}}", style=style)
    if beside:
        line.append("  ").append(f"{change:>{beside}}", style=_colour(finding.change or 0))
    line.append("  ").append(plain(finding.words, 100), style=style)
    if finding.fixes:
        line.append(f" · {told(finding.fixes, 'safe fix', 'es')}")
    yield line
    indent = " " * (across + (beside + 2 if beside else 0) + 4)
    if finding.error:
        yield Text(indent).append(plain(finding.error, 300), "dim" if finding.is_idle else "yellow")
    if finding.count:
        yield Text(f"{indent}linkgraph ask {finding.name}", style="dim")
        yield from _rows(finding, indent, width)


def _rows(finding: Finding, indent: str, width: int) -> Iterator[Text]:
    rows = list(_worst(finding))
    refs = max((cell_len(ref) for ref, *_ in rows), default=0)
    names = min(max((cell_len(name) for _, name, *_ in rows), default=0), _NAME)
    for ref, name, url, parts, _ in rows:
        line = Text(indent).append(ref, style="cyan").append(" " * (refs - cell_len(ref) + 2))
        called = Text(name, style=Style(link=url))
        called.truncate(names, overflow="ellipsis", pad=True)
        line.append_text(called).append("  ")
        room = width - line.cell_len
        yield line.append(_fitting(parts, room), style="dim")


def _fitting(parts: Sequence[tuple[str, str]], room: int) -> str:
    """What is said of a row, as far as there is room: the last value is cut, but not its title."""
    text = ""
    for title, value in parts:
        part = f"{' · ' if text else ''}{_joined((title, value))}"
        left = room - cell_len(text)
        if cell_len(part) > left:
            least = cell_len(part) - cell_len(value) + _LEAST
            return text + (chop_cells(part, left - 1)[0] + "…" if least <= left else "")
        text += part
    return text


def _worst(finding: Finding, most: int = _OTHER) -> Iterator[_Row]:
    """The rows of a question that the report shows, texts cut to so many characters."""
    if finding.answer is None:
        return
    columns = fields(finding.answer.table.column_names)
    card = next((each for each in columns if each.name is not None), columns[0])
    others = [each for each in columns if each is not card and each.column not in _UNSAID]
    others = [each for each in others if not each.column.endswith("url")]
    # What is wrong comes first, then the other cards that a row is about: they have an address.
    others.sort(key=lambda each: (each.column not in _FIRST, each.url is None))
    for row in finding.answer.rows():
        url = tables.address(row[card.url] if card.url else None, card.ref(row))
        parts = [_said(each, row, most) for each in others if row[each.column]]
        yield card.ref(row), card.text(row, max(most, TEXT)), url, parts, row.get("fix") is not None


def _said(field: Field, row: dict[str, Any], most: int) -> tuple[str, str]:
    """A column's title and its value."""
    value = row[field.column]
    if value is True:
        return field.title, ""
    if isinstance(value, datetime):
        return field.title.removesuffix(" at"), f"{value:%Y-%m-%d}"
    return "" if field.column in _FIRST else field.title, field.text(row, most)


def _joined(part: tuple[str, str]) -> str:
    return " ".join(filter(None, part))


def _colour(change: int) -> str:
    return "red" if change > 0 else "green" if change else ""


def _number(finding: Finding) -> str:
    return "—" if finding.count is None else f"{finding.count:,}"


def _plain_lines(health: Health) -> Iterator[list[Any]]:
    """A line for each question, and one for each of its worst rows."""
    for each in health.findings:
        start = [each.question.group, each.name]
        figures = [each.count, each.change, each.fixes if each.answer else None]
        yield [*start, *figures, "", "", each.error or each.words]
        for ref, name, _, parts, has_fix in _worst(each, _WHOLE):
            yield [*start, "", "", int(has_fix), ref, name, " · ".join(map(_joined, parts))]
