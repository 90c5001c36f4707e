"""The limit is kept over sockets, with real time and real processes.

How much of it is used is proved by a clock of the tests' own (`test_pace`), and measured by
`tests.benchmarks.pace`: here no second is counted, for a busy machine makes everything late.
"""

import asyncio
from pathlib import Path

import pytest

from tests.amocrm.walks import walk

#: Some seventeen seconds at seven a second: the window is filled many times over.
COUNT = 120


@pytest.mark.slow
async def test_the_limit_is_kept(tmp_path: Path) -> None:
    """Of requests answered after 0.6 s no second sees more than 7 arrive, and none is refused: from
    two processes at once, and where the road delays each request by up to 300 ms."""
    together, delayed = await asyncio.gather(
        walk(tmp_path / "together", COUNT, processes=2),
        walk(tmp_path / "delayed", COUNT, through_proxy=True),
    )
    for one in (together, delayed):
        assert one.busiest_second <= 7
        assert one.refused == 0
        assert one.statuses == {200}
