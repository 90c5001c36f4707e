"""A push that writes while a sync runs: the snapshot that stands at the end has its links."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.errors import PublishFailed, TooManyRemovals
from linkgraph.mirror.ledger import Ledger, MassListFacts
from linkgraph.mirror.livelinks import CardLinks, read_live
from linkgraph.mirror.progress import Progress
from linkgraph.mirror.reread import publish_reads
from linkgraph.mirror.snapshots import Snapshots
from linkgraph.mirror.sync import Plan, Report
from linkgraph.model import EntityType, Ref
from linkgraph.simulator import Metadata, World
from tests.mirror.accounts import (
    SINGULAR,
    Account,
    assert_mirrors,
    expected_edges,
    mirrored_edges,
    rows,
)
from tests.mirror.test_equality import BEHAVIOURS, SOME
from tests.mirror.worlds import PAIRS, Json, column, worlds

URL = "http://127.0.0.1:1"
Write = Callable[[World], object]
Place = tuple[str, int, str, int, int]


def _ends(place: Place) -> list[Ref]:
    section, card_id, to_section, to_id, catalog = place
    return [
        Ref(EntityType(SINGULAR[section]), card_id),
        Ref(EntityType(SINGULAR[to_section]), to_id, catalog),
    ]


def _touch(account: Account, refs: Iterable[Ref]) -> None:
    with Ledger(account.folder / "account.sqlite") as ledger:
        ledger.touch(refs)


def _push(account: Account, place: Place, write: Write) -> None:
    """What a push does to the account and the ledger: note, write, note again."""
    _touch(account, _ends(place))
    write(account.world)
    _touch(account, _ends(place))


def _unlink(place: Place) -> Write:
    return lambda world: world.unlink(*place)


def _link(place: Place, **carried: Any) -> Write:
    return lambda world: world.link(*place, Metadata(**carried))


class _Clock:
    """Ticks at each request and at each step of a publication, and lets things happen then."""

    def __init__(self, account: Account) -> None:
        self.ticks = 0
        self._events: list[tuple[int, Callable[[], object]]] = []
        account.before.append(lambda line: self._tick())

    def at(self, tick: int, do: Callable[[], object]) -> None:
        """Do something at a tick; of one tick, in the order in which they were told."""
        self._events.append((tick, do))
        self._events.sort(key=itemgetter(0))

    def watch(self, progress: Progress) -> None:
        """For a sync to show its steps to."""
        if progress.phase in ("merging", "publishing"):
            self._tick()

    def run_out(self) -> bool:
        """Let happen what is still to come; False where nothing is."""
        waiting, self._events = self._events, []
        for _, do in waiting:
            do()
        return bool(waiting)

    def _tick(self) -> None:
        while self._events and self._events[0][0] <= self.ticks:
            self._events.pop(0)[1]()
        self.ticks += 1


def _at_step(where: str, do: Callable[[], object]) -> Callable[[Progress], None]:
    """Do something once, when a sync comes to a phase and step."""
    done: list[str] = []

    def watch(progress: Progress) -> None:
        if not done and f"{progress.phase}:{progress.step}" == where:
            done.append(where)
            do()

    return watch


@st.composite
def _writes(draw: st.DrawFn, world: Json) -> tuple[Place, Write]:
    """A link of the world unlinked, or two of its cards linked, with whatever it carries."""
    if world["links"] and draw(st.booleans()):
        link = draw(st.sampled_from(world["links"][:100]))
        catalog = (link["metadata"] or {}).get("catalog_id", 0)
        gone = link["entity_type"], link["entity_id"], link["to_entity_type"], link["to_entity_id"]
        return (*gone, catalog), _unlink((*gone, catalog))
    pairs = [(owner, other) for owner, other in PAIRS if world[owner] and world[other]]
    owner, other = draw(st.sampled_from(pairs))
    one, two = (draw(st.sampled_from(world[section][:8])) for section in (owner, other))
    place = owner, one["id"], other, two["id"], two.get("catalog_id", 0)
    if other == "catalog_elements":
        return place, _link(place, quantity=float(draw(st.integers(1, 9))))
    return place, _link(place, is_main=draw(st.integers(0, 1))) if other == "contacts" else _link(
        place
    )


@settings(SOME, max_examples=5)
@given(world=worlds(), behaviour=BEHAVIOURS, data=st.data())
def test_whenever_a_push_writes(
    world: Json, behaviour: dict[str, Any], data: st.DataObject
) -> None:
    """Notes and writes fall on any moments of a full sync, in their order, of several pushes in
    between each other: the snapshot that stands at the end equals the account."""
    if not any(world[owner] and world[other] for owner, other in PAIRS):
        return
    with TemporaryDirectory() as folder:
        account = Account(world, Path(folder), **behaviour)
        clock = _Clock(account)
        account.sync(watch=clock.watch)
        moments = st.integers(0, clock.ticks)
        clock.ticks = 0
        for _ in range(data.draw(st.integers(1, 4))):
            place, write = data.draw(_writes(world))
            first, then, last = sorted(data.draw(st.tuples(moments, moments, moments)))
            clock.at(first, partial(_touch, account, _ends(place)))
            clock.at(then, partial(write, account.world))
            clock.at(last, partial(_touch, account, _ends(place)))
        report = account.sync(watch=clock.watch)
        if clock.run_out():
            report = account.sync()
        assert_mirrors(report.snapshot, account.world)
        assert (report.not_whole, report.overtaken) == (0, 0)
        assert report.snapshot == account.current


STEPS = (
    *("merging:cards", "merging:links", "merging:edges", "merging:checkpoint"),
    "publishing:",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("cards", [False, True])
def test_written_while_a_sync_publishes(tmp_path: Path, step: str, cards: bool) -> None:
    """A push that finds the lock taken, when all is read already, is repaired after the release."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    lead = account.world.to_dict()["links"][3]["entity_id"]
    contact = account.world.to_dict()["links"][3]["to_entity_id"]
    place = "leads", lead, "contacts", contact, 0

    def push() -> None:
        _push(account, place, _unlink(place))
        assert publish_reads(_plan(account), URL, _live(account, _ends(place)), 2) is None

    named = [f"lead:{lead}", f"contact:{contact}"] if cards else []
    report = account.sync(*named, watch=_at_step(step, push))
    assert_mirrors(account.current, account.world)
    assert report.snapshot == account.current
    assert report.snapshot.number == 3
    assert report.requests == len(account.asked()) - 2  # those of the push itself
    changes = {change.relation: change.removed for change in report.changes}
    assert changes["lead_contact"] == 1
    kinds = rows(account.current, "select kind from syncs order by sync_id")
    assert [kind for (kind,) in kinds] == ["full", "cards" if cards else "full", "push"]
    assert [
        (change.added, change.removed, change.changed)
        for change in account.sync().changes
        if change.added or change.removed or change.changed
    ] == []


def test_cards_that_were_noted_cost_their_batches(tmp_path: Path) -> None:
    """Cards that were noted are read again in full batches, those alone, and once."""
    account = Account(column(900, contacts=3), tmp_path)
    account.begin()
    leads = [Ref(EntityType.LEAD, card["id"]) for card in account.world.to_dict()["leads"][:300]]
    report = account.sync(watch=_at_step("completing:", lambda: _touch(account, leads)))
    assert report.extra.repairing == 2
    assert sorted(account.link_reads().values()) == [1] * 603 + [2] * 300
    assert account.sync().extra.repairing == 0


def test_links_of_many_cards_that_lists_showed_before(tmp_path: Path) -> None:
    """A push of a thousand unlinks after the lists were walked is not held against the cards:
    what their list entries named is older."""
    account = Account(column(1000, contacts=3), tmp_path)
    account.begin()
    links = account.world.to_dict()["links"]
    leads = [Ref(EntityType.LEAD, link["entity_id"]) for link in links]
    contacts = [Ref(EntityType.CONTACT, link["to_entity_id"]) for link in links]

    def push() -> None:
        _touch(account, [*leads, *contacts])
        for link in links:
            account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
        _touch(account, [*leads, *contacts])

    report = account.sync(watch=_at_step("completing:", push))
    assert_mirrors(report.snapshot, account.world)
    assert report.not_whole == 0
    assert not [line for line in account.asked() if "/leads/1" in line]


def test_what_a_push_removed_needs_no_yes(tmp_path: Path) -> None:
    """The guard against too many removals counts those that nobody pushed, and those alone."""
    account = Account(column(600, contacts=3), tmp_path)
    account.begin()
    links = account.world.to_dict()["links"]

    def push() -> None:
        leads = [Ref(EntityType.LEAD, link["entity_id"]) for link in links[:200]]
        _touch(account, leads)
        for link in links[:200]:
            account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
        _touch(account, leads)

    report = account.sync(max_removals=0.2, watch=_at_step("completing:", push))
    assert_mirrors(report.snapshot, account.world)
    for link in links[200:399]:
        account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
    with pytest.raises(TooManyRemovals, match="199 of 400 lead_contact"):
        account.sync(max_removals=0.2)


def test_what_a_push_changed_by_the_way(tmp_path: Path) -> None:
    """A company that another took the place of was not noted, and yet loses its lead."""
    world: Json = {
        "leads": [{"id": 1}],
        "companies": [{"id": 8}, {"id": 9}],
        "links": [
            {
                "entity_type": "leads",
                "entity_id": 1,
                "to_entity_type": "companies",
                "to_entity_id": 8,
            }
        ],
    }
    world["links"][0]["metadata"] = None
    place = "leads", 1, "companies", 9, 0

    def replace(inner: World) -> None:
        inner.unlink("leads", 1, "companies", 8)
        inner.link("leads", 1, "companies", 9)

    for number, where in enumerate(("completing:", "merging:links")):
        account = Account(world, tmp_path / str(number))
        account.sync()
        report = account.sync(watch=_at_step(where, partial(_push, account, place, replace)))
        assert_mirrors(report.snapshot, account.world)


def test_linked_and_unlinked_in_the_middle_of_a_sync(tmp_path: Path) -> None:
    """A link that came and went leaves no trace."""
    account = Account(column(600, contacts=3), tmp_path)
    account.begin()
    place = "leads", 10_000_000, "contacts", 10_000_022, 0
    clock = _Clock(account)
    clock.at(8, partial(_push, account, place, _link(place, is_main=0)))
    clock.at(13, partial(_push, account, place, _unlink(place)))
    report = account.sync()
    assert not clock.run_out()
    assert_mirrors(report.snapshot, account.world)


def _refused_for_removals(account: Account) -> None:
    """Leave a finished staging that was not published."""
    links = account.world.to_dict()["links"]
    for link in links[:200]:
        account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
    with pytest.raises(TooManyRemovals):
        account.sync(max_removals=0.2)


@pytest.mark.parametrize("published", [False, True])
def test_a_finished_staging_is_brought_up_to_date(tmp_path: Path, published: bool) -> None:
    """What was read, and published only later, is read again where a push wrote in between."""
    account = Account(column(400, contacts=3), tmp_path)
    account.begin()
    _refused_for_removals(account)
    place = "leads", 10_000_000, "contacts", 10_000_022, 0
    _push(account, place, _link(place, is_main=1))
    if published:
        assert publish_reads(_plan(account), URL, _live(account, _ends(place)), 2) is not None
    report = account.sync(max_removals=1.0)
    assert report.resumed
    assert_mirrors(report.snapshot, account.world)
    assert set(account.link_reads()) == {("leads", 10_000_000), ("contacts", 10_000_022)}


def test_a_stopped_sync_is_brought_up_to_date(tmp_path: Path) -> None:
    """A full pull that goes on from an old staging reads again what a push wrote meanwhile."""
    account = Account(column(300, contacts=3), tmp_path)
    account.begin()
    account.fault("status", "contacts/links", status=401)
    with pytest.raises(Exception, match="contacts/links"):
        account.sync()
    account.running.faults.replace([])
    place = "leads", 10_000_000, "contacts", 10_000_000, 0
    _push(account, place, _unlink(place))
    report = account.sync()
    assert report.resumed
    assert_mirrors(report.snapshot, account.world)


def test_a_killed_push_is_healed_by_the_next_sync_of_any_card(tmp_path: Path) -> None:
    """Cards that were noted and never published are read by whatever sync comes next."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    place = "leads", 10_000_000, "contacts", 10_000_000, 0
    _push(account, place, _unlink(place))
    report = account.sync("lead:10000028")
    assert_mirrors(report.snapshot, account.world)


def test_cards_that_are_written_to_without_end(tmp_path: Path) -> None:
    """A sync does not chase a card for ever: it publishes what it knows, removes nothing for it,
    and says what is left."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    lead = Ref(EntityType.LEAD, 10_000_000)
    account.before.append(lambda line: _touch(account, [lead]) if "leads/links" in line else None)
    report = account.sync()
    assert report.overtaken == 1
    assert mirrored_edges(report.snapshot) == expected_edges(account.world)
    whole = rows(report.snapshot, "select links_whole from leads where lead_id = 10000000")
    assert whole == [(False,)]
    account.before.clear()
    assert account.sync().overtaken == 0
    assert rows(account.current, "select bool_and(links_whole) from leads") == [(True,)]


def test_the_report_stands_where_the_repair_fails(tmp_path: Path) -> None:
    """What was asked for is published: a repair that gets no answer is told of, no error."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    place = "leads", 10_000_000, "contacts", 10_000_000, 0

    def push() -> None:
        _push(account, place, _unlink(place))
        account.fault("status", "account", status=401, times=None)

    report = account.sync(watch=_at_step("merging:edges", push))
    assert (report.snapshot.number, report.overtaken) == (2, 2)
    account.running.faults.replace([])
    assert account.sync().overtaken == 0
    assert_mirrors(account.current, account.world)


# What a push publishes itself


def _plan(account: Account) -> Plan:
    return Plan(account.folder, "RU", 3, 0.2)


def _live(account: Account, refs: Iterable[Ref]) -> list[CardLinks]:
    """Read cards as a push does; in a thread of its own, since a loop may be running in this."""

    async def reading() -> list[CardLinks]:
        async with account.client() as client:
            return list((await read_live(client, refs, MassListFacts())).values())

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, reading()).result()


def _published(account: Account, refs: Iterable[Ref]) -> Report:
    report = publish_reads(_plan(account), URL, _live(account, refs), 7)
    assert report is not None
    return report


@settings(SOME, max_examples=4)
@given(world=worlds(), behaviour=BEHAVIOURS, data=st.data())
def test_what_was_read_back_is_published(
    world: Json, behaviour: dict[str, Any], data: st.DataObject
) -> None:
    """The new snapshot equals the account, its changes are those of the push."""
    if not any(world[owner] and world[other] for owner, other in PAIRS):
        return
    with TemporaryDirectory() as folder:
        account = Account(world, Path(folder), **behaviour)
        account.sync()
        before = mirrored_edges(account.current)
        touched: list[Ref] = []
        for _ in range(data.draw(st.integers(1, 5))):
            place, write = data.draw(_writes(world))
            _push(account, place, write)
            touched += _ends(place)
        if not any(ref.type is not EntityType.ELEMENT for ref in touched):
            return
        report = _published(account, touched)
        assert_mirrors(report.snapshot, account.world)
        assert (report.unknown, report.first, report.requests) == ((), False, 7)
        after = mirrored_edges(report.snapshot)
        told = sum(change.added - change.removed for change in report.changes)
        assert told == len(after) - len(before)
        total = account.sync()
        assert not any(change.added or change.removed for change in total.changes)
        assert total.overtaken == 0


def test_intended_removals_need_no_yes(tmp_path: Path) -> None:
    """A push may unlink more than a sync would believe; the run is booked."""
    account = Account(column(300, contacts=3), tmp_path)
    account.begin()
    links = account.world.to_dict()["links"]
    refs = [Ref(EntityType.LEAD, link["entity_id"]) for link in links]
    refs += [Ref(EntityType.CONTACT, link["to_entity_id"]) for link in links]
    for link in links:
        account.world.unlink("leads", link["entity_id"], "contacts", link["to_entity_id"])
    report = _published(account, refs)
    assert_mirrors(report.snapshot, account.world)
    assert rows(report.snapshot, "select kind, requests, cards from syncs order by sync_id")[1] == (
        *("push", 7),
        303,
    )
    with Ledger(tmp_path / "account.sqlite") as ledger:
        run = ledger.last_runs(1)[0]
    assert (run.kind, run.snapshot, run.requests, run.error) == ("push", 2, 7, None)
    assert not list(tmp_path.glob("staging-*"))


def test_reads_older_than_the_snapshot_are_left_out(tmp_path: Path) -> None:
    """A sync that read a card since knows better, card by card; where it knows all, nothing is
    published."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    ids = [card["id"] for card in account.world.to_dict()["leads"]]
    old = _live(account, [Ref(EntityType.LEAD, ids[0]), Ref(EntityType.LEAD, ids[1])])
    account.world.unlink("leads", ids[0], "contacts", 10_000_000)
    account.sync(f"lead:{ids[0]}", "contact:10000000")
    report = publish_reads(_plan(account), URL, old, 1)
    assert report is not None
    assert report.cards == 1
    assert_mirrors(report.snapshot, account.world)
    account.sync()
    number = account.current.number
    assert publish_reads(_plan(account), URL, old, 1) is None
    assert publish_reads(_plan(account), URL, [], 1) is None
    assert account.current.number == number


def test_reads_from_before_the_last_write_are_left_out(tmp_path: Path) -> None:
    """What was read before a card was noted for the last time is not what was written."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    place = "leads", 10_000_000, "contacts", 10_000_000, 0
    early = _live(account, _ends(place))
    _push(account, place, _unlink(place))
    assert publish_reads(_plan(account), URL, early, 1) is None
    assert_mirrors(account.sync("lead:10000007").snapshot, account.world)


def test_what_was_not_read_whole_is_left_out(tmp_path: Path) -> None:
    """No answer is no news: the card keeps what is known of it, and the next sync reads it."""
    account = Account(column(30, contacts=3), tmp_path)
    account.begin()
    place = "leads", 10_000_000, "contacts", 10_000_000, 0
    _push(account, place, _unlink(place))
    account.behave(max_ids_before_504=0)
    assert publish_reads(_plan(account), URL, _live(account, _ends(place)), 2) is None
    account.behave(max_ids_before_504=None)
    assert_mirrors(account.sync("lead:10000007").snapshot, account.world)


def test_nothing_is_published_before_there_is_a_mirror(tmp_path: Path) -> None:
    """A push into an account that was never mirrored makes no snapshot."""
    account = Account(column(3, contacts=1), tmp_path)
    reads = _live(account, [Ref(EntityType.LEAD, 10_000_000)])
    assert publish_reads(_plan(account), URL, reads, 1) is None
    assert Snapshots(tmp_path).current() is None


def test_cards_that_the_snapshot_lacks_are_named(tmp_path: Path) -> None:
    """A link to a card made since the sync is published, and the card is told of to be synced."""
    account = Account(column(3, contacts=1), tmp_path)
    account.begin()
    account.world.put_card("contacts", {"id": 77})
    place = "leads", 10_000_000, "contacts", 77, 0
    _push(account, place, _link(place, is_main=0))
    report = _published(account, _ends(place))
    assert report.unknown == (Ref(EntityType.CONTACT, 77),)
    assert mirrored_edges(report.snapshot) == expected_edges(account.world)
    assert_mirrors(account.sync(*map(str, report.unknown)).snapshot, account.world)


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """What cannot be staged is a plain error; the last snapshot stands."""
    account = Account(column(3, contacts=1), tmp_path)
    account.begin()
    reads = _live(account, [Ref(EntityType.LEAD, 10_000_000)])
    (tmp_path / "staging-push.duckdb").mkdir()
    with pytest.raises(PublishFailed):
        publish_reads(_plan(account), URL, reads, 1)
    assert account.current.number == 1
