"""An index belongs to one snapshot: built with it or at the first look, never used for another."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings

from linkgraph.errors import SnapshotUnusable
from linkgraph.index import LinkIndex, Walk, store
from linkgraph.index.arrays import STAMP
from linkgraph.mirror.snapshots import CACHE, INDEX, Snapshot, SnapshotCard
from linkgraph.mirror.sync import Plan, Report, sync
from linkgraph.model import EntityType, Ref
from tests.mirror.accounts import Account, rows
from tests.mirror.worlds import Json, column, worlds

ROOT = Path(__file__).parents[2]


def _published(account: Account, keep: int = 3) -> Report:
    plan = Plan(account.folder, "RU", keep, 1.0, build_index=store.write)
    return sync(account.client(), plan)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    """A small account, not mirrored yet."""
    return Account(column(60, contacts=5), tmp_path / "account")


def _never(database: Path) -> None:
    raise AssertionError("it was built again")


def _as_sql_has_it(snapshot: Snapshot) -> dict[Ref, set[tuple[Ref, str, bool | None]]]:
    """Every card's links by the table `adjacency`, tombstones among them."""
    found: dict[Ref, set[tuple[Ref, str, bool | None]]] = {}
    for kind, catalog, id_ in rows(snapshot, "select type::varchar, catalog_id, id from cards"):
        found[Ref(EntityType(kind), id_, catalog)] = set()
    for row in rows(
        snapshot,
        "select type::varchar, id, catalog_id, to_type::varchar, to_id, to_catalog_id, "
        "relation::varchar, is_main from adjacency",
    ):
        card, other = Ref(EntityType(row[0]), *row[1:3]), Ref(EntityType(row[3]), *row[4:6])
        found.setdefault(card, set()).add((other, row[6], row[7]))
    return found


@settings(max_examples=3, deadline=None)
@given(worlds())
def test_the_index_holds_what_the_tables_hold(
    tmp_path_factory: pytest.TempPathFactory, world: Json
) -> None:
    """Every card with every link, its relation and main flag, after cards were deleted too."""
    account = Account(world, tmp_path_factory.mktemp("random"))
    account.sync()
    for section in ("leads", "contacts"):
        for card in account.world.to_dict()[section][:2]:
            account.world.remove_card(section, card["id"])
    report = _published(account)
    index = LinkIndex.open(report.snapshot)
    expected = _as_sql_has_it(report.snapshot)

    assert report.index_failed == ""
    assert len(index) == len(expected)
    for card, links in expected.items():
        told = index.neighbours(card, Walk(deleted=True))
        assert {(n.ref, str(n.relation), n.is_main) for n in told} == links
        assert len(told) == len(links)
    deleted = {
        Ref(EntityType(kind), id_, catalog)
        for kind, catalog, id_ in rows(
            report.snapshot, "select type::varchar, catalog_id, id from cards where is_deleted"
        )
    }
    for card in expected:
        assert {n.ref for n in index.neighbours(card)} == {
            other for other, _, _ in expected[card] if other not in deleted or other == card
        }


def test_closed_leads_and_unlisted_cards(tmp_path: Path) -> None:
    """Won and lost leads can be left out; a card that only links name is there."""
    account = Account(
        {
            "account": {"id": 1, "name": "x"},
            "leads": [{"id": 1, "status_id": 142}, {"id": 2, "status_id": 143}, {"id": 3}],
            "contacts": [{"id": 9}],
            "links": [
                {
                    **{"entity_type": "leads", "entity_id": lead},
                    **{"to_entity_type": "contacts", "to_entity_id": 9, "metadata": None},
                }
                for lead in (1, 2, 3)
            ],
        },
        tmp_path / "account",
    )
    snapshot = _published(account).snapshot
    path = snapshot.path
    path.chmod(0o644)
    with duckdb.connect(str(path)) as db:
        db.execute("delete from contacts")
    shutil.rmtree(snapshot.folder / INDEX)
    index = LinkIndex.open(snapshot)

    assert index.neighbours("contact:9", Walk(closed=False)).refs == [Ref.parse("lead:3")]
    assert index.degree("contact:9") == 3


def test_a_sync_publishes_the_index_with_the_snapshot(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in the version, read-only like the rest, and opening builds nothing."""
    snapshot = _published(account).snapshot
    monkeypatch.setattr("linkgraph.index.build.build", _never)
    monkeypatch.setattr("linkgraph.index.buildtexts.build_texts", _never)
    files = [path for path in (snapshot.folder / INDEX).rglob("*") if path.is_file()]
    index = LinkIndex.open(snapshot)

    assert len(index) == 65
    assert store.load_texts(snapshot, index.graph.numbering).folded
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert not snapshot.cache.parent.exists()


def _resident(path: Path) -> int:
    """Kilobytes of a file that this process has mapped and looked at."""
    found, own = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, _, rest = line.partition(":")
        if " " in name:
            own = line.endswith(str(path))
        elif own and name == "Rss":
            found += int(rest.split()[0])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system tells what is mapped")
def test_what_was_mapped_is_given_back(account: Account) -> None:
    """Letting go takes no page of the index with it that is not there again when it is wanted."""
    index = LinkIndex.open(_published(account).snapshot)
    path = Path(index.graph.arrays.indices.base.filename)  # type: ignore[union-attr]
    before = [list(index.neighbours(ref)) for ref in index.refs(np.arange(len(index)))]

    assert _resident(path) > 0
    index.graph.arrays.let_go()
    assert _resident(path) == 0
    assert [list(index.neighbours(ref)) for ref in index.refs(np.arange(len(index)))] == before


def test_the_first_reader_builds_what_is_missing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot without an index gets one beside it, once; the version stays as it is."""
    account.sync()
    snapshot = account.current
    before = sorted(path.name for path in snapshot.folder.iterdir())
    first = LinkIndex.open(snapshot)
    monkeypatch.setattr("linkgraph.index.build.build", _never)

    assert len(LinkIndex.open(snapshot)) == len(first) == 65
    assert sorted(path.name for path in snapshot.folder.iterdir()) == before
    assert (snapshot.cache / STAMP).exists()


def test_readers_at_once_build_it_once(account: Account, tmp_path: Path) -> None:
    """Processes that miss the index at the same time wait for the one that builds it."""
    account.sync()
    script = (
        "import sys, time; from pathlib import Path\n"
        "from linkgraph.index import LinkIndex, build\n"
        "from linkgraph.mirror.snapshots import Snapshots\n"
        "real = build.build\n"
        "def slow(path):\n"
        "    open(sys.argv[2], 'a').write('built\\n'); time.sleep(1); return real(path)\n"
        "build.build = slow\n"
        "print(len(LinkIndex.open(Snapshots(Path(sys.argv[1])).require())))\n"
    )
    log = tmp_path / "log"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(account.folder), str(log)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(3)
    ]

    assert [reader.communicate(timeout=60)[0] for reader in readers] == ["65\n"] * 3
    assert log.read_text() == "built\n"


def _cut_short(folder: Path) -> None:
    path = folder / "indices.npy"
    path.write_bytes(path.read_bytes()[:-8])


def _emptied(folder: Path) -> None:
    (folder / "marks.npy").write_bytes(b"")


def _of_another_shape(folder: Path) -> None:
    np.save(folder / "indptr.npy", np.zeros(3, np.int32))


def _of_another_snapshot(folder: Path) -> None:
    stamp = json.loads((folder / STAMP).read_text())
    stamp["snapshot"]["finished_at"] = "2020-01-01T00:00:00"
    (folder / STAMP).write_text(json.dumps(stamp))


def _of_another_format(folder: Path) -> None:
    stamp = json.loads((folder / STAMP).read_text())
    (folder / STAMP).write_text(json.dumps(stamp | {"format": 0}))


def _nonsense(folder: Path) -> None:
    (folder / STAMP).write_text("{")


def _of_objects(folder: Path) -> None:
    np.save(folder / "flags.npy", np.array([{}] * 65), allow_pickle=True)


@pytest.mark.parametrize("where", ["version", "cache"])
@pytest.mark.parametrize(
    "damage",
    [
        *(_cut_short, _emptied, _of_another_shape, _of_another_snapshot),
        *(_of_another_format, _nonsense, _of_objects),
    ],
)
def test_an_index_that_does_not_fit_is_refused(
    account: Account, damage: object, where: str
) -> None:
    """Damaged, or made of something else: it is not used, and a new one is built."""
    if where == "version":
        snapshot = _published(account).snapshot
        folder = snapshot.folder / INDEX
    else:
        account.sync()
        snapshot = account.current
        LinkIndex.open(snapshot)
        folder = snapshot.cache
    for path in folder.iterdir():
        path.chmod(0o644)
    assert callable(damage)
    damage(folder)
    card = account.world.to_dict()["contacts"][0]["id"]
    degree = len(_as_sql_has_it(snapshot)[Ref(EntityType.CONTACT, card)])

    assert LinkIndex.open(snapshot).degree(f"contact:{card}") == degree
    assert json.loads((snapshot.cache / STAMP).read_text())["snapshot"]["number"] == 1


def test_a_home_that_takes_no_files(account: Account) -> None:
    """Where nothing can be written the index is made in memory."""
    account.sync()
    (account.folder / CACHE).write_text("in the way")

    assert len(LinkIndex.open(account.current)) == 65


@pytest.mark.parametrize("error", [OSError(28, "No space left"), MemoryError(), ValueError()])
def test_a_snapshot_is_not_lost_over_its_index(account: Account, error: Exception) -> None:
    """If the index cannot be built, the snapshot is published and the report says so."""

    def fail(database: Path, folder: Path, card: SnapshotCard) -> None:
        folder.mkdir()
        (folder / "half").write_text("x")
        raise error

    report = sync(account.client(), Plan(account.folder, "RU", 3, 1.0, build_index=fail))

    assert report.index_failed
    assert not (report.snapshot.folder / INDEX).exists()
    assert len(LinkIndex.open(account.current)) == 65


@pytest.mark.parametrize("entry", [10**6, -5])
def test_arrays_that_lead_nowhere(account: Account, entry: int) -> None:
    """Damage that no shape shows ends in a plain word, never in a crash or a made-up answer."""
    snapshot = _published(account).snapshot
    path = snapshot.folder / INDEX / "indices.npy"
    path.chmod(0o644)
    np.save(path, np.full(len(np.load(path)), entry, np.int32))
    index = LinkIndex.open(snapshot)
    degrees = np.diff(index.graph.arrays.indptr)
    linked = index.refs(np.flatnonzero(degrees))[0]
    for ask in (
        lambda: index.cut_points(),
        lambda: index.components(Walk.of(skip="element")),
        lambda: index.projection("company", "contact", via="lead"),
    ):
        with pytest.raises(SnapshotUnusable, match="is damaged"):
            ask()
    if entry > 0:
        with pytest.raises(SnapshotUnusable, match="is damaged"):
            index.neighbourhood(linked, 2)
        with pytest.raises(SnapshotUnusable, match="is damaged"):
            list(index.neighbours(linked))


def test_a_session_that_outlived_its_snapshot(account: Account) -> None:
    """Who comes too late for a snapshot is told that there is a newer one."""
    account.sync(keep=1)
    first = account.current
    account.sync(keep=1)

    with pytest.raises(SnapshotUnusable, match="newer ones took its place"):
        LinkIndex.open(first)


def test_it_goes_with_its_snapshot(account: Account) -> None:
    """When a snapshot is removed, what was built beside it is removed; open ones live on."""
    account.sync(keep=1)
    first = account.current
    index = LinkIndex.open(first)
    account.world.put_card("leads", {"id": 77})
    account.sync(keep=1)

    assert not first.folder.exists()
    assert list((account.folder / CACHE).iterdir()) == []
    assert len(index.components()) > 0
    assert len(LinkIndex.open(account.current)) == 66


def test_an_account_without_cards(tmp_path: Path) -> None:
    """An empty account has an index that knows nobody, from the version and from the cache."""
    account = Account({"account": {"id": 1, "name": "пусто"}, "links": []}, tmp_path / "account")
    snapshot = _published(account).snapshot
    published = LinkIndex.open(snapshot)
    shutil.rmtree(snapshot.folder / INDEX)
    cached = LinkIndex.open(snapshot)

    assert len(published) == len(cached) == 0
    assert len(published.components()) == len(published.cut_points()) == 0
    assert published.to_networkx().number_of_nodes() == 0
    assert "lead:1" not in cached


def test_threads_share_an_index() -> None:
    """Walks of several threads at once over one index do not disturb each other."""
    links = [(f"lead:{n}", f"contact:{n * 7 % 300 + 1}") for n in range(1, 900)]
    links += [(f"lead:{n}", f"contact:{n * 11 % 300 + 1}") for n in range(1, 900)]
    index = LinkIndex.of(links)
    pairs = [(f"lead:{n}", f"lead:{900 - n}") for n in range(1, 450)]

    def walk(pair: tuple[str, str]) -> tuple[str, int, int]:
        return str(index.path(*pair)), len(index.within(pair[0], 4)), index.paths(*pair).total

    alone = [walk(pair) for pair in pairs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(walk, pairs)) == alone
    with index.graph.marking() as seen:
        assert not seen.any()
