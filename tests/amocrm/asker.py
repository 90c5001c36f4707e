"""A process of its own that asks an account for something N times, through a shared pace file.

Reads JSON from stdin: url, token, pace (path), count. Writes JSON: when the first request was asked
for and when the last answer was there (monotonic seconds, one clock for all processes), and what
the client counted.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from linkgraph.amocrm import Address, AmoClient, Pacer


async def ask(url: str, token: str, pace: str, count: int) -> dict[str, float]:
    """Ask `count` times, as many at once as the client lets through."""
    pacer = Pacer(path=Path(pace))
    async with AmoClient(Address.parse(url), token, pacer=pacer) as client:
        first = time.monotonic()
        await asyncio.gather(*(client.account() for _ in range(count)))
        last = time.monotonic()
        return {"first": first, "last": last, "refused": client.stats.refused}


if __name__ == "__main__":
    json.dump(asyncio.run(ask(**json.load(sys.stdin))), sys.stdout)
