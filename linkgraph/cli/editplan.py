"""`linkgraph edits plan`: what a push would do, against what is live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkgraph.cli import output as out
from linkgraph.cli import progress
from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.plan import Plan
    from linkgraph.session import Session

first_option = click.option(
    "--first",
    type=click.IntRange(min=1),
    metavar="N",
    help="Take only the first N edits of the queue.",
)


@click.command()
@first_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a .json that another may push, or a .xlsx for approval.",
)
@account_options
def plan(first: int | None, output: Path | None, account: str | None, home: Home) -> None:
    """Read what is live on the cards in the queue, and show what a push would do; sends nothing.

    Edits that are so already are dropped, those whose link changed meanwhile are in conflict.
    """
    form = None if output is None else out.chosen(None, output, formats=("json", "xlsx"))
    with open_session(home, account) as session:
        with progress.waiting("reading what is live"):
            made = session.edits.plan(first=first)
        show(session, made)
        if output is not None and form is not None:
            write(session, made, output, form)
        if made.changes:
            first_said = "" if first is None else f" --first {first}"
            pushed = f" {output}" if form == "json" else first_said
            narrate(f"nothing was sent yet; to push it: linkgraph edits push{pushed}")
        elif left := session.edits.open_push():
            narrate(f"push {left.id} was broken off, or is under way: linkgraph edits push")
        elif not made.edits:
            narrate("the queue is empty: linkgraph link, unlink, main, move, edits import")


def show(session: Session, made: Plan) -> None:
    """Write a plan to stdout."""
    from linkgraph.cli import planlines
    from linkgraph.wording import planwords
    from linkgraph.wording.mirrored import card_lines, impact_of

    impact = impact_of(session, made)
    planlines.write(made, card_lines(session, planwords.named(made, impact)), impact)


def write(session: Session, made: Plan, output: Path, form: str) -> None:
    """Write a plan to a file."""
    by = session.edits.journal.by
    if form == "json":
        from linkgraph.edits import planfile

        planfile.write(made, output, by)
    else:
        from linkgraph.cli.plansheets import write_plan_sheets
        from linkgraph.wording import planwords
        from linkgraph.wording.mirrored import card_lines, impact_of

        impact = impact_of(session, made)
        cards = card_lines(session, planwords.named(made, impact))
        write_plan_sheets(output, made, cards, impact, by)
    narrate(f"plan of {counted(len(made.changes), 'change')}: {output}")
