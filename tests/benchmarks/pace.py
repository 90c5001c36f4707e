"""The CRM's own pace, 7 requests a second, each answered after 0.6 s: a full sync, and by itself.

The account of the sync is a process of its own. Fifty-five thousand links make some 310 requests.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.mirror.sync import Plan, sync
from tests.amocrm.walks import walk
from tests.benchmarks.measures import Measure

LINKS = 55_000
LATENCY = 0.6
LAW = 7
COUNT = 300
"""Requests of one kind, without a sync."""


def run(links: int) -> Iterator[Measure]:
    """From the first request to the last answer, by the account's own log; `links` at most."""
    command = [sys.executable, "-m", "linkgraph.simulator", "--size", str(min(links, LINKS))]
    command += ["--rate", str(LAW), "--latency", str(LATENCY)]
    with (
        TemporaryDirectory() as name,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as crm,
    ):
        assert crm.stdout is not None
        url, token = (crm.stdout.readline().split()[1] for _ in range(2))
        folder = Path(name)
        client = AmoClient(Address.parse(url), token, pacer=Pacer(LAW, folder / "pace"))
        sync(client, Plan(folder, "RU", keep=1, max_removals=0.2))
        log = httpx.get(f"{url}/_simulator/requests", timeout=30).json()
        crm.terminate()
    asked = [entry for entry in log if entry["path"].startswith("/api/")]
    arrivals = sorted(entry["monotonic"] for entry in asked)
    floor = len(arrivals) / LAW
    yield Measure(
        f"first request to last answer, {len(arrivals)} requests",
        arrivals[-1] - arrivals[0] + LATENCY,
        yardstick="requests ÷ 7",
        yard=floor,
        target=1.05 * floor + 4 * LATENCY,
    )
    busiest = max(sum(first <= moment < first + 1.0 for moment in arrivals) for first in arrivals)
    yield Measure("requests in the busiest second", busiest, "", target=LAW)
    yield Measure("answers 429", sum(entry["status"] == 429 for entry in asked), "", target=0)
    yield from _walks()


def _walks() -> Iterator[Measure]:
    """Requests as such, from one process, from two, and by a road that delays each by 0-300 ms.

    There 6.09 a second is the most that is safe: a slot can only be used again 1 s after the latest
    moment its request can have arrived, 0.15 s after the earliest on average.
    """
    with TemporaryDirectory() as name:
        alone = asyncio.run(walk(Path(name) / "alone", COUNT))
        together = asyncio.run(walk(Path(name) / "together", COUNT, processes=2))
        delayed = asyncio.run(walk(Path(name) / "delayed", COUNT, through_proxy=True))
    floor = COUNT / LAW
    target = 1.05 * floor + 4 * LATENCY
    for what, one in (("one process", alone), ("two processes", together)):
        yield Measure(f"{COUNT} requests, {what}", one.seconds, "s", "requests ÷ 7", floor, target)
    # At least 5.4 a second are promised there.
    yield Measure(
        f"{COUNT} requests, a jittery road", delayed.seconds, target=COUNT / 5.4 + LATENCY
    )
