"""The health report: every problem counted, none lost to another's failure, and what changed."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from linkgraph.accounts import Account, AccountSettings
from linkgraph.errors import InvalidParameter, QueryStopped
from linkgraph.mirror.schema import SCHEMA_VERSION
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard, Snapshots
from linkgraph.session import Session
from linkgraph.settings import Home
from queries.asked import Asked, Found
from queries.catalogue import Catalogue
from queries.figures import FILE, Figure, Figures, keep, kept
from queries.header import parse
from queries.health import Health, examine, one_line, signed
from queries.question import Question
from queries.running import Stop
from tests.benchmarks.health import SLOWEST, run
from tests.queries.conftest import BASE_URL, TAKEN_AT, Fill, Little, World

HEADER = """\
-- title: {title}
-- group: {group}
-- question: Which?
-- definition: Those.
-- parameters:{parameters}
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   fix: The edit
-- problem: {name}
"""
LEADS = "select lead_id, name as lead_name, {fix} as fix from leads where {where} order by lead_id"


def question(
    name: str, where: str = "true", fix: str = "null", group: str = "Leads", parameters: str = ""
) -> Question:
    """A problem question over leads."""
    listed = f"\n--   {parameters}" if parameters else " none"
    header = HEADER.format(title=name.title(), group=group, name=name, parameters=listed)
    return parse(name, f"{header}{LEADS.format(where=where, fix=fix)};\n", f"{name}.sql")


def catalogue(*questions: Question) -> Catalogue:
    """A library of just these questions."""
    return Catalogue({each.name: each for each in questions})


def leads(*names: str) -> Fill:
    """A world of leads with those names, numbered from 1."""

    def fill(world: World) -> None:
        for number, name in enumerate(names, 1):
            world.card(f"lead:{number}", name)

    return fill


FIX = "case when name = 'bad' then 'main lead:' || lead_id || ' contact:9' end"
BAD = question("bad-leads", "name in ('bad', 'worse')", FIX)
LONG = question("long-leads", "length(name) > 4")
BROKEN = question("broken-leads", "error('no luck')")
MOVED = question(
    "moved-leads",
    parameters="since snapshot = previous: Since when\n--   until snapshot = newest: Until when",
)


# Asking


def test_every_problem_is_asked(little: Little) -> None:
    """By group and name: rows and fixes are counted whole, the first rows are kept."""
    harmless = replace(LONG, name="harmless", problem=None)
    own = replace(LONG, name="own", path=Path("own.sql"))
    elsewhere = question("all-leads", group="Graph")
    asked = catalogue(LONG, BAD, harmless, own, elsewhere)

    found = examine(little(leads("bad", "worse", "bad")), asked, 1, account="acme")

    assert [(each.name, each.count, each.fixes) for each in found.findings] == [
        ("all-leads", 3, 0),
        ("bad-leads", 3, 2),
        ("long-leads", 1, 0),
    ]
    assert [group for group, _ in found.groups()] == ["Graph", "Leads"]
    assert (found.account, found.url, found.snapshot, found.taken_at) == (
        *("acme", BASE_URL),
        *(7, TAKEN_AT),
    )
    assert (found.problems, found.fixes, found.change, found.compared) == (7, 2, None, None)
    answer = found.findings[1].answer
    assert answer is not None
    assert (answer.rows()[0]["lead_name"], answer.table.num_rows, answer.not_shown) == ("bad", 1, 2)


def test_an_account_without_a_card(little: Little) -> None:
    """Nothing is found, by the library's own questions too, and none of them fails."""
    found = examine(little(leads(), older=leads()), Catalogue.load())

    assert (found.problems, found.fixes, found.figures.failed) == (0, 0, {})
    assert found.findings
    assert one_line(found.figures) == "no problems found"


def test_a_report_holds_no_more_than_it_shows(little: Little) -> None:
    """Thousands of rows are counted, and let go of."""
    (found,) = examine(little(leads(*["worse than bad"] * 2_000)), catalogue(LONG), 1).findings

    assert found.answer is not None
    assert found.count == 2_000
    assert found.answer.table.get_total_buffer_size() < 1_000


def test_a_question_that_fails_is_told(little: Little, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its place, whether SQL or Python failed; the others are asked, the sums are theirs."""

    def fall(asked: Asked) -> Found:
        raise ZeroDivisionError("by\x1b[31m zero")

    monkeypatch.setattr(Question, "answerer", lambda self: fall)
    in_python = replace(LONG, name="python-leads", module="queries.nowhere")

    found = examine(little(leads("bad")), catalogue(BAD, BROKEN, in_python))
    bad, broken, python = found.findings

    assert (bad.count, broken.count, python.count) == (1, None, None)
    assert "no luck" in broken.error
    assert python.error == "ZeroDivisionError: by␛[31m zero"
    assert (found.problems, set(found.figures.failed)) == (1, {"broken-leads", "python-leads"})
    assert one_line(found.figures) == (
        "1 problem, 1 safe fix, 2 questions failed: linkgraph health"
    )


def test_nothing_to_compare_with_is_no_failure(little: Little) -> None:
    """A question over two snapshots waits for a second one; that is said, and not counted."""

    def refuse(since: str, until: str) -> object:
        raise InvalidParameter("snapshot 7 is the oldest that is kept")

    sources = replace(little(leads("bad")), compare=refuse)  # type: ignore[arg-type]
    (moved,) = examine(sources, catalogue(MOVED)).findings

    assert (moved.count, moved.is_idle) == (None, True)
    assert "oldest that is kept" in moved.error
    assert not examine(sources, catalogue(MOVED)).figures.failed


def test_a_question_may_time_out(little: Little) -> None:
    """Each has its own time: one that takes too long is given up, and the others are asked."""
    endless = question("endless", "(select sum(a.range * b.range) from range(1000000) as a, "
                                  "range(1000000) as b) > 0")  # fmt: skip

    found = examine(little(leads("bad")), catalogue(BAD, endless, LONG), timeout=0.2)

    assert [each.count for each in found.findings] == [1, None, 0]
    assert "stopped after 0.2 s" in found.findings[1].error


def test_stopping_ends_the_whole(little: Little) -> None:
    """A stop is nobody's failure: no report comes of it."""
    stop = Stop()
    stop.ask()

    with pytest.raises(QueryStopped):
        examine(little(leads("bad")), catalogue(BAD, LONG), stop=stop)


@pytest.mark.parametrize(
    ("count", "fixes", "failed", "expected"),
    [
        (0, 0, 0, "no problems found"),
        (0, 0, 1, "no problems found, 1 question failed: linkgraph health"),
        (1, 0, 0, "1 problem, no safe fixes: linkgraph health"),
        (1, 1, 0, "1 problem, 1 safe fix: linkgraph health"),
        (1284, 412, 0, "1,284 problems, 412 safe fixes: linkgraph health"),
        (2, 1, 2, "2 problems, 1 safe fix, 2 questions failed: linkgraph health"),
    ],
)
def test_one_line(count: int, fixes: int, failed: int, expected: str) -> None:
    """Numbers with their nouns; no command to type where there is nothing to see."""
    failures = {str(number): "why" for number in range(failed)}

    assert one_line(Figures({"q": Figure(count, fixes)}, failures)) == expected


def test_one_line_where_all_failed() -> None:
    """«No problems» is not said where nothing could be asked."""
    assert one_line(Figures({}, {"q": "why"})).startswith("the problems could not be counted")


def test_changes_bear_their_sign() -> None:
    """A rise, a fall with a real minus, and nothing for none."""
    assert [signed(each) for each in (1200, -3, 0, None)] == ["+1,200", "−3", "", ""]


# What is kept


@pytest.fixture(name="stored")
def _stored(tmp_path: Path) -> Snapshot:
    """A snapshot without its tables."""
    folder = tmp_path / "versions" / "000003"
    folder.mkdir(parents=True)
    _describe(folder, 3)
    return Snapshot(3, folder)


def _describe(folder: Path, number: int, finished: str = "2026-03-01T10:00:00") -> SnapshotCard:
    taken = TAKEN_AT.isoformat()
    card = SnapshotCard(
        *(SCHEMA_VERSION, number, "full", BASE_URL, "Acme", taken, finished, 1, {}, {})
    )
    content = {name: getattr(card, name) for name in card.__slots__}
    (folder / "snapshot.json").write_text(json.dumps(content), encoding="utf-8")
    return card


def test_figures_come_back(stored: Snapshot) -> None:
    """What is kept is found again, and later figures join it."""
    keep(stored, [(BAD, Figure(5, 2))])
    keep(stored, [(LONG, Figure(1, 0))])

    assert kept(stored, [BAD, LONG, BROKEN]) == {
        "bad-leads": Figure(5, 2),
        "long-leads": Figure(1, 0),
    }
    content = json.loads((stored.cache / FILE).read_bytes())
    assert set(content) == {"format", "linkgraph", "snapshot", "questions"}


def test_a_question_that_means_something_else_has_no_figure(stored: Snapshot) -> None:
    """A figure is that of a definition, not of a name."""
    keep(stored, [(BAD, Figure(5, 2))])

    assert kept(stored, [replace(BAD, source=BAD.source + "-- and more")]) == {}


def test_a_question_in_python_is_counted_anew_by_another_version(
    stored: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machinery stands in other files as well; SQL is all there."""
    in_python = replace(LONG, module="queries.nowhere")
    keep(stored, [(BAD, Figure(5, 2)), (in_python, Figure(1, 0))])
    monkeypatch.setattr("linkgraph.__version__", "99")

    assert set(kept(stored, [BAD, in_python])) == {"bad-leads"}


def test_figures_are_those_of_one_snapshot(stored: Snapshot) -> None:
    """Another snapshot that got its number after it does not inherit them."""
    keep(stored, [(BAD, Figure(5, 2))])
    _describe(stored.folder, 3, finished="2026-03-02T10:00:00")

    assert kept(stored, [BAD]) == {}


NOISE = random.Random(5).randbytes(300)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"[" * 100_000,
        b'{"x":' * 100_000,
        NOISE,
        b"\xff\xfe{}",
        b'{"format": 1}',
    ],
    ids=range(8),
)
def test_damaged_figures_are_none(stored: Snapshot, damage: bytes) -> None:
    """Whatever stands in the file, it is counted anew and written anew."""
    stored.cache.mkdir(parents=True)
    (stored.cache / FILE).write_bytes(damage)

    assert kept(stored, [BAD]) == {}

    keep(stored, [(BAD, Figure(5, 2))])
    assert kept(stored, [BAD]) == {"bad-leads": Figure(5, 2)}


@pytest.mark.parametrize("key", ["count", "fixes", "definition", "format"])
def test_figures_that_cannot_be_are_none(stored: Snapshot, key: str) -> None:
    """A number below zero, a text for a number, another format."""
    keep(stored, [(BAD, Figure(5, 2))])
    content = json.loads((stored.cache / FILE).read_bytes())
    (content if key == "format" else content["questions"]["bad-leads"])[key] = -1
    (stored.cache / FILE).write_text(json.dumps(content))

    assert kept(stored, [BAD]) == {}


def test_a_home_that_takes_no_files(stored: Snapshot) -> None:
    """What cannot be kept is no failure."""
    stored.cache.parent.write_text("in the way")
    keep(stored, [(BAD, Figure(5, 2))])

    assert kept(stored, [BAD]) == {}


def test_a_snapshot_that_is_gone(stored: Snapshot) -> None:
    """A sync may have removed it while it was asked."""
    (stored.folder / "snapshot.json").unlink()

    keep(stored, [(BAD, Figure(5, 2))])


# What changed


Publish = Callable[[Fill], Snapshot]


@pytest.fixture(name="account")
def _account(tmp_path: Path) -> Account:
    return Home(tmp_path / "home").add("acme", AccountSettings(BASE_URL), "token")


@pytest.fixture(name="publish")
def _publish(account: Account) -> Publish:
    """Publishes worlds as snapshots 1, 2, …"""
    snapshots = Snapshots(account.folder)

    def publish(fill: Fill) -> Snapshot:
        number = snapshots.next_number()

        def build(path: Path) -> SnapshotCard:
            world = World(path)
            fill(world)
            world.save(number)
            return _describe(path.parent, number)

        return snapshots.publish(number, build, keep=9)

    return publish


def health(account: Account, *questions: Question) -> Health:
    """The report that a fresh session makes."""
    with Session(account) as session:
        session.catalogue = catalogue(*questions)
        return session.health()


def changes(found: Health) -> Mapping[str, int | None]:
    return {each.name: each.change for each in found.findings}


GOOD = question("good-leads", "name = 'good'")


def test_changes_since_the_snapshot_before(account: Account, publish: Publish) -> None:
    """What appears, grows, shrinks and vanishes; counted in both where nothing is kept yet."""
    publish(leads("bad", "bad", "lengthy", "good"))
    first = health(account, BAD, LONG, GOOD)
    publish(leads("bad", "bad", "bad", "nothing", "lengthy"))
    appearing = question("appearing", "name = 'nothing'")
    second = health(account, BAD, LONG, GOOD, appearing)

    assert (first.compared, first.change, set(changes(first).values())) == (None, None, {None})
    assert second.compared == 1
    assert changes(second) == {"bad-leads": 1, "long-leads": 1, "good-leads": -1, "appearing": 1}
    assert (second.problems, second.change) == (6, 2)


def test_kept_figures_are_enough(account: Account, publish: Publish) -> None:
    """The snapshot before is not opened where its figures are kept."""
    before = publish(leads("bad"))
    health(account, BAD)
    publish(leads("bad", "bad"))
    before.path.chmod(0o600)
    before.path.write_bytes(b"garbage")

    assert changes(health(account, BAD)) == {"bad-leads": 1}


def test_what_cannot_be_compared_is_said(account: Account, publish: Publish) -> None:
    """Without figures and tables there is no change, and a reason; the report is there."""
    before = publish(leads("bad"))
    publish(leads("bad", "bad"))
    before.path.chmod(0o600)
    before.path.write_bytes(b"garbage")

    found = health(account, BAD)

    assert (found.problems, found.change, found.compared) == (2, None, None)
    assert "snapshot" in found.uncompared


def test_a_question_that_changed_is_asked_of_both(account: Account, publish: Publish) -> None:
    """The figure of its former meaning is not compared with."""
    publish(leads("bad", "good", "good"))
    health(account, BAD)
    publish(leads("bad", "good"))
    changed = question("bad-leads", "name = 'good'")

    assert changes(health(account, changed)) == {"bad-leads": -1}


def test_a_question_that_failed_before_is_not_compared(account: Account, publish: Publish) -> None:
    """Where one side has no number there is no change, and no sum of changes."""
    publish(leads("bad", "trap"))
    publish(leads("bad", "bad"))
    wary = question("wary", "case when name = 'trap' then error('snapped') else true end")

    found = health(account, BAD, wary)

    assert changes(found) == {"bad-leads": 1, "wary": None}
    assert (found.problems, found.change, found.compared) == (4, None, 1)


def test_damaged_figures_are_counted_anew(account: Account, publish: Publish) -> None:
    """The comparison is as good as ever."""
    before = publish(leads("bad"))
    health(account, BAD)
    (before.cache / FILE).write_bytes(NOISE)
    publish(leads("bad", "bad"))

    assert changes(health(account, BAD)) == {"bad-leads": 1}
    assert kept(before, [BAD]) == {"bad-leads": Figure(1, 1)}


def test_figures_of_a_session(account: Account, publish: Publish) -> None:
    """Counted once; after that the tables are not opened for them."""
    publish(leads("bad", "worse"))
    with Session(account) as session:
        session.catalogue = catalogue(BAD, LONG)
        counted = session.figures()
    with Session(account) as session:
        session.catalogue = catalogue(BAD, LONG)
        again = session.figures()

        assert "engine" not in session.__dict__
    assert counted == again == Figures({"bad-leads": Figure(2, 1), "long-leads": Figure(1, 0)})


def test_a_question_of_two_snapshots_compares_its_own(account: Account, publish: Publish) -> None:
    """In the report it compares the newest two; in the snapshot before, that and the one before."""
    moved = replace(MOVED, sql="select l.lead_id, l.name as lead_name, null as fix from leads as l "
                    "left join older.leads as o on o.lead_id = l.lead_id "
                    "where o.lead_id is null order by 1")  # fmt: skip
    publish(leads("a"))
    assert [each.is_idle for each in health(account, moved).findings] == [True]
    publish(leads("a", "b"))
    assert changes(health(account, moved)) == {"moved-leads": None}
    publish(leads("a", "b", "c", "d"))

    found = health(account, moved)

    assert (found.problems, changes(found)) == (2, {"moved-leads": 1})


def test_the_benchmark_measures_the_whole_report() -> None:
    """All questions together, the slowest ones, each beside the same yardstick."""
    whole, *slowest, written, again = run(2_000)

    assert whole.what == f"{len(Catalogue.load().problems())} questions"
    assert len(slowest) == SLOWEST
    assert max(each.value for each in slowest) <= whole.value
    assert all(each.ratio for each in (whole, *slowest, written, again))
