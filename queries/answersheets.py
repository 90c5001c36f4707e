"""An answer as sheets of a workbook: its rows, what a cap cut, what the reader must know."""

from linkgraph.plaintext import plain
from queries.parameters import shown
from queries.runner import Answer
from queries.sheets import Sheet


def sheets_of(answer: Answer) -> list[Sheet]:
    """The rows of an answer on a sheet, and on another one what its hub cap cut."""
    question = answer.question
    sheets = [Sheet(question.title, answer.table, question.title, notes_of(answer))]
    if answer.cut is not None and answer.cut.count:
        count, listed = answer.cut.count, answer.cut.table.num_rows
        worst = f"{count:,}, the worst {listed:,} of them here" if count > listed else f"{count:,}"
        sheets.append(
            Sheet("Left out", answer.cut.table, f"Left out: {answer.cut.meaning}", [worst])
        )
    return sheets


def notes_of(answer: Answer) -> list[str]:
    """What was asked, of when, and how much of it stands here, a line each."""
    given = ", ".join(f"{name} = {shown(value)}" for name, value in answer.parameters.items())
    rows = f"{answer.total:,} row{'' if answer.total == 1 else 's'}"
    if answer.not_shown:
        rows = f"{answer.table.num_rows:,} of {rows}"
    age = f"snapshot {answer.snapshot}"
    if answer.taken_at is not None:
        age += f" of {answer.taken_at:%Y-%m-%d %H:%M} UTC"
    if answer.compared is not None:
        age += f", compared with {answer.compared}"
    lines = [answer.question.definition, given, f"{rows} · {age}", answer.note]
    return [plain(line, 2000) for line in lines if line]
