"""Edits of every kind: queued, planned, pushed and undone, as fast as the account answers.

The account is a process of its own without a rate limit. The yardstick writes the same changes one
by one with the same client, a request each, reading nothing before or after: of a sample, and taken
for all. At the CRM's pace it is the requests that count.
"""

import asyncio
import math
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from msgspec import UNSET

from linkgraph.accounts import AccountSettings
from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.amocrm.wire_links import LinkItem
from linkgraph.edits.changes import Change
from linkgraph.edits.entries import Entry, Origin, Source
from linkgraph.edits.pushbook import PushState
from linkgraph.edits.pushes import Pushed
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import generate
from tests.benchmarks.measures import Measure, peak_memory, timed
from tests.edits.mixed import mixed_edits

EDITS = 10_000
LINKS = 60_000
"""The account's links at most: the size of the queue is what matters here."""
PER_LINK = 6
"""Links of the account for each edit: enough for all kinds."""
SAMPLE = 500
SEED = 3
CPU = 10.0
"""Seconds of a quiet machine that planning and pushing may compute."""
ONE_BY_ONE = "one request a change, nothing read"


def run(links: int) -> Iterator[Measure]:
    """Queue, plan, push and undo, against writing one by one."""
    size = min(links, LINKS)
    edits = mixed_edits(generate(size, seed=SEED), min(EDITS, size // PER_LINK))
    with TemporaryDirectory() as name, _crm(size) as (url, token):
        settings = AccountSettings(url, rate=math.inf)
        with Session(Home(Path(name)).add("work", settings, token)) as session:
            session.sync()
            session.close()
            with timed() as queueing:
                session.edits.add([Entry(edit, Origin(Source.PYTHON)) for edit in edits])
            with timed() as planning:
                plan = session.edits.plan()
            with timed() as pushing:
                pushed = _done(session.edits.push(plan))
            session.close()
            with timed() as undoing:
                _done(session.edits.push(session.edits.undo()[0]))
        # After the undo the links are as they were: the same changes can be made once more.
        changes = len(plan.changes)
        sample = random.Random(SEED).sample(plan.changes, min(SAMPLE, changes))
        alone = asyncio.run(_one_by_one(url, token, sample)) / len(sample) * changes
    requests = pushed.outcome.requests
    yield Measure(f"queueing {len(edits):,} edits", queueing.seconds)
    yield Measure(f"planning {changes:,} changes", planning.seconds)
    yield Measure("pushing and publishing", pushing.seconds, yardstick=ONE_BY_ONE, yard=alone)
    yield Measure("requests of the push", requests, "", ONE_BY_ONE, changes)
    yield Measure("undoing: planned, pushed, published", undoing.seconds, "s", ONE_BY_ONE, alone)
    yield Measure("computed by plan and push", planning.cpu + pushing.cpu, target=CPU)
    yield Measure("peak memory of it all", peak_memory(), "MB")


def _done(pushed: Pushed) -> Pushed:
    assert pushed.outcome.state is PushState.DONE, pushed.outcome.error
    return pushed


@contextmanager
def _crm(size: int) -> Iterator[tuple[str, str]]:
    """The account in a process: its address and token."""
    command = [sys.executable, "-m", "linkgraph.simulator", "--size", str(size)]
    command += ["--seed", str(SEED), "--behaviour", "rate=none"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as crm:
        assert crm.stdout is not None
        try:
            url, token = (crm.stdout.readline().split()[1] for _ in range(2))
            yield url, token
        finally:
            crm.terminate()


async def _one_by_one(url: str, token: str, changes: Sequence[Change]) -> float:
    """The seconds that it takes to make changes, each by itself."""
    async with AmoClient(Address.parse(url), token, pacer=Pacer(math.inf)) as client:
        began = perf_counter()
        for change in changes:
            owner, other = change.pair
            if change.after is None:
                await client.unlink(owner, [LinkItem.to(other)])
                continue
            said = change.write
            item = LinkItem.to(
                other,
                is_main=UNSET if said.is_main is None else said.is_main,
                quantity=UNSET if said.quantity is None else said.quantity,
                price_id=UNSET if said.price_id is None else said.price_id or None,
            )
            await client.link(owner, [item])
        return perf_counter() - began
