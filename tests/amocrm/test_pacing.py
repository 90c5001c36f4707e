"""Turns through a shared file: several pacers, blocks, refusals, cancelled and killed waiters."""

import asyncio
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import msgspec
import pytest

from linkgraph import errors
from linkgraph.amocrm import Pacer
from linkgraph.amocrm.pace import PaceState, Sent


class Clock(Protocol):
    """A clock that moves when somebody sleeps."""

    now: float
    slept: list[float]

    def __call__(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SharedTime:
    """Virtual time for tasks that run at once: it moves when all of them sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._waiters: list[tuple[float, asyncio.Future[None]]] = []
        self.tasks = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self.now + seconds, waiter))
        self._move_on()
        await waiter

    def finished(self) -> None:
        """One task less to wait for."""
        self.tasks -= 1
        self._move_on()

    def _move_on(self) -> None:
        if self._waiters and len(self._waiters) == self.tasks:
            self._waiters.sort(key=lambda entry: entry[0])
            self.now, first = self._waiters.pop(0)
            first.set_result(None)


def pacer(path: Path | None, clock: Clock, rate: float = 7.0) -> Pacer:
    """A pacer in virtual time."""
    return Pacer(rate, path, clock=clock, sleep=clock.sleep)


async def test_pacers_of_one_file_share_the_budget(tmp_path: Path) -> None:
    """Two pacers, as two processes have them, send together what one alone would send."""
    time = SharedTime()
    time.tasks = 2
    sent: list[float] = []

    async def process() -> None:
        mine = Pacer(path=tmp_path / "pace", clock=time, sleep=time.sleep)
        for _ in range(30):
            turn = await mine.turn("kind")
            await mine.left(turn)
            await mine.answered(turn)
            sent.append(turn.at)
        time.finished()

    await asyncio.gather(process(), process())
    assert sent == sorted(sent)
    assert all(later - earlier >= 1.0 for earlier, later in zip(sent, sent[7:], strict=False))
    assert sent[-1] - sent[0] <= 60 * 1.05 / 7


async def test_turns_come_in_the_order_they_were_asked_for(clock: Clock) -> None:
    """First come, first served; a waiter that gives up costs the others nothing."""
    mine = pacer(None, clock)
    got: list[int] = []

    async def ask(number: int) -> None:
        turn = await mine.turn()
        await mine.left(turn)
        got.append(number)

    tasks = [asyncio.create_task(ask(number)) for number in range(6)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert got == [0, 1, 3, 4, 5]
    assert clock.now - 1000.0 < 5 * 0.15


async def test_a_block_reaches_pacers_that_were_there_and_not_later_ones(
    tmp_path: Path, clock: Clock
) -> None:
    """Every process that shares the file stops; one started afterwards, by a person, may try."""
    first, second = pacer(tmp_path / "pace", clock), pacer(tmp_path / "pace", clock)
    await first.turn()
    await first.block()
    for one in (first, second):
        with pytest.raises(errors.AccountBlocked):
            await one.turn()
        with pytest.raises(errors.AccountBlocked):
            await one.rest(60.0)
    clock.now += 1.0
    await pacer(tmp_path / "pace", clock).turn()


async def test_a_block_ends_a_long_wait(tmp_path: Path, clock: Clock) -> None:
    """Who waits five minutes because of a 429 hears of the block within a moment."""
    first, second = pacer(tmp_path / "pace", clock), pacer(tmp_path / "pace", clock)
    await first.refused(await first.turn(), 300.0)
    waiting = asyncio.create_task(second.turn())
    await asyncio.sleep(0)
    await first.block()
    with pytest.raises(errors.AccountBlocked):
        await waiting
    assert clock.now < 1001.0


async def test_a_refusal_holds_all_processes_for_as_long_as_was_asked(
    tmp_path: Path, clock: Clock
) -> None:
    """Retry-After is the account's, not the request's; the screen can tell how long."""
    first, second = pacer(tmp_path / "pace", clock), pacer(tmp_path / "pace", clock)
    await first.refused(await first.turn(), 30.0)
    assert first.held_for == pytest.approx(30.0)
    assert (await second.turn()).at >= 1030.0
    assert second.held_for == 0


async def test_the_limit_can_be_lifted_and_refusals_still_count(clock: Clock) -> None:
    """For simulated accounts without a limit: no waits at all, but for those that are asked for."""
    mine = pacer(None, clock, math.inf)
    for _ in range(1000):
        turn = await mine.turn()
    assert clock.now == 1000.0
    await mine.refused(turn, 5.0)
    assert (await mine.turn()).at >= 1005.0


@pytest.mark.parametrize(
    "text",
    [
        b"not json",
        b'{"sent": 5}',
        b"\x00" * 100,
        msgspec.json.encode(PaceState(sent=[Sent(1, 5000.0, "from before a reboot")])),
        msgspec.json.encode(PaceState(not_before=99999.0)),
        msgspec.json.encode(PaceState(blocked_at=2000.0)),
    ],
    ids=["text", "shape", "zeros", "future request", "future wait", "future block"],
)
async def test_a_state_that_cannot_be_true_is_begun_anew_with_caution(
    tmp_path: Path, clock: Clock, text: bytes
) -> None:
    """Torn, foreign or of an earlier boot: nobody is wedged, and a full second is let pass."""
    (tmp_path / "pace").write_bytes(text)
    turn = await pacer(tmp_path / "pace", clock).turn()
    assert 1001.0 <= turn.at <= 1002.0


async def test_requests_that_died_on_the_way_hold_up_nobody_for_long(
    tmp_path: Path, clock: Clock
) -> None:
    """A process killed with turns in hand: they age out, whether or not they had left."""
    path = tmp_path / "pace"
    dead = pacer(path, clock)
    for _ in range(7):
        await dead.turn()
    began = clock.now
    assert (await pacer(path, clock).turn()).at <= began + 6.5


async def test_a_turn_that_was_not_used_is_free_again(clock: Clock) -> None:
    """A connection that was refused used up nothing of the second."""
    mine = pacer(None, clock)
    for _ in range(20):
        await mine.abandoned(await mine.turn())
    assert clock.now - 1000.0 <= 20 * 0.147


async def test_a_file_that_cannot_be_made_is_said(tmp_path: Path, clock: Clock) -> None:
    """What should be its folder is a file: one clear error with a remedy."""
    (tmp_path / "nowhere").write_text("")
    with pytest.raises(errors.HomeUnusable, match="paces requests") as caught:
        await pacer(tmp_path / "nowhere" / "pace", clock).turn()
    assert caught.value.hint


async def test_a_lock_that_nobody_gives_back_is_said(tmp_path: Path, clock: Clock) -> None:
    """A process that was stopped while it held the lock does not hang the others without a word."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire();"
            "print('held', flush=True); sys.stdin.read()",
            str(tmp_path / "pace.lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        mine = pacer(tmp_path / "pace", clock)
        with pytest.raises(errors.HomeUnusable, match="another process"):
            await mine.turn()
        holder.kill()
        holder.communicate()
    await mine.turn()  # the lock of a process that was killed is free


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
async def test_the_shared_file_is_private_and_small(tmp_path: Path, clock: Clock) -> None:
    """Nobody else reads it, and it does not grow."""
    mine = pacer(tmp_path / "pace", clock)
    for number in range(100):
        turn = await mine.turn(f"a kind of request {number}")
        await mine.left(turn)
        await mine.answered(turn)
    assert (tmp_path / "pace").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "pace").stat().st_size == 16 * 1024
