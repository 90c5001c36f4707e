"""Snapshots appear in one step or not at all, whatever happens on the way."""

import json
import multiprocessing
import resource
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from linkgraph.errors import (
    NothingMirrored,
    PublishFailed,
    SnapshotTooNew,
    SnapshotUnusable,
    SyncRunning,
    TooManyRemovals,
)
from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.progress import Progress
from linkgraph.mirror.snapshots import Snapshots
from linkgraph.mirror.staging import Staging
from linkgraph.model import EntityType
from tests.mirror.accounts import Account, assert_mirrors, mirrored_edges, rows
from tests.mirror.worlds import column

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")


def _read_on(folder: Path, started: "multiprocessing.synchronize.Event", stop: Path) -> None:
    """Open `current` again and again; fails where a snapshot is not whole."""
    seen = set()
    while not stop.exists():
        snapshot = Snapshots(folder).require()
        try:
            with duckdb.connect(str(snapshot.path), read_only=True) as db:
                found = db.execute(
                    "select (select snapshot from meta), (select count(*) from edges), "
                    "(select count(*) from adjacency), (select sum(edges) from syncs "
                    "where sync_id = (select snapshot from meta))"
                ).fetchone()
        except duckdb.IOException:
            assert not snapshot.path.exists(), "a snapshot that is there must open"
            continue  # removed as too old between the look and the opening
        assert found is not None
        assert found[0] == snapshot.number
        assert found[2] == 2 * found[1]
        assert found[3] == found[1]
        seen.add(snapshot.number)
        started.set()
    assert len(seen) > 1, "saw no publication"


def test_readers_see_only_whole_snapshots(tmp_path: Path) -> None:
    """Processes that open `current` in a loop during publications never meet half a one."""
    account = Account(column(300, contacts=5), tmp_path / "a")
    account.begin()
    stop = tmp_path / "stop"
    pairs = []
    for _ in range(2):
        started = SPAWN.Event()
        reader = SPAWN.Process(target=_read_on, args=(account.folder, started, stop))
        reader.start()
        pairs.append((reader, started))
    assert all(started.wait(60) for _, started in pairs)
    for number in range(4):
        account.world.link("leads", 10_000_000 + 7 * number, "contacts", 10_000_044)
        account.sync(keep=1)
    stop.touch()
    for reader, _ in pairs:
        reader.join(60)
        assert reader.exitcode == 0


def test_the_last_few_are_kept(tmp_path: Path) -> None:
    """As many snapshots as asked for stay, the newest among them."""
    account = Account(column(3), tmp_path)
    for _ in range(4):
        account.sync(keep=2)
    assert [snapshot.number for snapshot in Snapshots(tmp_path).all()] == [3, 4]
    assert account.current.number == 4
    account.sync(keep=0)
    assert [snapshot.number for snapshot in Snapshots(tmp_path).all()] == [5]


def _at(phase: str, do: Callable[[], None]) -> Callable[[Progress], None]:
    def watch(progress: Progress) -> None:
        if progress.phase == phase:
            do()

    return watch


def _with_little_disk(account: Account) -> None:
    """In a process of its own: files may not grow past 300 KB once the merge begins."""

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

    with pytest.raises(PublishFailed, match="disk is full"):
        account.sync(watch=_at("merging", fill))


def test_full_disk_loses_nothing(tmp_path: Path) -> None:
    """The last snapshot stands, and the next sync publishes without asking anything anew."""
    account = Account(column(400, contacts=5), tmp_path)
    account.begin()
    account.world.link("leads", 10_000_000, "contacts", 10_000_044)
    child = FORK.Process(target=_with_little_disk, args=(account,))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert account.current.number == 1
    assert not (tmp_path / "versions" / ".tmp").exists()
    report = account.sync()
    assert (report.resumed, account.asked()) == (True, [])
    assert_mirrors(report.snapshot, account.world)
    assert [snapshot.number for snapshot in Snapshots(tmp_path).all()] == [1, 2]


def test_killed_between_rename_and_pointer(tmp_path: Path) -> None:
    """A snapshot that `current` never came to point to is replaced by the next one."""
    account = Account(column(3, contacts=1), tmp_path)
    account.begin()
    shutil.copytree(tmp_path / "versions" / "000001", tmp_path / "versions" / "000002")
    assert account.current.number == 1
    account.world.put_card("leads", {"id": 77})
    report = account.sync()
    assert report.snapshot.number == 2
    assert_mirrors(account.current, account.world)


def test_a_lost_pointer_costs_no_snapshot(tmp_path: Path) -> None:
    """Without `current` the snapshots on the disk are built on, not swept away."""
    account = Account(column(3, contacts=1), tmp_path)
    account.begin()
    account.sync()
    (tmp_path / "current").unlink()
    account.world.remove_card("leads", 10_000_000)
    report = account.sync()
    assert [snapshot.number for snapshot in Snapshots(tmp_path).all()] == [1, 2, 3]
    assert not report.first
    assert rows(report.snapshot, "select lead_id from leads where is_deleted") == [(10_000_000,)]


@pytest.mark.parametrize("pointer", ["", "nonsense", "versions/000099", "versions/\x00"])
def test_a_damaged_pointer_is_mended_by_the_next_sync(tmp_path: Path, pointer: str) -> None:
    """Whatever `current` holds, readers get a plain error and a sync goes on."""
    account = Account(column(3, contacts=1), tmp_path)
    account.begin()
    (tmp_path / "current").unlink()
    (tmp_path / "current").write_text(pointer, encoding="utf-8")
    with pytest.raises(SnapshotUnusable):
        Snapshots(tmp_path).current()
    assert account.sync().snapshot.number == 2
    assert account.current.number == 2


def test_snapshots_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    """Neither read nor built on: the sync says so and publishes nothing."""
    account = Account(column(3), tmp_path)
    card = account.sync().snapshot.folder / "snapshot.json"
    card.chmod(0o644)
    card.write_text(json.dumps({**json.loads(card.read_text()), "schema_version": 99}))
    with pytest.raises(SnapshotTooNew):
        account.current.card()
    with pytest.raises(SnapshotTooNew):
        account.sync()
    assert account.current.number == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema_version": "x"}'])
def test_a_damaged_snapshot_card_is_told_and_mended(tmp_path: Path, content: str) -> None:
    """`snapshot.json` that makes no sense is a plain error; the database itself still serves."""
    account = Account(column(3), tmp_path)
    card = account.sync().snapshot.folder / "snapshot.json"
    card.chmod(0o644)
    card.write_text(content)
    with pytest.raises(SnapshotUnusable):
        account.current.card()
    assert not account.sync().first
    assert account.current.card().number == 2


def test_a_damaged_database_is_stepped_over(tmp_path: Path) -> None:
    """A sync builds on the newest snapshot that opens."""
    account = Account(column(5, contacts=1), tmp_path)
    account.begin()
    path = account.sync().snapshot.path
    path.chmod(0o644)
    path.write_bytes(b"not a database" * 1000)
    report = account.sync()
    assert report.snapshot.number == 3
    assert_mirrors(report.snapshot, account.world)


def test_one_sync_at_a_time(tmp_path: Path) -> None:
    """A second sync of the same account is refused at once."""
    account = Account(column(3), tmp_path)
    with FileLock(tmp_path / "sync.lock"), pytest.raises(SyncRunning):
        account.sync()
    account.sync()


def test_single_cards_want_a_mirror_first(tmp_path: Path) -> None:
    """A sync of named cards never passes for a mirror of the account."""
    with pytest.raises(NothingMirrored):
        Account(column(3), tmp_path).sync("lead:10000000")


@pytest.mark.parametrize("change", ["started_at = started_at - interval 25 hour", "format = 1"])
def test_stale_stagings_are_begun_anew(tmp_path: Path, change: str) -> None:
    """What was read more than a day ago, or by another version, is read again."""
    account = Account(column(300, contacts=3), tmp_path)
    account.fault("status", "contacts/links", status=401)
    with pytest.raises(Exception, match="contacts/links"):
        account.sync()
    account.running.faults.replace([])
    with duckdb.connect(str(tmp_path / "staging.duckdb")) as db:
        db.execute(f"update run set {change}")
    report = account.sync()
    assert not report.resumed
    assert len(account.link_reads()) == 303


def test_damaged_stagings_are_begun_anew(tmp_path: Path) -> None:
    """A staging that does not open costs a new reading, nothing else."""
    (tmp_path / "staging.duckdb").write_bytes(b"junk" * 10_000)
    account = Account(column(3), tmp_path)
    assert not account.sync().resumed


def test_many_removals_wait_for_a_yes(tmp_path: Path) -> None:
    """Beyond a fifth and a hundred nothing is published until it is accepted, unread anew."""
    account = Account(column(500, contacts=5), tmp_path)
    edges = mirrored_edges(account.sync().snapshot)
    for link in account.world.to_dict()["links"][:101]:
        account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
    with pytest.raises(TooManyRemovals, match="101 of 500 lead_contact"):
        account.sync(max_removals=0.2)
    assert mirrored_edges(account.current) == edges
    report = account.sync(max_removals=1)
    assert account.asked() == []
    assert_mirrors(report.snapshot, account.world)
    assert [change.removed for change in report.changes if change.removed] == [101]


def test_refused_removals_are_read_anew_without_a_yes(tmp_path: Path) -> None:
    """If it was the CRM that was wrong, the next plain sync finds that out."""
    account = Account(column(500, contacts=5), tmp_path)
    account.begin()
    links = account.world.to_dict()["links"][:200]
    for link in links:
        account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
    with pytest.raises(TooManyRemovals):
        account.sync(max_removals=0.2)
    for link in links[:150]:
        account.world.link("leads", link["entity_id"], "contacts", link["to_entity_id"])
    report = account.sync(max_removals=0.2)
    assert not report.resumed
    assert {edge[:4] for edge in mirrored_edges(report.snapshot)} == {
        ("lead_contact", link["entity_id"], 0, link["to_entity_id"])
        for link in account.world.to_dict()["links"]
    }


def test_few_removals_need_no_yes(tmp_path: Path) -> None:
    """A hundred links less, but no more than a fifth, is an ordinary day."""
    account = Account(column(500, contacts=5), tmp_path)
    account.begin()
    for link in account.world.to_dict()["links"][:100]:
        account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
    assert account.sync(max_removals=0.2).snapshot.number == 2


def test_cards_read_by_name_outlive_an_older_staging(tmp_path: Path) -> None:
    """A full sync that was stopped does not bring back what a later sync of cards saw change."""
    account = Account(column(300, contacts=3), tmp_path)
    account.begin()
    account.fault("status", "contacts/links", status=401)
    with pytest.raises(Exception, match="contacts/links"):
        account.sync()
    account.running.faults.replace([])
    with Staging.reopen(tmp_path / "staging.duckdb") as staging:
        assert len(staging.unread(EntityType.LEAD)) < 300
    lead = account.world.to_dict()["links"][0]["entity_id"]
    account.world.unlink("leads", lead, "contacts", 10_000_000)
    account.world.put_card("leads", {"id": lead, "name": "новое имя"})
    account.world.remove_card("leads", lead + 7, event=False)
    account.sync(f"lead:{lead}", f"lead:{lead + 7}", "contact:10000000", "contact:10000011")
    report = account.sync()
    assert report.resumed
    assert_mirrors(report.snapshot, account.world)
    assert rows(report.snapshot, f"select name from leads where lead_id = {lead}") == [
        ("новое имя",)
    ]


def test_runs_are_booked(tmp_path: Path) -> None:
    """The ledger tells of every run how it ended."""
    account = Account(column(3), tmp_path)
    account.fault("status", r"leads\?page", status=401)
    with pytest.raises(Exception, match="leads"):
        account.sync()
    account.sync()
    with Ledger(tmp_path / "account.sqlite") as ledger:
        runs = ledger.last_runs()
    assert [(run.snapshot, run.resumed, bool(run.error)) for run in runs] == [
        (1, True, False),
        (None, False, True),
    ]
    assert now() - runs[0].started_at < timedelta(minutes=5)
