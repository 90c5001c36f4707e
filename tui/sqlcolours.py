"""Which parts of a SQL text have which colour. Pure; the lexer is the one that will read the text.

Strings, comments, numbers, words of SQL, functions, and the tables that there are: a name that is
mistyped stays plain, and one sees it before it is run.
"""

import re
from collections.abc import Callable, Collection, Iterator
from unicodedata import category

from rich.style import Style
from rich.text import Text

from queries.scripts import Kind, Token, tokens
from tui.sqlwords import WORDS

#: Longer texts stay plain: they would be read anew with every key.
LONGEST = 8_000
#: The kinds of parts.
PARTS = ("keyword", "function", "table", "text", "number", "comment", "parameter")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMENT_BEFORE = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)

Part = tuple[int, int, str]
"""Where a part begins and ends on its line, in characters, and its kind."""


def coloured(sql: str, tables: Collection[str]) -> dict[int, list[Part]]:
    """The coloured parts of each line that has any, by the number of the line from 0."""
    found: dict[int, list[Part]] = {}
    if len(sql) > LONGEST:
        return found
    starts = [0, *(match.end() for match in re.finditer("\n", sql))]
    line = reached = 0
    for start, end, kind in _parts(sql, tables):
        start, reached = max(start, reached), max(end, reached)  # of «1a» the number is all
        while line + 1 < len(starts) and starts[line + 1] <= start:
            line += 1
        at = line
        while start < end:  # a string or a comment may go over lines
            stop = min(end, starts[at + 1] - 1 if at + 1 < len(starts) else len(sql))
            if stop > start:
                found.setdefault(at, []).append((start - starts[at], stop - starts[at], kind))
            at += 1
            start = max(stop, starts[at]) if at < len(starts) else end
    return found


def _parts(sql: str, tables: Collection[str]) -> Iterator[Part]:
    """The parts as offsets into the text, in order."""
    stream = tokens(sql)
    end = 0
    for number, one in enumerate(stream):
        yield from _between(sql, end, one.start)
        end = max(end, one.end)
        kind = _kind(sql, stream, number, tables)
        if kind:
            yield one.start, one.end, kind
    yield from _between(sql, end, len(sql))
    unclosed = re.compile("['\"$]").search(sql, end) if not _COMMENT.search(sql, end) else None
    if unclosed:
        yield unclosed.start(), len(sql), "text"


def _between(sql: str, start: int, end: int) -> Iterator[Part]:
    for match in _COMMENT.finditer(sql, start, end):
        yield match.start(), match.end(), "comment"


def _kind(sql: str, stream: list[Token], number: int, tables: Collection[str]) -> str:
    one = stream[number]
    if one.kind is Kind.TEXT:
        return "text"
    if one.kind is Kind.NUMBER:
        return "number"
    if one.kind is Kind.SIGN:
        return "parameter" if one.text == "$" else ""
    before = stream[number - 1] if number else None
    if before is not None and before.kind is Kind.SIGN and before.end == one.start:
        if before.text == "$":
            return "parameter"
        if before.text == ".":
            return ""
    if one.kind is Kind.KEYWORD and one.text in WORDS and sql[one.start] != '"':
        return "keyword"
    if sql[one.end : one.end + 1] == "(":
        return "function"
    return "table" if one.text.lower() in tables else ""


def painted(sql: str, tables: Collection[str], style: Callable[[str], Style]) -> Text:
    """A text in its colours, to be read only: each line plain, for whoever wrote it.

    Args:
        sql: the text.
        tables: the names of the tables there are.
        style: what each of `PARTS` looks like.
    """
    lines = []
    parts = coloured(sql, tables)
    for number, line in enumerate(sql.split("\n")):
        text = Text(visible(line), end="")
        for start, end, part in parts.get(number, ()):
            text.stylize(style(part), start, end)
        lines.append(text)
    return Text("\n").join(lines)


def one_line(sql: str) -> str:
    """A statement in one line, without what is said before it.

    >>> one_line("-- why\\nselect 1\\n  as a")
    'select 1 as a'
    """
    return " ".join(_COMMENT_BEFORE.sub("", sql).split())


def visible(line: str) -> str:
    """A line with a sign for each character that is not seen, or would turn others round."""
    if line.isascii() and line.isprintable():
        return line
    return "".join("�" if category(one) in _UNSEEN and one != "\t" else one for one in line)
