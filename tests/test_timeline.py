"""The syncs of an account as a timeline, and what each changed, counted once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.errors import InvalidParameter, LinkgraphError
from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.merge import Change
from linkgraph.model import Ref
from linkgraph.settings import Home
from linkgraph.simulator import Simulator
from queries import changecounts
from queries.timeline import Ending
from tests.mirror.worlds import column


@pytest.fixture(name="crm", scope="module")
def _crm() -> Iterator[Simulator]:
    with Simulator(column(20, contacts=10), rate=None) as simulator:
        yield simulator


@pytest.fixture(name="home", scope="module")
def _home(crm: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four syncs, of which two snapshots are kept, a failure and two that were broken off."""
    home = Home(tmp_path_factory.mktemp("timeline") / "home")
    account = home.add("work", AccountSettings(crm.url, rate=float("inf"), keep=2), crm.token)
    leads = [card["id"] for card in crm.world.to_dict()["leads"]]
    contacts = [card["id"] for card in crm.world.to_dict()["contacts"]]
    with linkgraph.open(home=home.root) as session:
        session.sync()
        crm.fault("status", "leads", status=403, times=None)
        with pytest.raises(LinkgraphError):
            session.sync()
        crm.clear_faults()
        session.sync()
        session.sync()
        crm.world.unlink("leads", leads[0], "contacts", contacts[0])
        crm.world.link("leads", leads[0], "contacts", contacts[1])
        session.sync([Ref.parse(f"lead:{leads[0]}")])
    with Ledger(account.folder / "account.sqlite") as ledger:
        ledger.end_run(ledger.begin_run("full", resumed=False), requests=3, error="stopped")
        ledger.begin_run("full", resumed=True)
    return home.root


def test_the_timeline_tells_of_every_attempt(home: Path) -> None:
    """Newest first: what was published, what failed and why, what was stopped, what is open."""
    with linkgraph.open(home=home) as session:
        entries = session.timeline()

        assert [(one.ending, one.number, one.kind) for one in entries] == [
            (Ending.OPEN, None, "full"),
            (Ending.STOPPED, None, "full"),
            (Ending.PUBLISHED, 4, "cards"),
            (Ending.PUBLISHED, 3, "full"),
            (Ending.PUBLISHED, 2, "full"),
            (Ending.FAILED, None, "full"),
            (Ending.PUBLISHED, 1, "full"),
        ]
        assert [one.is_kept for one in entries if one.number] == [True, True, False, False]
        assert [one.before for one in entries if one.number] == [3, None, None, None]
        assert entries[5].error
        assert entries[4].resumed
        assert (entries[2].cards, entries[3].cards) == (1, 30)
        assert session.timeline(2) == entries[:2]
        assert len({one.key for one in entries}) == len(entries)


def test_changes_are_counted_once(home: Path) -> None:
    """The counts are those of the question's rows; the next time they cost no comparison."""
    with linkgraph.open(home=home) as session:
        rows = session.ask("link-changes", since=3, until=4).rows()
        counted = session.change_counts(3, 4)

        assert counted == (Change("lead_contact", 1, 1, 0),)
        assert sorted(row["change"] for row in rows) == ["added", "removed"]
        assert (session.snapshot.cache / changecounts.FILE).exists()
    with linkgraph.open(home=home) as session:
        assert session.change_counts(3, 4) == counted
        assert not session._comparisons


@pytest.mark.parametrize("junk", [b"", b"{}", b'{"format":9}', b"\xff"])
def test_a_damaged_count_is_counted_anew(home: Path, junk: bytes) -> None:
    """What is kept beside a snapshot is a comfort and no truth."""
    with linkgraph.open(home=home) as session:
        session.change_counts(3, 4)
        (session.snapshot.cache / changecounts.FILE).write_bytes(junk)

        assert session.change_counts(3, 4) == (Change("lead_contact", 1, 1, 0),)


def test_what_is_not_kept_is_not_compared(home: Path) -> None:
    """It is said which snapshots there are."""
    with (
        linkgraph.open(home=home) as session,
        pytest.raises(InvalidParameter, match="no snapshot of «2» is kept"),
    ):
        session.change_counts(2, 4)


def test_an_account_without_a_mirror_has_an_empty_timeline(tmp_path: Path) -> None:
    """Nothing is made by looking."""
    home = Home(tmp_path / "home")
    account = home.add("work", AccountSettings("https://example.amocrm.ru"), "token")
    with linkgraph.open(home=home.root) as session:
        assert session.timeline() == []
    assert not (account.folder / "account.sqlite").exists()
