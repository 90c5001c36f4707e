"""The statements of a question: the values they run with, their errors, their text for a shell."""

import re
from collections.abc import Mapping

import duckdb

from linkgraph.errors import InvalidQuestion, QueryError, UsageError
from linkgraph.mirror.schema import literal
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from queries.complaints import query_error
from queries.parameters import Kind, Value
from queries.question import Question

_NAMED = re.compile(rb"\$([A-Za-z_]\w*)", re.ASCII)


def runnable_sql(
    question: Question, parameters: Mapping[str, Value] | None = None, *, cut: bool = False
) -> str:
    """The question with its parameters, as text that runs when pasted into the DuckDB shell.

    With `cut` it is the statement that returns what the hub cap cuts.

    Raises:
        InvalidParameter: a parameter is unknown, missing, of the wrong type or out of range.
    """
    if question.module is not None:
        raise UsageError(
            f"«{question.name}» is answered from the link index, not by SQL",
            hint=f"linkgraph ask {question.name} --help tells how",
        )
    bound = question.bind(parameters or {})
    sql = question.cut_sql or "" if cut else question.sql
    values = values_of(question, sql, bound)
    heading = f"-- {question.title}: {question.text}\n"
    if question.compares:
        heading += "-- first: attach 'an earlier mirror.duckdb' as older (read_only);\n"
    if not values:
        return f"{heading}{sql};\n"
    name = question.name.replace("-", "_")
    given = ", ".join(f"{key} := {_literal(value)}" for key, value in values.items())
    # The answer comes last: that is what a shell in Python gives back.
    return f"{heading}prepare {name} as\n{sql};\nexecute {name}({given});\n"


def filled_sql(question: Question, parameters: Mapping[str, Value] | None = None) -> str:
    """The question as one SELECT with its values written into it, to go on from by hand.

    Raises:
        UsageError: it is answered from the link index, or compares two snapshots.
        InvalidParameter: a parameter is unknown, missing, of the wrong type or out of range.
    """
    if question.module is not None:
        raise UsageError(
            f"«{question.name}» is answered from the link index, not by SQL",
            hint=f"linkgraph ask {question.name} --help tells how",
        )
    if question.compares:
        raise UsageError(
            f"«{question.name}» compares two snapshots, and SQL here reads one",
            hint=f"linkgraph ask {question.name} --sql prints it for a shell of one's own",
        )
    values = values_of(question, question.sql, question.bind(parameters or {}))
    encoded = question.sql.encode()  # DuckDB counts bytes
    parts: list[bytes] = []
    done = 0
    for start, _ in duckdb.tokenize(question.sql):
        named = _NAMED.match(encoded, start)
        if named is not None:
            parts += [encoded[done:start], _written_in(values[named[1].decode()])]
            done = named.end()
    sql = b"".join([*parts, encoded[done:]]).decode()
    return f"-- {question.title}: {plain(question.text, 1000)}\n{sql.rstrip()}\n"


def values_of(question: Question, sql: str, bound: Mapping[str, Value]) -> dict[str, Value]:
    """The values with which one of its statements runs: a card is its id.

    Raises:
        InvalidQuestion: the statement has a `$name` that the header does not declare.
        QueryError: it cannot be parsed.
    """
    # DuckDB refuses a value that the statement does not use
    used = _named(question, sql)
    cards = {one.name for one in question.parameters if one.kind is Kind.CARD}
    return {
        name: Ref.parse(str(value)).id if name in cards else value
        for name, value in bound.items()
        if name in used
    }


def _named(question: Question, sql: str) -> set[str]:
    """The `$names` of a statement, all of them declared."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as exc:
        raise placed(query_error(str(exc), sql), question, sql) from exc
    named = {name for statement in statements for name in statement.named_parameters}
    for name in sorted(named - {one.name for one in question.parameters}):
        start = question.source.find(f"${name}", question.source.find(sql))
        raise InvalidQuestion(
            f"{question.path}:{_line(question.source, start)}: ${name} is not declared",
            hint=f"add it to the header: --   {plain(name)} integer = 1 (1..): What it means",
        )
    return named


def placed(error: QueryError, question: Question, sql: str) -> QueryError:
    """The error, pointing into a person's own file."""
    if question.path is None or error.source is not None:
        return error
    start = question.source.find(sql)
    place = "" if error.position is None else f":{_line(question.source, start + error.position)}"
    error.message = f"{question.path}{place}: {error.message}"
    if error.position is not None:
        error.source, error.position = question.source, start + error.position
    return error


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _written_in(value: Value) -> bytes:
    """A value for the middle of an expression, where a minus would join another one."""
    text = _literal(value)
    return (f"({text})" if text.startswith("-") else text).encode()


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return literal(value) if isinstance(value, str) else repr(value)
