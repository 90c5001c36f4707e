"""The mirror's own book: what was touched, and when."""

import multiprocessing
from datetime import timedelta
from pathlib import Path

from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import Ledger
from linkgraph.model import EntityType, Ref

SPAWN = multiprocessing.get_context("spawn")
LEAD, ELEMENT = Ref(EntityType.LEAD, 2**53 + 1), Ref(EntityType.ELEMENT, 7, 4521)


def _touch(path: Path, ids: range) -> None:
    with Ledger(path) as ledger:
        for card_id in ids:
            ledger.touch([Ref(EntityType.LEAD, card_id)])


def test_the_newest_touch_of_a_card_stands(tmp_path: Path) -> None:
    """A card has one moment, the newest, whichever was noted last; to the microsecond."""
    first = now().replace(microsecond=1)
    with Ledger(tmp_path / "account.sqlite") as ledger:
        ledger.touch([LEAD, LEAD], first + timedelta(microseconds=1))
        ledger.touch([LEAD], first)
        assert ledger.touched() == {LEAD: first + timedelta(microseconds=1)}
        assert ledger.touched(first + timedelta(microseconds=1)) == ledger.touched()
        assert ledger.touched(first + timedelta(microseconds=2)) == {}
        before = now()
        ledger.touch([LEAD])
        assert before <= ledger.touched()[LEAD] <= now()


def test_whole_seconds_compare_like_others(tmp_path: Path) -> None:
    """A moment without a fraction is as old as it is, not as old as its text."""
    second = now().replace(microsecond=0)
    with Ledger(tmp_path / "account.sqlite") as ledger:
        ledger.touch([LEAD], second)
        assert ledger.touched(second) == {LEAD: second}
        ledger.touch([LEAD], second + timedelta(microseconds=1))
        assert ledger.touched(second + timedelta(microseconds=1)) != {}


def test_elements_are_not_touched(tmp_path: Path) -> None:
    """An element has no links of its own to read: its owners are touched."""
    with Ledger(tmp_path / "account.sqlite") as ledger:
        ledger.touch([ELEMENT])
        ledger.touch([])
        assert ledger.touched() == {}


def test_several_processes_touch_at_once(tmp_path: Path) -> None:
    """Processes that write the same file wait for each other; none loses anything."""
    path = tmp_path / "account.sqlite"
    parts = [range(start, start + 40) for start in (1, 101, 201)]
    workers = [SPAWN.Process(target=_touch, args=(path, part)) for part in parts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    with Ledger(path) as ledger:
        assert {ref.id for ref in ledger.touched()} == {i for part in parts for i in part}
