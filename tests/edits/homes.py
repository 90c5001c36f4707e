"""A home with one account that a simulator plays, mirrored; and a small world to push edits at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linkgraph.accounts import Account, AccountSettings
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, World, load_world

LEADS = range(1, 61)
CONTACTS = range(101, 161)


def little_world() -> World:
    """Sixty leads, each with a main contact of its own, and three companies without links."""
    return load_world(
        {
            "leads": [{"id": number} for number in LEADS],
            "contacts": [{"id": number} for number in CONTACTS],
            "companies": [{"id": number} for number in (201, 202, 203)],
            "links": [
                {
                    "entity_type": "leads",
                    "entity_id": number,
                    "to_entity_type": "contacts",
                    "to_entity_id": number + 100,
                    "metadata": {"main_contact": True},
                }
                for number in LEADS
            ],
        }
    )


def account_of(simulator: Simulator, home: Path, **settings: Any) -> Account:
    """The account «work» of a home, as fast as the simulator answers where nothing else is said."""
    told: Mapping[str, Any] = {"rate": float("inf"), "settle": 0.2, "max_removals": 1.0, **settings}
    return Home(home).add("work", AccountSettings(simulator.url, **told), simulator.token)


def mirrored(simulator: Simulator, home: Path, **settings: Any) -> Session:
    """A session of such an account after its first sync."""
    session = Session(account_of(simulator, home, **settings))
    session.sync()
    session.close()
    return session
