"""Sessions over little snapshots: a home, an account and one published version, without a sync."""

from pathlib import Path

from linkgraph.accounts import AccountSettings
from linkgraph.mirror.schema import SCHEMA_VERSION
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard, Snapshots
from linkgraph.session import Session
from linkgraph.settings import Home
from tests.queries.conftest import BASE_URL, TAKEN_AT, Fill, World

NUMBER = 7


def session_of(folder: Path, fill: Fill) -> Session:
    """A session whose snapshot holds what `fill` puts into it; it has no link index yet."""
    account = Home(folder / "home").add("work", AccountSettings(BASE_URL), "token")
    publish(account.folder, fill)
    return Session(account)


def publish(account: Path, fill: Fill, number: int = NUMBER) -> Snapshot:
    """Publish a snapshot that holds what `fill` puts into it."""

    def build(database: Path) -> SnapshotCard:
        world = World(database)
        fill(world)
        world.save(number)
        moment = TAKEN_AT.isoformat()
        return SnapshotCard(SCHEMA_VERSION, number, "full", BASE_URL, "", moment, moment, 0, {}, {})

    return Snapshots(account).publish(number, build, keep=3)
