"""A full sync at the CRM's own pace: 7 requests a second, each answered after 0.6 s.

The account is a process of its own. Fifty-five thousand links make some 310 requests.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.mirror.sync import Plan, sync
from tests.benchmarks.measures import Measure

LINKS = 55_000
LATENCY = 0.6
LAW = 7


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
