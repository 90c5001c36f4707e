"""Texts of SQL as somebody types them: their words, and where each statement begins and ends.

The lexer is DuckDB's own, so strings, comments and `$$` quotes hide semicolons here exactly where
they hide them when the text is run. A text that cannot be parsed, being half typed, is cut as well.
"""

import re
from dataclasses import dataclass
from enum import Enum

import duckdb


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    KEYWORD = "keyword"
    """A word that means something to DuckDB; many of them may be names as well, such as `type`."""
    NUMBER = "number"
    TEXT = "text"
    SIGN = "sign"
    """An operator, a bracket, a comma: told by its first character."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign of SQL. `start` and `end` are offsets in characters.

    Of a sign of several characters only the first is told.
    """

    kind: Kind
    text: str
    """Names without quotes, keywords in lower case; of all else the first character."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script, without its semicolon and the space around it."""

    start: int
    end: int
    text: str


_KINDS = {
    duckdb.token_type.identifier: Kind.NAME,
    duckdb.token_type.keyword: Kind.KEYWORD,
    duckdb.token_type.numeric_const: Kind.NUMBER,
    duckdb.token_type.string_const: Kind.TEXT,
    duckdb.token_type.operator: Kind.SIGN,
}
_NAME = re.compile(r'"((?:[^"]|"")*)"|[^\W\d][\w$]*')
_WHOLE = {
    Kind.NUMBER: re.compile(r"[\w.]+(?:(?<=[eE])[+-]\d+)?"),
    Kind.TEXT: re.compile(
        r"""[eE]'(?:\\.|''|[^'\\])*'|[xXbB]?'(?:''|[^'])*'|\$(\w*)\$.*?\$\1\$""", re.DOTALL
    ),
}


def tokens(sql: str) -> list[Token]:
    """The words and signs of a text, without its comments.

    What follows a quote that is never closed is not among them.

    >>> [token.text for token in tokens("SELECT e.is_main -- why")]
    ['select', 'e', '.', 'is_main']
    """
    found = []
    for start, kind in _lexed(sql):
        name = _NAME.match(sql, start) if kind in (Kind.NAME, Kind.KEYWORD) else None
        if name is None:
            # `::` is a keyword to DuckDB's lexer.
            kind = kind if kind in _WHOLE else Kind.SIGN
            whole = _WHOLE[kind].match(sql, start) if kind in _WHOLE else None
            end = whole.end() if whole else start + 1
            found.append(Token(kind, sql[start : start + 1], start, end))
        elif kind is Kind.KEYWORD:
            found.append(Token(kind, name[0].lower(), start, name.end()))
        else:
            meant = name[0] if name[1] is None else name[1].replace('""', '"')
            found.append(Token(kind, meant, start, name.end()))
    return found


def statements(script: str) -> list[Statement]:
    """The statements of a text, in order; there is none where only comments and semicolons are.

    >>> [one.text for one in statements("select ';'; -- and\\n select 2;")]
    ["select ';'", '-- and\\n select 2']
    """
    found = []
    begin, words = 0, False
    for start, kind in [*_lexed(script), (len(script), None)]:
        if kind is None or (kind is Kind.SIGN and script[start] == ";"):
            # A quote that is never closed is no token, and yet something that somebody typed.
            if words or (kind is None and _unclosed(script, begin)):
                text = script[begin:start]
                left = len(text) - len(text.lstrip())
                found.append(Statement(begin + left, begin + len(text.rstrip()), text.strip()))
            begin, words = start + 1, False
        else:
            words = True
    return found


def statement_at(script: str, place: int) -> Statement | None:
    """The statement that somebody means who stands at an offset, or None where there is none.

    It is the one around the offset, else the one that ends before it on the same line, else the
    next, else the last.
    """
    found = statements(script)
    before = [one for one in found if one.start <= place]
    after = [one for one in found if one.start > place]
    if before and (not after or "\n" not in script[before[-1].end : place]):
        return before[-1]
    return after[0] if after else None


def appended(script: str, statement: str) -> tuple[str, int]:
    """A script with one statement more, which is cut from those before; and where it begins.

    A statement that the script has already is not put there once more.

    >>> appended("select 1 -- one", "select 2;")
    ('select 1 -- one\\n;\\n\\nselect 2;', 19)
    """
    before, statement = script.rstrip(), statement.strip()
    found = statements(before)
    for one in found:
        if one.text == statement.rstrip("; \n"):
            return script, one.start
    if not before:
        return statement, 0
    text, start = before, len(before)
    for joint in ("\n\n", ";\n\n", "\n;\n\n"):
        text, start = f"{before}{joint}{statement}", len(before) + len(joint)
        if not found or any(one.start == start for one in statements(text)):
            break
    return text, start


def _lexed(sql: str) -> list[tuple[int, Kind]]:
    """Where tokens start, in characters, and of what kind they are."""
    try:
        encoded = sql.encode()
    except UnicodeEncodeError:  # halves of surrogate pairs: no text for DuckDB
        return []
    lexed = duckdb.tokenize(sql)
    if len(encoded) == len(sql):
        return [(start, _KINDS.get(kind, Kind.SIGN)) for start, kind in lexed]
    found, place, counted = [], 0, 0
    for start, kind in lexed:
        place += len(encoded[counted:start].decode(errors="replace"))
        counted = start
        found.append((place, _KINDS.get(kind, Kind.SIGN)))
    return found


def _unclosed(script: str, begin: int) -> bool:
    """Whether something that is neither space nor a whole comment stands at the end."""
    return bool(re.sub(r"--[^\n]*|/\*.*?\*/", "", script[begin:], flags=re.DOTALL).strip())
