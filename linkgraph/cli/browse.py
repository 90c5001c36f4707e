"""`linkgraph browse`, also the bare command: the terminal browser."""

from __future__ import annotations

import sys

import click

from linkgraph.cli.options import account_options, read_only_option
from linkgraph.errors import LinkgraphError, NoAccount, UsageError
from linkgraph.settings import Home


@click.command()
@account_options
@read_only_option
def browse(account: str | None, home: Home, read_only: bool) -> int:
    """Walk the graph, ask, edit and push, in this terminal.

    Without an account it opens too, and says how to add one.
    """
    return run(home, account, read_only=read_only)


def run(home: Home, account: str | None = None, *, read_only: bool = False) -> int:
    """Open the browser; returns the exit code.

    Raises:
        UsageError: this is no terminal.
        NoAccount: there is no account of that name.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the browser needs a terminal, and this is none",
            hint="for scripts there are commands: linkgraph --help",
        )
    from linkgraph.session import Session
    from tui import open_browser

    session: Session | None = None
    problem: LinkgraphError | None = None
    try:
        session = Session(home.account(account), read_only=read_only)
    except NoAccount as error:
        if account is not None:
            raise
        problem = error
    return open_browser(session, problem)
