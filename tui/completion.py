"""What completes a word of SQL where the cursor stands. Pure: a text and a vocabulary go in.

Tables are offered where a table stands; elsewhere the columns of the tables that are read at this
place of the statement come first, by their alias after a dot. Nothing is offered inside strings and
comments, but the values of an enumerated column that is being compared.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from queries.functions import FunctionInfo
from queries.scripts import Kind, Token, statement_at, tokens
from queries.tablelist import TableInfo
from tui.sqlscope import CLAUSES, Column, Source, sources_at
from tui.sqlwords import GOING_ON, KEYWORDS, OPENING

#: The most that is offered at once.
MOST = 50
# A script may be long; what matters for a word stands near it.
_BEFORE, _AFTER = 8_000, 2_000
_WORD = re.compile(r"[^\W\d]\w*\Z")
_COMPARED = re.compile(
    r"(?:([^\W\d]\w*)\s*\.\s*)?([^\W\d]\w*)\s*(?:=|<>|!=|\bin\s*\([^()]*|\bnot\s+in\s*\([^()]*)\s*'(\w*)\Z",
    re.IGNORECASE,
)
_TABLE_COMES = frozenset({"from", "join", "describe", "summarize", "table", "pivot", "unpivot"})


class Sort(Enum):
    """What a suggestion is; the value is the sign that tells it."""

    TABLE = "▤"
    COLUMN = "▪"
    ALIAS = "@"
    FUNCTION = "ƒ"
    KEYWORD = "·"
    VALUE = "’"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on."""

    text: str
    """What takes the place of what was typed."""
    sort: Sort
    told: str = ""
    """What it is: a type, a table, what a function does. As the snapshot has it: not yet plain."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What may take the place of `start` to `end` of the text, at least one, best first."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...]


class Vocabulary:
    """The names that SQL over a snapshot can use."""

    def __init__(self, tables: Iterable[TableInfo] = (), functions: Iterable[FunctionInfo] = ()):
        self.tables = {table.name: table for table in tables}
        self.functions = tuple(functions)
        self.sources = {
            name: Source(
                name,
                tuple(Column(each.name, each.type, each.values) for each in table.columns),
            )
            for name, table in self.tables.items()
        }


def complete(
    text: str, place: int, vocabulary: Vocabulary, *, asked: bool = False
) -> Completion | None:
    """What completes the word that ends at an offset; None where nothing does.

    Args:
        text: all that stands in the editor.
        place: offset of the cursor, in characters.
        vocabulary: the names there are.
        asked: somebody wants to know; else only what is begun is completed, and nothing whole.
    """
    cut = max(0, place - _BEFORE)
    window, place = text[cut : place + _AFTER], place - cut
    found = _Place(window, place, vocabulary)
    typed, suggestions = found.typed(asked)
    kept = tuple(_ranked(suggestions, typed))[:MOST]
    if not kept or (not asked and len(kept) == 1 and kept[0].text.lower() == typed.lower()):
        return None
    return Completion(cut + place - len(typed), cut + place, kept)


class _Place:
    """A place in a statement: what stands before it, and what can be read there."""

    def __init__(self, text: str, place: int, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._before = text[:place]
        word = _WORD.search(self._before)
        self._typed = word[0] if word else ""
        # Something must stand at the cursor, for the lexer to tell whether it is a word there.
        marked = f"{self._before}{'' if self._typed else '_'}{text[place:]}"
        statement = statement_at(marked, place)
        self._start = statement.start if statement else 0
        self._tokens = tokens(statement.text) if statement else []
        at = place - len(self._typed) - self._start
        self._at = next((n for n, one in enumerate(self._tokens) if one.start == at), None)

    def typed(self, asked: bool) -> tuple[str, Iterator[Suggestion]]:
        """What is typed of a word so far, and what may stand there."""
        if self._at is None:
            return self._value()
        before = [one for one in self._tokens[: self._at]]
        last = before[-1] if before else None
        if last is not None and last.text == "." and last.kind is Kind.SIGN:
            return self._typed, self._columns_of(before[-2].text if len(before) > 1 else "")
        if not self._typed and not asked:
            return "", iter(())
        if last is None or last.text == "as" or last.kind is Kind.NUMBER:
            first = last is None
            return self._typed, self._keywords(frozenset(KEYWORDS) if first else frozenset())
        if self._wants_table(before):
            return self._typed, self._tables()
        if self._is_whole(last):
            if len(self._typed) < 2 and not asked:  # an alias is one letter, mostly
                return self._typed, iter(())
            return self._typed, self._keywords(GOING_ON)
        return self._typed, self._anything()

    def _value(self) -> tuple[str, Iterator[Suggestion]]:
        """Inside a string: the values of the column that it is compared with."""
        compared = _COMPARED.search(self._before)
        if compared is None:
            return "", iter(())
        qualifier, name, typed = compared.groups()
        begun = tokens(f"{self._before[: compared.start(3) - 1]}_")
        if not begun or begun[-1].end != compared.start(3):  # in a comment, or another string
            return "", iter(())
        seen = self._seen(tokens(self._before[: compared.start(3) - 1]))
        if not seen:
            seen = list(self._vocabulary.sources.values())
        values = dict.fromkeys(
            value
            for source in seen
            if qualifier is None or source.name.lower() == qualifier.lower()
            for column in source.columns
            if column.name == name.lower()
            for value in column.values
        )
        return typed, (Suggestion(f"{value}'", Sort.VALUE) for value in values)

    def _seen(self, stream: list[Token] | None = None) -> list[Source]:
        if stream is not None:
            return sources_at(stream, len(stream), self._vocabulary.sources)
        return sources_at(self._tokens, self._at or 0, self._vocabulary.sources)

    def _wants_table(self, before: list[Token]) -> bool:
        """Whether a table comes here: after FROM and JOIN, and after a comma between tables."""
        last = before[-1]
        if last.kind is Kind.KEYWORD and last.text in _TABLE_COMES:
            return True
        if last.text != "," or last.kind is not Kind.SIGN:
            return False
        depth = 0
        for one in reversed(before):
            if one.kind is Kind.SIGN and one.text in "()":
                depth += 1 if one.text == ")" else -1
                if depth < 0:
                    return False
            elif depth == 0 and one.kind is Kind.KEYWORD and one.text in CLAUSES:
                return one.text in ("from", "join")
        return False

    def _is_whole(self, last: Token) -> bool:
        """Whether an operand ends here, so that only a keyword can go on."""
        if last.kind is Kind.TEXT:
            return True
        if last.kind is Kind.SIGN:
            return last.text in (")", "]", "}")
        return last.kind is Kind.NAME or last.text not in OPENING

    def _columns_of(self, qualifier: str) -> Iterator[Suggestion]:
        for source in [*self._seen(), *self._vocabulary.sources.values()]:
            if source.name.lower() == qualifier.lower():
                for column in source.columns:
                    yield Suggestion(_quoted(column.name), Sort.COLUMN, column.type)
                return

    def _tables(self) -> Iterator[Suggestion]:
        for source in self._seen():
            if source.is_common:
                yield Suggestion(_quoted(source.name), Sort.TABLE, "with")
        for table in self._vocabulary.tables.values():
            yield Suggestion(_quoted(table.name), Sort.TABLE, table.comment)
        for function in self._vocabulary.functions:
            if function.is_table:
                yield Suggestion(f"{function.name}(", Sort.FUNCTION, function.comment)

    def _anything(self) -> Iterator[Suggestion]:
        seen = [source for source in self._seen() if source.is_read]
        owners: dict[str, list[Source]] = {}
        for source in seen:
            for column in source.columns:
                owners.setdefault(column.name, []).append(source)
        for source in seen:
            for column in source.columns:
                name = _quoted(column.name)
                if len(owners[column.name]) > 1:  # DuckDB wants to know of which one
                    name = f"{_quoted(source.name)}.{name}"
                told = f"{column.type}  {source.name}" if len(seen) > 1 else column.type
                yield Suggestion(name, Sort.COLUMN, told)
        for source in seen:
            yield Suggestion(_quoted(source.name), Sort.ALIAS, source.told)
        if not seen:
            yield from self._all_columns()
        for function in self._vocabulary.functions:
            if not function.is_table:
                told = function.comment or f"({', '.join(function.arguments)})"
                yield Suggestion(f"{function.name}(", Sort.FUNCTION, told)
        yield from self._keywords(frozenset(KEYWORDS))

    def _all_columns(self) -> Iterator[Suggestion]:
        """Before any table is named: every column there is, with the tables that have it."""
        owners: dict[str, list[str]] = {}
        for table in self._vocabulary.tables.values():
            for column in table.columns:
                owners.setdefault(column.name, []).append(table.name)
        for name, tables in owners.items():
            told = ", ".join(tables[:3]) + (" …" if len(tables) > 3 else "")
            yield Suggestion(_quoted(name), Sort.COLUMN, told)

    def _keywords(self, which: frozenset[str]) -> Iterator[Suggestion]:
        loud = len(self._typed) > 1 and self._typed.isupper()
        for word in KEYWORDS:
            if word in which:
                yield Suggestion(word.upper() if loud else word, Sort.KEYWORD)


def _ranked(suggestions: Iterable[Suggestion], typed: str) -> Iterator[Suggestion]:
    """Those that fit: what begins so, then what has a word that does; each text once."""
    wanted = typed.lower()
    begin: dict[str, Suggestion] = {}
    within: dict[str, Suggestion] = {}
    for one in suggestions:
        name = one.text.lower().rpartition(".")[2].strip('"')
        if name.startswith(wanted):
            begin.setdefault(one.text, one)
        elif f"_{wanted}" in name and one.sort in (Sort.TABLE, Sort.COLUMN, Sort.ALIAS):
            within.setdefault(one.text, one)
    # A name that is whole already comes first: accepting it changes nothing.
    whole = [one for one in begin.values() if one.text.lower() == wanted]
    yield from whole
    yield from (one for one in begin.values() if one not in whole)
    yield from (one for text, one in within.items() if text not in begin)


def _quoted(name: str) -> str:
    if re.fullmatch(r"[^\W\dA-Z][^\WA-Z]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'
