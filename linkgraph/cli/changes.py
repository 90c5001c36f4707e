"""`linkgraph changes`: which links came, went and changed between two syncs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkgraph.cli import output as out
from linkgraph.cli import progress, tables
from linkgraph.cli.ask import ROWS, show_answer, tell_rest, upto
from linkgraph.cli.options import account_options, open_session, output_options
from linkgraph.cli.output import FORMATS, narrate
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.runner import Answer

_LINKS, _MOVED = "link-changes", "moved-contacts"
_KINDS = ("added", "removed", "changed")


@click.command()
@click.option(
    "--since",
    default="previous",
    metavar="N|DAY",
    help="The earlier snapshot: its number, a day (2026-11-20, friday) or time at which it stood; "
    "by default the one before the later.",
)
@click.option(
    "--until",
    default="newest",
    metavar="N|DAY",
    help="The later snapshot, said likewise, a day to its end (UTC); by default the newest.",
)
@click.option(
    "--moved", is_flag=True, help="Contacts that moved to another company, and leads they left."
)
@click.option("--syncs", is_flag=True, help="The syncs, and how many links each changed.")
@click.option("--limit", type=click.IntRange(min=0), help="Rows at most; 0 is all.")
@output_options(*FORMATS)
@account_options
def changes(
    since: str,
    until: str,
    moved: bool,
    syncs: bool,
    limit: int | None,
    format_: str | None,
    output: Path | None,
    account: str | None,
    home: Home,
) -> None:
    """Show which links were added, removed or changed between two kept snapshots.

    What the rows mean, and how to ask for some of them only: `linkgraph ask link-changes --help`,
    with --moved `linkgraph ask moved-contacts --help`.
    """
    form = out.chosen(format_, output)
    most = (ROWS if form == "table" else 0) if limit is None else limit
    with open_session(home, account) as session:
        if syncs:
            _show_syncs(session, form, most, output)
            return
        with progress.waiting("comparing two snapshots"):
            whole = session.ask(_MOVED if moved else _LINKS, since=since, until=until)
        answer = upto(whole, most)
        if form == "table":
            _summarise(whole)
            show_answer(answer)
            return
        out.write_answer(answer, form, output)
        tell_rest(answer)


def _show_syncs(session: Session, form: str, most: int, output: Path | None) -> None:
    from linkgraph.cli.synclist import synced

    table = synced(session)
    shown = table.slice(0, most) if most else table
    if form == "table":
        tables.write_arrow(shown)
    else:
        out.write(shown, form, output)


def _summarise(answer: Answer) -> None:
    """Say how much changed in all: a table for a person, else beside the data."""
    if answer.question.name == _MOVED:
        contacts = set(answer.table["contact_id"].to_pylist())
        leads = set(answer.table["lead_id"].to_pylist()) - {None}
        narrate(
            f"{counted(len(contacts), 'contact')} left a company, "
            f"{counted(len(leads), 'open lead')} stayed behind"
        )
        return
    counts = Counter(
        zip(answer.table["relation"].to_pylist(), answer.table["change"].to_pylist(), strict=True)
    )
    relations = sorted({relation for relation, _ in counts})
    totals = {kind: [counts[relation, kind] for relation in relations] for kind in _KINDS}
    if tables.is_terminal() and relations:
        import pyarrow as pa

        tables.write_arrow(pa.table({"relation": relations, **totals}))
        return
    for place, relation in enumerate(relations):
        told = ", ".join(f"{totals[kind][place]:,} {kind}" for kind in _KINDS)
        narrate(f"{relation}: {told}")
