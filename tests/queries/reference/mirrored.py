"""A random account, mirrored twice: what the questions are asked of."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from linkgraph.index import LinkIndex
from linkgraph.mirror.snapshots import Snapshots
from queries.asked import Sources
from queries.compared import compared
from queries.engine import open_engine
from tests.mirror.accounts import Account, Json, Message
from tests.queries.reference.account import SECTIONS, Card, Habits, Snapshot, card
from tests.queries.reference.worlds import Story


class Reticent(Account):
    """An account in which some cards' links leave out some of their links."""

    def __init__(self, world: Json, folder: Path, habits: Habits) -> None:
        super().__init__(
            world,
            folder,
            contacts_report_leads=habits.contacts_report_leads,
            reverse_metadata=habits.reverse_metadata,
            customers_mode="unavailable" if habits.customers_off else None,
        )
        self._silent = habits.silent

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if not self._silent or not scope["path"].endswith("/links"):
            await super().__call__(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await super().__call__(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        if body.startswith(b"{"):
            answer = json.loads(body)
            path = scope["path"].split("/")
            one = (path[3], int(path[4])) if path[4] != "links" else None
            links = [
                link
                for link in answer.get("_embedded", {}).get("links", [])
                if _ends(link, one) not in self._silent
            ]
            answer |= {"_total_items": len(links), "_embedded": {"links": links}}
            body = json.dumps(answer).encode()
        start = dict(messages[0])
        start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _ends(link: Json, one: tuple[str, int] | None) -> tuple[Card, Card]:
    teller = one or (link["entity_type"], link["entity_id"])
    catalog = (link["metadata"] or {}).get("catalog_id", 0)
    return (
        card(SECTIONS[teller[0]], teller[1]),
        card(SECTIONS[link["to_entity_type"]], link["to_entity_id"], catalog),
    )


@contextmanager
def mirrored(story: Story) -> Iterator[Sources]:
    """The second of two syncs, opened with the first to compare it with."""
    with TemporaryDirectory() as folder:
        mirror(story, Path(folder))
        with opened(Path(folder)) as sources:
            yield sources


def mirror(story: Story, folder: Path) -> None:
    """Sync an account at both moments."""
    for world in (story.first, story.second):
        Reticent(world, folder, story.habits).sync()


@contextmanager
def opened(folder: Path) -> Iterator[Sources]:
    """All that a question may look at."""
    snapshots = Snapshots(folder)
    current = snapshots.require()
    engines = [open_engine(current.path, temp_directory=folder)]
    index = LinkIndex.open(current)

    def compare(since: str, until: str) -> Engine:
        earlier, later = compared(snapshots.all(), current, since, until)
        engines.append(open_engine(later.path, older=earlier.path, temp_directory=folder))
        return engines[-1]

    try:
        yield Sources(engines[0], lambda: index, compare)
    finally:
        for engine in engines:
            engine.dispose()


def taken_at(sources: Sources) -> datetime:
    """When the earlier snapshot was taken: what the world cannot tell."""
    assert sources.compare is not None
    with sources.compare("previous", "newest").connect() as connection:
        moment: datetime = connection.exec_driver_sql(
            "select taken_at from older.meta"
        ).scalar_one()
    return moment


def assert_mirrors(sources: Sources, now: Snapshot) -> None:
    """The tables hold what the world says, before any question is asked of them."""
    with sources.engine.connect() as connection:

        def rows(sql: str) -> list[Any]:
            return list(connection.exec_driver_sql(sql).fetchall())

        cards = {
            card(kind, number, catalog): (name, deleted)
            for kind, catalog, number, name, deleted in rows(
                "select type::varchar, catalog_id, id, name, is_deleted from cards"
            )
        }
        assert cards == {one: (now.name(one), one in now.deleted) for one in now.cards}
        links = {
            (card(kind, number), card(other, end, catalog)): tuple(told)
            for kind, number, other, end, catalog, *told in rows(
                "select from_type::varchar, from_id, to_type::varchar, to_id, to_catalog_id, "
                "is_main, quantity, price_id, seen_from::varchar, is_live from edges"
            )
        }
        assert links == {link.ends: (*link.told, link.seen_from, link.live) for link in now.links}
        reasons = {
            card(kind, number, catalog): reason
            for kind, catalog, number, reason in rows(
                "select entity_type::varchar, catalog_id, entity_id, reason from unreadable"
            )
        }
        assert reasons == now.unreadable
