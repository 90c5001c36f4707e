"""`linkgraph sync`: mirror the account, or just some cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from linkgraph.cli import progress
from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.errors import LinkgraphError
from linkgraph.model import Ref
from linkgraph.plaintext import plain
from linkgraph.settings import Home
from linkgraph.wording import syncwords

if TYPE_CHECKING:
    from linkgraph.mirror.sync import Report
    from linkgraph.session import Session


@click.command()
@click.argument("refs", nargs=-1, metavar="[REF]...")
@click.option("--rate", type=float, help="Requests a second, for this sync.")
@click.option("--accept-removals", is_flag=True, help="Publish although very many links vanished.")
@account_options
def sync(
    refs: tuple[str, ...],
    rate: float | None,
    accept_removals: bool,
    account: str | None,
    home: Home,
) -> None:
    """Mirror all cards and links and publish a snapshot; with REFs, read just those cards again.

    A sync that was stopped goes on where it stopped. REF is lead:123, contact:45, company:6,
    customer:7, element:CATALOG/ID or a card's address.
    """
    with open_session(home, account) as session:
        cards = [session.ref(ref) for ref in refs]
        run(session, cards, rate=rate, accept_removals=accept_removals)


def run(
    session: Session,
    cards: list[Ref],
    *,
    rate: float | None = None,
    accept_removals: bool = False,
) -> Report:
    """Sync and tell what it will cost, how far it is and what came of it."""
    if not cards:
        announce_cost(session, rate)
    try:
        with progress.shown() as watch:
            report = session.sync(cards, watch=watch, rate=rate, accept_removals=accept_removals)
    except KeyboardInterrupt:
        narrate("stopped; what was read is kept, and the next linkgraph sync goes on from there")
        raise
    tell(report)
    tell_health(session)
    return report


def announce_cost(session: Session, rate: float | None) -> None:
    """Say what a full sync will cost, as far as that is known."""
    for line in syncwords.cost(session.forecast(rate)):
        narrate(line)


def tell(report: Report) -> None:
    """Say what a sync did."""
    narrate(syncwords.published(report))
    told = "" if report.links_expected is None else f"{report.links_expected:,} announced, "
    if report.cards:
        narrate(f"links as both sides tell them: {told}{report.links_received:,} came")
    if not report.first:
        changes = [(change, syncwords.signed(change)) for change in report.changes]
        changes = [(change, counts) for change, counts in changes if counts]
        narrate("changed since the last snapshot:" if changes else "no link changed")
        for change, counts in changes:
            narrate(f"  {change.relation:<17} {counts}")
    for line in syncwords.caveats(report):
        narrate(line)


def tell_health(session: Session) -> None:
    """Say in a line how many problems the new snapshot has.

    The sync is done: nothing that goes wrong here, nor Ctrl-C, makes it a failure.
    """
    from queries.health import one_line

    try:
        with type(session)(session.account) as fresh, progress.waiting("counting problems"):
            figures = fresh.figures()
        narrate(one_line(figures))
    except LinkgraphError as error:
        narrate(f"the problems could not be counted ({plain(error.message, 300)})")
    except KeyboardInterrupt:
        narrate("the problems were not counted; later: linkgraph health")
