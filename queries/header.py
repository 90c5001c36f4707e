"""Reads a question file: a header comment, then SQL and what its hub cap cuts, or Python.

    -- title: Companies that share contacts
    -- group: Companies
    -- question: Which companies are touched by the same people?
    -- definition: Pairs of companies that …
    --   goes on, indented
    -- parameters:
    --   hub_cap integer = 50 (2..): Meaning
    -- columns:
    --   company_a_id: Meaning
    -- problem: pairs of companies that ought to be one
    select …;

    -- cut: What the rows of the second statement are
    select …;

A parameter is `name type = default (range): meaning`. Types are integer, number, boolean, text,
card and snapshot; without `= default` it has to be given; a range is `2..50`, `2..`, `..50`, or the
texts (for a card: the types) allowed as `a | b`. A question without parameters says
`parameters: none`. `problem` is for those whose rows are problems, and says what to call them.

A question that takes snapshots finds the tables of the earlier one in the schema `older`. A
question in Python has the same header in `#` comments, before anything else, with `# cut:` in it.

People's own files may leave keys out; what they do not say is taken from what they do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from linkgraph.errors import InvalidParameter, InvalidQuestion
from linkgraph.model import CARD_TYPES
from linkgraph.plaintext import plain
from queries.parameters import Kind, Parameter
from queries.question import Column, Question

_KEYS = ("title", "group", "question", "definition", "parameters", "columns")
_OPTIONAL_KEYS = ("problem", "cut")
_OWN_GROUP = "Your own"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_KEY_LINE = re.compile(r"(?:--|#) (?P<key>[a-z]+):(?P<rest>.*)")
_CUT_LINE = re.compile(r"^-- cut:(?P<meaning>.*)$", re.MULTILINE)
_ITEM = re.compile(r"(?:--|#)   (?P<text>\S.*)")
_GOES_ON = re.compile(r"(?:--|#)    +(?P<text>\S.*)")
_COLUMN = re.compile(r"(?P<name>[a-z][a-z0-9_]*): (?P<meaning>.+)")
_PARAMETER = re.compile(
    r"(?P<name>[a-z][a-z0-9_]*) (?P<kind>[a-z]+)(?: = (?P<default>[^(:]+?))?"
    r"(?: \((?P<range>[^)]*)\))?: (?P<meaning>.+)"
)
_RANGE = re.compile(r"(?P<low>-?\d+(?:\.\d+)?)?\.\.(?P<high>-?\d+(?:\.\d+)?)?")


@dataclass
class _Entry:
    """One key of the header: the text behind it, and the lines below it with their numbers."""

    line: int
    text: str
    items: list[tuple[int, str]] = field(default_factory=list)


def parse(
    name: str, source: str, file: str, *, module: str | None = None, path: Path | None = None
) -> Question:
    """Read one question file; `file` is how errors call it.

    `module` is what a file in Python is imported as, `path` the place of a person's own file.

    Raises:
        InvalidQuestion: with file and line, and what is expected there.
    """
    reader = _Reader(file, "--" if module is None else "#")
    if not _NAME.fullmatch(name):
        raise reader.error(1, f"«{plain(name, 60)}» is no name", "name the file like-this.sql")
    lines = source.splitlines()
    entries, body_line = reader.entries(lines)
    if path is not None:
        entries = _completed(name, entries)
    reader.check(entries, body_line)
    columns = entries["columns"]
    question = Question(
        name=name,
        title=reader.words(entries["title"]),
        group=reader.words(entries["group"]),
        text=reader.words(entries["question"]),
        definition=reader.words(entries["definition"]),
        parameters=tuple(reader.parameters(entries["parameters"])),
        columns=() if columns.text == _UNSAID else tuple(reader.columns(columns)),
        problem=reader.words(entries["problem"]) if "problem" in entries else None,
        sql="",
        cut_meaning=reader.words(entries["cut"]) if "cut" in entries else None,
        cut_sql=None,
        source=source,
        module=module,
        path=path,
    )
    if module is not None:
        return question
    sql, cut_meaning, cut_sql = reader.body("\n".join(lines[body_line - 1 :]), body_line)
    return replace(question, sql=sql, cut_meaning=cut_meaning, cut_sql=cut_sql)


_UNSAID = "as they come"


def _completed(name: str, entries: dict[str, _Entry]) -> dict[str, _Entry]:
    """A person's own header with what it leaves out."""
    title = entries.get("title", _Entry(1, name.replace("-", " ").capitalize()))
    unsaid = {
        "title": title,
        "group": _Entry(1, _OWN_GROUP),
        "question": title,
        "definition": entries.get("question", title),
        "parameters": _Entry(1, "none"),
        "columns": _Entry(1, _UNSAID),
    }
    return unsaid | entries


class _Reader:
    """The grammar of a header; every complaint names the file and the line."""

    def __init__(self, file: str, mark: str) -> None:
        self._file = file
        self._mark = mark

    def error(self, line: int, message: str, hint: str) -> InvalidQuestion:
        return InvalidQuestion(f"{self._file}:{line}: {message}", hint=hint)

    def entries(self, lines: list[str]) -> tuple[dict[str, _Entry], int]:
        """The header by key, and the number of the first line after it."""
        entries: dict[str, _Entry] = {}
        latest: _Entry | None = None
        number = 0
        for number, line in enumerate([*lines, ""], 1):
            if not line.startswith(self._mark) or _CUT_LINE.match(line):  # SQL's cut is below
                break
            if key_line := _KEY_LINE.fullmatch(line):
                latest = _Entry(number, key_line["rest"].strip())
                self._add(entries, key_line["key"], latest)
            elif (item := _ITEM.fullmatch(line)) and latest is not None:
                latest.items.append((number, item["text"]))
            elif (more := _GOES_ON.fullmatch(line)) and latest is not None and latest.items:
                first, text = latest.items[-1]
                latest.items[-1] = (first, f"{text} {more['text']}")
            else:
                raise self.error(
                    number, "not a header line", f"write «{self._mark} key: text», or indent it"
                )
        return entries, number

    def check(self, entries: dict[str, _Entry], line: int) -> None:
        """Refuse a header that lacks a key."""
        if missing := [key for key in _KEYS if key not in entries]:
            raise self.error(
                line, f"the header lacks {', '.join(missing)}", f"keys: {', '.join(_KEYS)}"
            )

    def _add(self, entries: dict[str, _Entry], key: str, entry: _Entry) -> None:
        known = (*_KEYS, *_OPTIONAL_KEYS)
        if key not in known:
            raise self.error(entry.line, f"unknown key «{key}»", f"keys: {', '.join(known)}")
        if key in entries:
            raise self.error(entry.line, f"«{key}» stands there twice", "keep one of them")
        entries[key] = entry

    def body(self, body: str, first_line: int) -> tuple[str, str | None, str | None]:
        """The statement, and what the cut is called with its own statement."""
        parts = _CUT_LINE.split(body)
        if len(parts) > 3:
            raise self.error(first_line, "more than one cut", "keep one «-- cut:» line")
        statements = [part.strip().removesuffix(";").rstrip() for part in parts[::2]]
        if not all(statements):
            raise self.error(first_line, "no SQL", "write a SELECT below the comment")
        if len(parts) == 1:
            return statements[0], None, None
        if not parts[1].strip():
            line = first_line + parts[0].count("\n")
            raise self.error(line, "the cut has no meaning", "write «-- cut: what was cut»")
        return statements[0], parts[1].strip(), statements[1]

    def words(self, entry: _Entry) -> str:
        """The text of a key, its continued lines joined."""
        text = " ".join([entry.text, *(text for _, text in entry.items)]).strip()
        if not text:
            raise self.error(entry.line, "nothing is written here", "write a sentence")
        return text

    def columns(self, entry: _Entry) -> Iterator[Column]:
        seen: set[str] = set()
        if not entry.items:
            raise self.error(
                entry.line, "no columns", f"write «{self._mark}   name: meaning» below it"
            )
        for line, text in entry.items:
            match = _COLUMN.fullmatch(text)
            if match is None or match["name"] in seen:
                raise self.error(line, "not a new column", f"write «{self._mark}   name: meaning»")
            seen.add(match["name"])
            yield Column(match["name"], match["meaning"])

    def parameters(self, entry: _Entry) -> Iterator[Parameter]:
        seen: set[str] = set()
        if (entry.text == "none") == bool(entry.items):
            raise self.error(
                entry.line, "no parameters", "list them below it, or write «parameters: none»"
            )
        for line, text in entry.items:
            match = _PARAMETER.fullmatch(text)
            if match is None or match["name"] in seen:
                raise self.error(
                    line,
                    "not a new parameter",
                    f"write «{self._mark}   name type = default (range): meaning»",
                )
            seen.add(match["name"])
            yield self._parameter(line, match)

    def _parameter(self, line: int, match: re.Match[str]) -> Parameter:
        kinds = {kind.value: kind for kind in Kind}
        if match["kind"] not in kinds:
            raise self.error(line, f"unknown type «{match['kind']}»", f"types: {', '.join(kinds)}")
        parameter = Parameter(match["name"], kinds[match["kind"]], match["meaning"])
        parameter = self._ranged(line, parameter, match["range"])
        if parameter.kind is Kind.CARD and self._mark == "--" and not _is_of_one_type(parameter):
            raise self.error(
                line, "a card in SQL is an id, of one type", "say which: name card (company): …"
            )
        if match["default"] is None:
            return parameter
        try:
            return replace(parameter, default=parameter.parse(match["default"]))
        except InvalidParameter as exc:
            raise self.error(line, f"the default: {exc.message}", exc.hint) from exc

    def _ranged(self, line: int, parameter: Parameter, text: str | None) -> Parameter:
        if text is None:
            return parameter
        if parameter.kind in (Kind.TEXT, Kind.CARD):
            return replace(parameter, choices=tuple(word.strip() for word in text.split("|")))
        match = _RANGE.fullmatch(text.strip())
        if match is None or parameter.kind in (Kind.BOOLEAN, Kind.SNAPSHOT):
            raise self.error(line, f"«{text}» is no range", "write 2..50, 2.. or ..50")
        low, high = (None if end is None else float(end) for end in (match["low"], match["high"]))
        return replace(parameter, low=low, high=high)


def _is_of_one_type(parameter: Parameter) -> bool:
    return len(parameter.choices) == 1 and parameter.choices[0] in set(CARD_TYPES)
