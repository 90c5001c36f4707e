"""The account of `linkgraph demo --size 5k` while its simulated CRM runs, for what writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, generate


@contextmanager
def running_account(root: Path) -> Iterator[Simulator]:
    """Make a home at `root` with the account «demo», mirrored, and keep its CRM running."""
    with Simulator(generate(5_000, seed=1), rate=None) as crm:
        Home(root).add("demo", AccountSettings(crm.url, rate=float("inf")), crm.token)
        with linkgraph.open(home=root) as session:
            session.sync()
        yield crm
