"""`linkgraph edits push`: send what was planned, and verify it."""

from __future__ import annotations

from pathlib import Path

import click

from linkgraph.cli import editplan, progress, pushrun
from linkgraph.cli.options import account_options, open_session, read_only_option
from linkgraph.cli.output import narrate
from linkgraph.cli.pushrun import approval_options
from linkgraph.errors import UsageError
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted


@click.command()
@click.argument(
    "plan", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="[PLAN.json]"
)
@editplan.first_option
@click.option("--dry-run", is_flag=True, help="Print the exact requests and send nothing.")
@click.option(
    "--settle",
    is_flag=True,
    help="Only find out what became of a push that was broken off; send nothing more.",
)
@approval_options
@read_only_option
@account_options
def push(
    plan: Path | None,
    first: int | None,
    dry_run: bool,
    settle: bool,
    yes: bool,
    unlinks: int | None,
    read_only: bool,
    account: str | None,
    home: Home,
) -> None:
    """Plan the queue, ask, send it as mass requests, and read it all back.

    A few edits of each kind go first; any effect that nobody asked for stops the push. One that
    was broken off is taken up again before anything else. With PLAN.json, the edits of that plan
    are pushed, if what is live still gives the very same changes.

    Ctrl-C stops between two requests. Exit code 8: not all of it was verified.
    """
    if plan is not None and first is not None:
        raise UsageError("a plan is pushed whole", hint="leave out --first, or the plan")
    with open_session(home, account, read_only=read_only) as session:
        left = session.edits.open_push()
        if left is not None and not dry_run:
            pushrun.resume(session, left, settle_only=settle, yes=yes)
            return
        if settle:
            narrate("no push is broken off: there is nothing to settle")
            return
        with progress.waiting("reading what is live"):
            if plan is not None:
                from linkgraph.edits import planfile

                made = session.edits.plan_of(planfile.read(plan))
            else:
                made = session.edits.plan(first=first, note=not dry_run)
        if dry_run:
            pushrun.print_requests(session, made)
            return
        pushrun.show(session, made)
        if not made.changes:
            narrate("nothing has to be sent")
            return
        pushrun.approve(session, made, yes=yes, unlinks=unlinks)
        pushrun.carry_out(session, made)
        waiting = len(session.edits.list(states=None))
        if waiting:
            narrate(f"{counted(waiting, 'edit')} still in the queue: linkgraph edits list")
