"""`linkgraph demo`: the whole road on this machine, from a simulated account to answers.

In a terminal it ends in the browser, while the simulated account still runs; then, and in a pipe,
it tells what to type next, up to changing links; each line works as it stands there.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from linkgraph.accounts import AccountSettings
from linkgraph.amocrm import Address
from linkgraph.cli import ask, tables
from linkgraph.cli import sync as syncing
from linkgraph.cli.options import home_option
from linkgraph.cli.output import narrate, program
from linkgraph.errors import LinkgraphError, UsageError
from linkgraph.settings import HOME_VARIABLE, Home

if TYPE_CHECKING:
    from linkgraph.session import Session

ACCOUNT = "demo"
#: Asked at the end: the question, and how many rows of the answer are shown.
_QUESTIONS = (
    ("companies-sharing-contacts", 5),
    ("wrong-main-contact", 5),
    ("leads-without-contact", 3),
)


@dataclass(frozen=True, slots=True)
class _Account:
    """A simulated account that runs as a process of its own."""

    url: str
    token: str


@click.command()
@click.option("--size", default="20k", show_default=True, help="Links of the simulated account.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Same seed, same account.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0.01),
    help="Requests a second; 7 shows the CRM's real pace.",
)
@click.option("--headless", is_flag=True, help="Stop after the answers, before the browser.")
@home_option
def demo(size: str, seed: int, rate: float | None, headless: bool, home: Home) -> None:
    """Simulate an account, mirror it over HTTP, and answer a few questions.

    The mirror stays, under the account name «demo», for the commands that follow.
    """
    _refuse_real(home)
    narrate(f"1. A simulated CRM of {_links(size):,} links starts on this machine.")
    with _simulated(size, seed, rate) as simulated:
        port = simulated.url.rpartition(":")[2]
        narrate(f"   It listens at {simulated.url}")
        settings = AccountSettings(url=simulated.url, rate=rate or float("inf"))
        _forget_last(home)
        account = home.add(ACCOUNT, settings, simulated.token)
        narrate("2. Its cards and links are mirrored over HTTP into DuckDB (linkgraph sync).")
        from linkgraph.session import Session

        with Session(account) as session:
            syncing.run(session, [])
            narrate("3. What was found:")
            _tell_counts(session)
            for name, rows in _QUESTIONS:
                sys.stdout.write("\n")
                ask.show_answer(session.ask(name, limit=rows))
            sys.stdout.flush()
        if not headless and sys.stdin.isatty() and sys.stdout.isatty():
            _browse(home)
        with Session(account) as session:
            _tell_next(session, home, port, size, seed)


def _browse(home: Home) -> None:
    """Open the browser on the account that was just mirrored, while its CRM runs."""
    from linkgraph.cli import browse

    narrate()
    narrate("4. The browser opens: walk, ask, edit, push. The simulated CRM takes your edits.")
    click.pause("   Press any key to go on, Ctrl-C to stop here …", err=True)
    browse.run(home, ACCOUNT)


@contextlib.contextmanager
def _simulated(size: str, seed: int, rate: float | None) -> Iterator[_Account]:
    """Start a simulated account in a process of its own, and end it."""
    command = [sys.executable, "-m", "linkgraph.simulator", "--size", size, "--seed", str(seed)]
    command += ["--rate", "none" if rate is None else f"{rate:g}"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url, token = (process.stdout.readline().partition(" ")[2].strip() for _ in range(2))
            if not token:
                said = process.stderr.read() if process.stderr else ""
                raise LinkgraphError(
                    "the simulated account did not start: "
                    + said.strip().removeprefix("error: ")[-300:],
                    hint="linkgraph simulate --help",
                )
            yield _Account(url, token)
        finally:
            process.terminate()


def _links(size: str) -> int:
    from linkgraph.simulator import SizeError, links_of_size

    try:
        return links_of_size(size)
    except SizeError as error:
        raise UsageError(str(error), hint="linkgraph demo --size 20k") from error


def _refuse_real(home: Home) -> None:
    """The demo replaces the demo of last time, and nothing else that happens to have its name."""
    if ACCOUNT not in home.account_names():
        return
    url = home.account(ACCOUNT).settings.url
    if not Address.parse(url).is_loopback:
        raise UsageError(
            f"account {ACCOUNT} is a real one ({url}), which the demo would replace",
            hint="give the demo a home of its own: linkgraph demo --home DIR",
        )


def _forget_last(home: Home) -> None:
    """The demo of last time is another account: what changed between the two means nothing."""
    if ACCOUNT in home.account_names():
        home.remove(ACCOUNT, data=True)


def _tell_counts(session: Session) -> None:
    card = session.snapshot.card()
    for title, counts in (("cards", card.cards), ("links", card.edges)):
        named = "  ".join(f"{name} {count:,}" for name, count in counts.items())
        tables.write_hanging(f"   {sum(counts.values()):>7,} {title:<6} ", named)


def _tell_next(session: Session, home: Home, port: str, size: str, seed: int) -> None:
    given = "" if home == Home.locate() else f" --home {home.root}"
    named = "" if home.default == ACCOUNT else f" --account {ACCOUNT}"
    options = f"{named}{given}"
    name = program()
    busiest = session.ask("contacts-touching-many-companies", limit=1).rows()
    narrate()
    narrate("The mirror stays. What to type next:")
    narrate(f"  {name} health{options}")
    narrate(f"  {name} ask{options}")
    narrate(f"  {name} ask orphan-contacts{options}")
    for row in busiest:
        # It touches that company, over a lead or a customer if not itself: a path there is.
        contact, company = f"contact:{row['contact_id']}", f"company:{row['other_company_id']}"
        narrate(f"  {name} show {contact} --depth 2{options}")
        narrate(f"  {name} path {contact} {company} --skip element{options}")
        narrate(f"  {name} export around.html --around {contact}{options}")
    narrate(f'  {name} sql "select relation, count(*) from edges group by relation"{options}')
    if given:
        narrate(f"(or once: export {HOME_VARIABLE}={home.root})")
    narrate("The simulated CRM has stopped. To change its links, start it in another terminal:")
    narrate(f"  {name} simulate --port {port} --size {size} --seed {seed} --rate none")
    narrate("Then queue the safe fixes, look at what they would do, and push them:")
    narrate(f"  {name} health --queue-fixes{options}")
    narrate(f"  {name} edits plan{options}")
    narrate(f"  {name} edits push{options}")
    narrate("(What is pushed lasts until the simulated CRM stops: it starts as it was made.)")
