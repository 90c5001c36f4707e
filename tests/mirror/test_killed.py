"""Killed at any moment, a sync goes on where it stopped: SIGKILL, real files, a real socket."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.mirror.snapshots import Snapshots
from linkgraph.mirror.sync import Plan, Report, sync
from linkgraph.simulator import Simulator, World, generate
from tests.forked import Forked
from tests.mirror.accounts import assert_mirrors, link_reads
from tests.mirror.worlds import column
from tests.terminal import environment

#: Four thousand cards: some 40 requests, and a few more to begin and to end with.
LINKS = 6_000
IN_FLIGHT = 8
#: Account and its like, the last page of each list, learning how the account pages.
TO_BEGIN_AGAIN = 25


def _killed_at(simulator: Simulator, folder: Path, halt: str) -> None:
    with Forked(
        *("tests.mirror.pulling", simulator.url, simulator.token, str(folder), halt),
        environment=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n", f"never came to {halt}"
        process.kill()
        process.wait()


def _sync(simulator: Simulator, folder: Path) -> Report:
    client = AmoClient(Address.parse(simulator.url), simulator.token, pacer=Pacer(float("inf")))
    return sync(client, Plan(folder, "RU", 3, 1.0))


def _asked(simulator: Simulator) -> list[str]:
    return [f"{entry['path']}?{entry['query']}" for entry in simulator.requests()]


@pytest.mark.parametrize("halt", ["15", "35", "completing:"])
def test_killed_while_reading(tmp_path: Path, halt: str) -> None:
    """The next sync reads what is missing, no card's links twice but for what was in flight."""
    with Simulator(generate(LINKS, seed=8), rate=None, latency=0.02) as simulator:
        _killed_at(simulator, tmp_path, halt)
        before = _asked(simulator)
        assert Snapshots(tmp_path).current() is None
        simulator.clear_requests()
        report = _sync(simulator, tmp_path)
        after = _asked(simulator)
        # What the killed process had sent may arrive after it is dead.
        after = after[[line.partition("?")[0] for line in after].index("/api/v4/account") :]
        assert report.resumed
        assert_mirrors(report.snapshot, simulator.world)
        fresh = _sync(simulator, tmp_path)
        assert not fresh.resumed
        done = len(before) if halt == "completing:" else int(halt)
        assert len(after) <= max(0, fresh.requests - done) + IN_FLIGHT + TO_BEGIN_AGAIN
        twice = link_reads(before).keys() & link_reads(after).keys()
        assert len(twice) <= (0 if halt == "completing:" else IN_FLIGHT * 250)
        assert max(link_reads(after).values(), default=0) <= 2  # once, and once to calibrate


@pytest.mark.parametrize(
    "halt",
    [
        *("merging:cards", "merging:edges", "merging:adjacency", "merging:checkpoint"),
        *("publishing:", "publishing:link index"),
    ],
)
def test_killed_while_publishing(tmp_path: Path, halt: str) -> None:
    """The last snapshot stands and opens; the next sync publishes without asking anything."""
    with Simulator(column(300, contacts=10), rate=None) as simulator:
        _sync(simulator, tmp_path)
        simulator.world.put_card("leads", {"id": 77})
        _killed_at(simulator, tmp_path, halt)
        standing = Snapshots(tmp_path).require()
        assert (standing.number, standing.opens()) == (1, True)
        simulator.clear_requests()
        report = _sync(simulator, tmp_path)
        assert (report.resumed, _asked(simulator), report.snapshot.number) == (True, [], 2)
        assert_mirrors(report.snapshot, simulator.world)
        assert sorted(path.name for path in (tmp_path / "versions").iterdir()) == [
            "000001",
            "000002",
        ]


def _delete(world: World, *, event: bool) -> None:
    ids = [card["id"] for card in world.to_dict()["leads"]]
    for lead in (ids[0], ids[1], ids[300], ids[600]):
        world.remove_card("leads", lead, event=event)


def _delete_with_events(world: World) -> None:
    _delete(world, event=True)


def _delete_silently(world: World) -> None:
    _delete(world, event=False)


def _add_and_delete(world: World) -> None:
    _delete(world, event=False)
    world.put_card("leads", {"id": 10**12}, event=False)
    world.put_card("companies", {"id": 10**12}, event=False)


@pytest.mark.parametrize(
    ("halt", "change"),
    [
        ("25", _delete_with_events),
        ("25", _add_and_delete),
        ("completing:", _delete_silently),
        ("completing:", _add_and_delete),
    ],
)
def test_pages_that_moved_between_the_runs(
    tmp_path: Path, change: Callable[[World], None], halt: str
) -> None:
    """Cards that came or went before the next run neither hide others nor stay."""
    with Simulator(generate(LINKS, seed=8), rate=None, latency=0.01) as simulator:
        _killed_at(simulator, tmp_path, halt)
        change(simulator.world)
        report = _sync(simulator, tmp_path)
        assert report.resumed
        # A tombstone's links, as its neighbours told them before, are not live.
        assert_mirrors(report.snapshot, simulator.world)
