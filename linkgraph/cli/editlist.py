"""`linkgraph edits list`: the queue, or all edits that ever were in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from linkgraph.cli import output as out
from linkgraph.cli import tables
from linkgraph.cli.options import account_options, open_session, output_options
from linkgraph.cli.output import FORMATS, narrate
from linkgraph.edits.states import State
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

#: Rows that a table shows unless asked for more.
ROWS = 50
#: The states by name, as options take them.
STATES = click.Choice([state.value for state in State])

card_option = click.option(
    "--card",
    "cards",
    metavar="REF",
    multiple=True,
    help="Only of edits about this card, at either end; may be given again.",
)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what is verified, undone or dropped.")
@click.option(
    "--state", "states", type=STATES, multiple=True, help="Only those in this state; repeatable."
)
@card_option
@click.option("--limit", type=click.IntRange(min=0), help="The newest so many; 0 is all.")
@output_options(*FORMATS)
@account_options
def list_(
    everything: bool,
    states: tuple[str, ...],
    cards: tuple[str, ...],
    limit: int | None,
    format_: str | None,
    output: Path | None,
    account: str | None,
    home: Home,
) -> None:
    """List the edits in the queue: all that are not verified, undone or dropped.

    Files have more columns than the table, and `linkgraph edits import` reads them.
    """
    from linkgraph.cli import editrows

    form = out.chosen(format_, output)
    most = (ROWS if form == "table" else 0) if limit is None else limit
    wanted = [State(state) for state in states] or (list(State) if everything else None)
    with open_session(home, account) as session:
        found = session.edits.list(states=wanted, cards=[session.ref(card) for card in cards])
        shown = found[-most:] if most else found
        lines = editrows.lines_of(session, shown)
    if form != "table":
        out.write(editrows.whole(shown, lines), form, output)
    elif shown or not tables.is_terminal():
        tables.write_arrow(editrows.short(shown, lines))
    if not found:
        narrate("no such edits" if wanted or cards else "the queue is empty")
        return
    newest = f"the newest {len(shown):,} of " if len(shown) < len(found) else ""
    counts = Counter(queued.state for queued in found)
    told = ", ".join(f"{counts[state]:,} {state}" for state in State if counts[state])
    narrate(f"{newest}{counted(len(found), 'edit')}: {told}")
    if State.CONFLICT in counts:
        narrate("decide about conflicts: linkgraph edits resolve ID… --keep|--drop|--requeue")
