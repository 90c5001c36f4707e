"""A home whose account was synced again and again while its world changed.

Its clock is set right afterwards, so that what a browser shows of it is the same each time.
"""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.errors import LinkgraphError
from linkgraph.mirror.ledger import Ledger
from linkgraph.mirror.snapshots import Snapshots
from linkgraph.model import Ref
from linkgraph.settings import Home
from linkgraph.simulator import Metadata, Simulator, World, load_world
from tests.tui.homes import ACCOUNT
from tests.tui.worlds import small_world

#: When the first sync began, and how long after it each further attempt did.
BEGAN = datetime.fromisoformat("2026-03-01T09:30:00")
_APART = timedelta(hours=20)


def change(world: World) -> None:
    """Links that come, go and change; a card that goes, with a hostile name at its other end."""
    world.link("leads", 104, "contacts", 202, metadata=Metadata(is_main=1))
    world.link("leads", 104, "companies", 302)
    world.link("leads", 101, "catalog_elements", 701, 7, Metadata(quantity=7.0, price_id=901))
    world.link("leads", 101, "contacts", 202, metadata=Metadata(is_main=1))
    world.unlink("contacts", 202, "companies", 301)
    world.unlink("leads", 101, "catalog_elements", 702, 7)
    world.remove_card("leads", 105)


def make_changed_home(root: Path) -> Path:
    """Four snapshots, of which three are kept, a failed sync and one that was stopped."""
    with Simulator(load_world(small_world()), rate=None) as crm:
        settings = AccountSettings(crm.url, rate=float("inf"))
        account = Home(root).add(ACCOUNT, settings, crm.token)
        with linkgraph.open(home=root) as session:
            session.sync()
            session.sync()
            change(crm.world)
            session.sync(accept_removals=True)
            crm.fault("status", "leads", status=401, times=None)
            with pytest.raises(LinkgraphError):
                session.sync()
            crm.clear_faults()
            crm.world.unlink("leads", 102, "companies", 302)
            session.sync([Ref.parse("lead:102")])
    with Ledger(account.folder / "account.sqlite") as ledger:
        ledger.end_run(ledger.begin_run("full", resumed=False), requests=3, error="stopped")
    (account.folder / "staging.duckdb").unlink()
    _set_right(account.folder, crm.url)
    return root


def _set_right(folder: Path, url: str) -> None:
    """Give every attempt a time of its own, and take out what a machine alone would know."""
    with sqlite3.connect(folder / "account.sqlite") as db:
        runs = [row[0] for row in db.execute("select run_id from runs order by run_id")]
        for place, run_id in enumerate(runs):
            began = BEGAN + place * _APART
            db.execute(
                "update runs set started_at = ?, finished_at = ?, requests = 40, "
                "error = replace(error, ?, 'https://example.amocrm.ru') where run_id = ?",
                (_text(began), _text(began + timedelta(seconds=7 + 31 * place)), url, run_id),
            )
        numbers = dict(
            db.execute("select snapshot, run_id from runs where snapshot is not null").fetchall()
        )
    db.close()
    for snapshot in Snapshots(folder).all():
        snapshot.path.chmod(0o644)
        with duckdb.connect(str(snapshot.path)) as tables:
            for number, run_id in numbers.items():
                began = BEGAN + runs.index(run_id) * _APART
                ended = began + timedelta(seconds=7 + 31 * runs.index(run_id))
                tables.execute(
                    "update syncs set started_at = ?, finished_at = ?, requests = 40 "
                    "where sync_id = ?",
                    (began, ended, number),
                )
            began = BEGAN + runs.index(numbers[snapshot.number]) * _APART
            tables.execute("update meta set taken_at = ?", (began,))
        snapshot.path.chmod(0o444)
        card = snapshot.folder / "snapshot.json"
        told = json.loads(card.read_text(encoding="utf-8"))
        card.chmod(0o644)
        card.write_text(json.dumps(told | {"taken_at": began.isoformat()}), encoding="utf-8")


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
