"""A health report as a file: a page, a workbook, or JSON."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

import linkgraph
from linkgraph.errors import LinkgraphError, UsageError
from linkgraph.plaintext import plain
from queries.answersheets import notes_of
from queries.health import Finding, Health
from queries.rows import ENCODER, batches_of, times_as_text, typed_names
from queries.wholefiles import placed

FORMATS = ("html", "xlsx", "json")
#: Rows of each question that a workbook holds, unless asked for more or fewer.
SHEET_ROWS = 10_000


def write(health: Health, target: Path | BinaryIO, format: str) -> None:
    """Write a report; a path is replaced at once when all is written.

    Raises:
        UsageError: there is no such format.
        LinkgraphError: it could not be written (no such folder, no rights, disk full).
    """
    if format not in FORMATS:
        raise UsageError(
            f"no form of a report is called «{plain(format, 40)}»",
            hint=f"forms: {', '.join(FORMATS)}",
        )
    if format == "xlsx":
        _write_book(health, target)
        return
    if format == "html":
        from queries.health_page import page

        content = page(health).encode("utf-8")
    else:
        content = msgspec.json.format(ENCODER.encode(as_json(health)), indent=2) + b"\n"
    with placed(target, "the report") as stream:
        stream.write(content)


def as_json(health: Health) -> dict[str, Any]:
    """The report as JSON has it; times are UTC."""
    return {
        "account": health.account,
        "url": health.url,
        "snapshot": health.snapshot,
        "taken_at": f"{health.taken_at.isoformat()}Z",
        "compared_with": health.compared,
        "not_compared": health.uncompared or None,
        "linkgraph": linkgraph.__version__,
        "problems": health.problems,
        "change": health.change,
        "fixes": health.fixes,
        "questions": [_question(each) for each in health.findings],
    }


def _question(finding: Finding) -> dict[str, Any]:
    answer = finding.answer
    return {
        "name": finding.name,
        "group": finding.question.group,
        "title": finding.question.title,
        "problem": finding.words,
        "count": finding.count,
        "before": None if finding.before is None else finding.before.count,
        "change": finding.change,
        "fixes": None if answer is None else answer.fixes,
        "left_out": None if answer is None or answer.cut is None else answer.cut.count,
        "note": "" if answer is None else answer.note,
        "error": finding.error or None,
        "seconds": round(finding.seconds, 3),
        "worst": [] if answer is None else list(_objects(answer.table)),
    }


def _objects(table: pa.Table) -> Iterator[dict[str, Any]]:
    names = [name for name, _ in typed_names(table)]
    for batch in batches_of(table):
        columns = [times_as_text(column).to_pylist() for column in batch.columns]
        yield from (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))


def _write_book(health: Health, target: Path | BinaryIO) -> None:
    from queries.sheets import Sheet, write_book  # not for every command

    title, notes = (
        f"Health of {plain(health.account)}",
        filter(None, (_age(health), _bound(health))),
    )
    sheets = [Sheet("Health", _summary(health.findings), title, list(notes))]
    for each in health.findings:
        if each.answer is not None and each.answer.table.num_rows:
            title = each.question.title
            sheets.append(Sheet(title, each.answer.table, title, _notes(each)))
    try:
        write_book(target, sheets)
    except OverflowError as error:
        raise LinkgraphError(
            f"a workbook has no place for a value: {error}", hint="choose another form: -f json"
        ) from error


def _summary(findings: Iterable[Finding]) -> pa.Table:
    rows = [
        {
            "group": each.question.group,
            "problem": each.words,
            "number": each.count,
            "change": each.change,
            "safe fixes": None if each.answer is None else each.answer.fixes,
            "rows here": None if each.answer is None else each.answer.table.num_rows,
            "question": each.name,
            "note": each.error or (each.answer.note if each.answer else ""),
        }
        for each in findings
    ]
    whole, text = pa.int64(), pa.string()
    kinds = (text, text, whole, whole, whole, whole, text, text)
    names = ("group", "problem", "number", "change", "safe fixes", "rows here", "question", "note")
    return pa.Table.from_pylist(rows, pa.schema(list(zip(names, kinds, strict=True))))


def _age(health: Health) -> str:
    line = (
        f"{plain(health.url)} · snapshot {health.snapshot} of {health.taken_at:%Y-%m-%d %H:%M} UTC"
    )
    if health.compared is not None:
        return f"{line} · changes are since snapshot {health.compared}"
    why = plain(health.uncompared, 500)
    return f"{line} · what changed is not known: {why}" if why else line


def _bound(health: Health) -> str:
    """That rows are missing, where they are."""
    short = [each for each in health.findings if each.answer and each.answer.not_shown]
    if not short:
        return ""
    most = max(each.answer.table.num_rows for each in short if each.answer)
    return f"of each question at most {most:,} rows are here; linkgraph ask QUESTION has them all"


def _notes(finding: Finding) -> list[str]:
    assert finding.answer is not None
    notes = notes_of(finding.answer)
    if finding.answer.not_shown:
        notes.append(f"all of them: linkgraph ask {finding.name} -o {finding.name}.xlsx")
    return notes
