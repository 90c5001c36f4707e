"""Requests at the CRM's own pace, over sockets, with real time, real processes and a jittery road.

For the test of what must hold on any machine, and the benchmark of how fast it is.
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from linkgraph.simulator import Simulator, generate

ASKER = Path(__file__).with_name("asker.py")
LATENCY = 0.6
JITTER = 0.3


@dataclass
class Walk:
    """What became of some requests."""

    count: int
    seconds: float
    refused: float
    busiest_second: int
    statuses: set[int | None]

    @property
    def rate(self) -> float:
        """Requests a second from the first to the last, the last answer's latency left out."""
        return self.count / (self.seconds - LATENCY)


def busiest_second(arrivals: list[float]) -> int:
    """The most arrivals in any sliding second."""
    arrivals = sorted(arrivals)
    return max(
        sum(1 for other in arrivals[i:] if other - first < 1.0) for i, first in enumerate(arrivals)
    )


@asynccontextmanager
async def delaying_proxy(port: int, seed: int) -> AsyncIterator[int]:
    """A TCP proxy that holds each request back by a random 0 to 300 ms before it arrives."""
    delays = random.Random(seed)

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, hold: bool) -> None:
        try:
            while data := await source.read(65536):
                if hold:
                    await asyncio.sleep(delays.uniform(0.0, JITTER))
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(
            pump(reader, downstream, True), pump(upstream, writer, False), return_exceptions=True
        )

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def ask_in_processes(
    url: str, token: str, pace: Path, count: int, processes: int
) -> list[dict[str, float]]:
    """Run `processes` askers at once that share a pace file, `count` requests between them."""

    async def one() -> dict[str, float]:
        task = {"url": url, "token": token, "pace": str(pace), "count": count // processes}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ASKER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate(json.dumps(task).encode())
        assert process.returncode == 0
        result: dict[str, float] = json.loads(out)
        return result

    return await asyncio.gather(*(one() for _ in range(processes)))


async def walk(pace: Path, count: int, *, processes: int = 1, through_proxy: bool = False) -> Walk:
    """Ask a simulated account that counts arrivals and answers after 0.6 s."""
    with Simulator(generate(100), rate=7, latency=LATENCY) as sim:
        port = int(sim.url.rpartition(":")[2])
        async with delaying_proxy(port, seed=7) as proxy:
            url = f"http://127.0.0.1:{proxy}" if through_proxy else sim.url
            results = await ask_in_processes(url, sim.token, pace, count, processes)
        log = sim.requests()
    assert len(log) == count
    return Walk(
        count=count,
        seconds=max(r["last"] for r in results) - min(r["first"] for r in results),
        refused=sum(r["refused"] for r in results),
        busiest_second=busiest_second([entry["monotonic"] for entry in log]),
        statuses={entry["status"] for entry in log},
    )
