"""What a full mirror of a hundred thousand cards asks: within two per cent of the formula."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from linkgraph.simulator import generate
from tests.benchmarks.measures import Measure
from tests.mirror.accounts import Account
from tests.mirror.test_cost import bulk

#: A hundred thousand cards.
LINKS = 150_000


def run(links: int) -> Iterator[Measure]:
    """Requests for pages and links, and all others; `links` at most."""
    with TemporaryDirectory() as folder:
        account = Account(generate(min(links, LINKS), seed=6), Path(folder))
        report = account.sync()
        formula = bulk(account.world)
        elements = sum("/elements?" in line for line in account.asked())
    extra = report.extra
    beside = extra.fixed + extra.speculative + extra.calibrating
    asked = report.requests - beside - elements
    yield Measure("pages and links", asked, "", "the formula", formula, 1.02 * formula)
    yield Measure("fixed, speculative and calibrating", beside, "", target=30)
    yield Measure("repairing", extra.repairing, "", target=0)
