"""`linkgraph edits undo`: take a push back."""

from __future__ import annotations

from pathlib import Path

import click

from linkgraph.cli import editplan, progress, pushrun
from linkgraph.cli import output as out
from linkgraph.cli.options import account_options, open_session, read_only_option
from linkgraph.cli.output import narrate
from linkgraph.cli.pushrun import approval_options
from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from linkgraph.settings import Home


@click.command()
@click.argument("push", required=False, type=click.IntRange(min=1))
@click.option("--dry-run", is_flag=True, help="Print the exact requests and send nothing.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plan to a .json or .xlsx instead of pushing it; its edits stay queued.",
)
@approval_options
@read_only_option
@account_options
def undo(
    push: int | None,
    dry_run: bool,
    output: Path | None,
    yes: bool,
    unlinks: int | None,
    read_only: bool,
    account: str | None,
    home: Home,
) -> None:
    """Restore the links as they were before a push: the last one, or that of a number.

    It is planned, checked and pushed like any other. What others have changed since is a conflict
    and stays as it is.
    """
    form = None if output is None else out.chosen(None, output, formats=("json", "xlsx"))
    with open_session(home, account, read_only=read_only) as session:
        with progress.waiting("reading what is live"):
            made, impossible = session.edits.undo(push)
        pushrun.show(session, made)
        for line in impossible:
            narrate(f"cannot be taken back: {plain(line, 300)}")
        if output is not None and form is not None:
            editplan.write(session, made, output, form)
            return
        try:
            if dry_run:
                pushrun.print_requests(session, made)
            elif made.changes:
                pushrun.approve(session, made, yes=yes, unlinks=unlinks)
        except (LinkgraphError, click.Abort):
            session.edits.withdraw(made)
            raise
        if dry_run:
            session.edits.withdraw(made)
            narrate("nothing was sent")
            return
        if not made.changes:
            # What is in conflict waits in the queue for the ways out that the plan names.
            waits = " until the conflicts are resolved" if made.conflicts else ""
            narrate(f"there is nothing to take back{waits}")
            return
        pushrun.carry_out(session, made)
