"""`linkgraph ask`: the question library, and a person's own questions."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from linkgraph.cli import output as out
from linkgraph.cli import progress, tables
from linkgraph.cli.options import (
    account_options,
    named_values,
    open_session,
    output_options,
    parameter_option,
)
from linkgraph.cli.output import FORMATS, narrate
from linkgraph.errors import UsageError
from linkgraph.plaintext import plain
from linkgraph.settings import QUESTIONS, Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from queries.catalogue import Catalogue
    from queries.question import Question
    from queries.runner import Answer, Cut

#: Rows that a table shows unless asked for more.
ROWS = 20
#: Of the cards that a hub cap cut, so many are named.
WORST = 3


class _AskCommand(click.Command):
    """`ask QUESTION --help` tells of the question."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = [word for word in args if word not in ctx.help_option_names]
        if len(rest) < len(args):
            given, _, _ = self.make_parser(ctx).parse_args(rest)
            named, home = given.get("question"), given.get("home")
            if isinstance(named, str):
                describe(_catalogue(Home.locate(home)).get(named))
                ctx.exit()
        return super().parse_args(ctx, args)


@click.command(cls=_AskCommand)
@click.argument("question", required=False)
@parameter_option
@click.option("--limit", type=click.IntRange(min=0), help="Rows at most; 0 is all.")
@click.option("--sql", "print_sql", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds at most.")
@click.option(
    "--queue-fixes", is_flag=True, help="Queue the edits that its rows propose, shown or not."
)
@click.option(
    "--row",
    "rows",
    type=click.IntRange(min=1),
    multiple=True,
    help="Of these rows alone, counted from 1 (repeatable).",
)
@output_options(*FORMATS)
@account_options
def ask(
    question: str | None,
    parameters: tuple[str, ...],
    limit: int | None,
    print_sql: bool,
    timeout: float | None,
    queue_fixes: bool,
    rows: tuple[int, ...],
    format_: str | None,
    output: Path | None,
    account: str | None,
    home: Home,
) -> None:
    """Ask a QUESTION of the library; without one, list them all.

    `linkgraph ask QUESTION --help` tells what a question means and which parameters it takes.
    Files of SQL in the folder `questions` of the home are questions too.
    """
    if queue_fixes and (question is None or print_sql):
        raise UsageError("--queue-fixes wants an answer", hint="name a question, and leave --sql")
    if rows and not queue_fixes:
        raise UsageError("--row chooses whose edits are queued", hint="give --queue-fixes as well")
    if question is None:
        list_questions(_catalogue(home))
        return
    values = named_values(parameters)
    if print_sql:
        from queries.statements import runnable_sql

        sys.stdout.write(runnable_sql(_catalogue(home).get(question), values).rstrip() + "\n")
        return
    form = out.chosen(format_, output)
    most = (ROWS if form == "table" else 0) if limit is None else limit
    with open_session(home, account) as session:
        asked = None if queue_fixes else most or None
        with progress.waiting(f"asking {session.catalogue.get(question).name}"):
            whole = session.ask(question, values, limit=asked, timeout=timeout)
        fixing = _only(whole, rows) if rows else whole
        fixed = session.queue_fixes([fixing]) if queue_fixes else None
        answer = upto(whole, most)
        if form == "table":
            show_answer(answer)
        else:
            out.write_answer(answer, form, output)
            tell_rest(answer)
        if fixed is not None:
            from linkgraph.cli import fixlines

            fixlines.tell(session, fixed, {whole.question.name: fixing.total})


def _only(answer: Answer, rows: tuple[int, ...]) -> Answer:
    """The answer with these rows alone, counted from 1.

    Raises:
        UsageError: it has no such row.
    """
    if max(rows) > answer.total:
        raise UsageError(
            f"there is no row {max(rows):,}: the answer has {counted(answer.total, 'row')}",
            hint="count them from 1, as they come without a limit",
        )
    return answer.only([row - 1 for row in dict.fromkeys(rows)])


def upto(answer: Answer, limit: int) -> Answer:
    """The answer with so many rows at most; 0 is all."""
    if not limit or answer.table.num_rows <= limit:
        return answer
    shown = answer.table.slice(0, limit)
    return replace(answer, table=shown, not_shown=answer.total - shown.num_rows)


def _catalogue(home: Home) -> Catalogue:
    from queries.catalogue import Catalogue

    return Catalogue.load(home.root / QUESTIONS)


def show_answer(answer: Answer) -> None:
    """Print an answer as a table, with its title and what it leaves out."""
    if tables.is_terminal():
        tables.terminal().print(Text(answer.question.title, style="bold"))
    if answer.table.num_rows or not tables.is_terminal():
        tables.write_arrow(answer.table)
    tell_rest(answer)


def tell_rest(answer: Answer) -> None:
    """Say how many rows there are, how old they are and what was cut."""
    shown = answer.table.num_rows
    rows = (
        f"{shown:,} of {counted(answer.total, 'row')}"
        if answer.not_shown
        else counted(shown, "row")
    )
    more = "; --limit 0 shows all" if answer.not_shown else ""
    age = f" · snapshot {answer.snapshot}"
    if answer.taken_at is not None:
        age += f" of {answer.taken_at:%Y-%m-%d %H:%M} UTC"
    if answer.compared is not None:
        age += f", compared with {answer.compared}"
    narrate(f"{rows if answer.total else 'none'}{more}{age}")
    if answer.note:
        narrate(plain(answer.note, 1000))
    if answer.fixes:
        fixes = f"{counted(answer.fixes, 'row')} of {answer.total:,}"
        narrate(f"{fixes} propose an edit (column fix); --queue-fixes puts them into the queue")
    if answer.cut is not None and answer.cut.count:
        narrate(f"left out: {answer.cut.count:,} · {plain(answer.cut.meaning)}{_worst(answer.cut)}")


def _worst(cut: Cut) -> str:
    """The first of what was cut, by name and ref."""
    names = [f"{name} ({ref})" if name else ref for name, ref in cut.cards(WORST)]
    return f": {', '.join(names)}{' …' if cut.count > len(names) else ''}" if names else ""


def list_questions(catalogue: Catalogue) -> None:
    """Print all questions in their groups, a line each."""
    width = max(len(question.name) for question in catalogue)
    for group, questions in catalogue.groups().items():
        sys.stdout.write(f"{group}\n")
        for question in questions:
            tables.write_hanging(f"  {question.name:<{width}}  ", question.text)
    for error in catalogue.broken.values():
        narrate(f"not to be asked: {plain(error.message, 500)}\n  → {plain(error.hint, 500)}")
    narrate("linkgraph ask QUESTION --help tells more of one")


def describe(question: Question) -> None:
    """Print what a question means, what it takes and what it returns."""
    from queries.parameters import shown

    lines = [f"{question.name}: {question.title}"]
    for text in dict.fromkeys((question.text, question.definition)):
        lines += ["", text] if text != question.title else []
    if question.parameters:
        lines += ["", "Parameters (-p NAME=VALUE):"]
        for parameter in question.parameters:
            default = "" if parameter.default is None else f", default {shown(parameter.default)}"
            lines.append(f"  {parameter.name}  {parameter.meaning} ({parameter.allowed}{default})")
    if question.columns:
        lines += ["", "Columns:"]
    width = max((len(column.name) for column in question.columns), default=0)
    lines += [f"  {column.name:<{width}}  {column.meaning}" for column in question.columns]
    if question.cut_meaning:
        lines += ["", f"Left out, counted and named: {question.cut_meaning}"]
    lines += [""] if question.path or question.problem else []
    lines += [f"Its file: {question.path}"] if question.path else []
    lines += ["Counted in: linkgraph health"] if question.problem else []
    sys.stdout.write("\n".join(plain(line, 4000) for line in lines) + "\n")
