"""Accounts to mirror in tests: the simulator in this process, and what a mirror of it must say.

What is expected is worked out from the world's JSON in plain Python, never by the code under test.
"""

import atexit
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import httpx

from linkgraph.amocrm import Address, AmoClient, Pacer, RetryPolicy
from linkgraph.mirror.progress import Progress
from linkgraph.mirror.snapshots import Snapshot, Snapshots
from linkgraph.mirror.sync import Plan, Report, sync
from linkgraph.model import Ref
from linkgraph.simulator import Behaviour, World, create_app, load_world, make_token

Json = dict[str, Any]
Message = MutableMapping[str, Any]

#: What the tables call the API's types, written down a second time.
SINGULAR = {
    "leads": "lead",
    "contacts": "contact",
    "companies": "company",
    "customers": "customer",
    "catalog_elements": "element",
}
_BEGUN: dict[str, Path] = {}
"""Folders of accounts after their first sync, by world and behaviour."""
_AT_ONCE = RetryPolicy(attempts=3, first_wait=0.0, first_wait_refused=0.0, max_wait=0.0)


class Edge(NamedTuple):
    """A link as the mirror must have it."""

    relation: str
    owner: int
    catalog: int
    other: int
    is_main: bool | None
    quantity: float | None
    price_id: int | None


class Account:
    """A simulated account in this process, and the folder that it is mirrored into."""

    def __init__(self, world: World | Json, folder: Path, **behaviour: Any) -> None:
        self.world = world if isinstance(world, World) else load_world(world)
        self.folder = folder
        self.app = create_app(self.world, Behaviour(rate=None).changed(behaviour))
        self.running = self.app.state.running
        self.before: list[Callable[[str], None]] = []
        """Told each request's path and query before it is served; may change the world."""
        self.cap: int | None = None
        """Link lists hold so many links at most, and do not say that there are more."""
        folder.mkdir(exist_ok=True)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        line = f"{scope['path']}?{scope['query_string'].decode()}"
        for hook in list(self.before):
            hook(line)
        if self.cap is None or not scope["path"].endswith("/links"):
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        if body.startswith(b"{"):
            answer = json.loads(body)
            links = answer.get("_embedded", {}).get("links", [])[: self.cap]
            answer |= {"_total_items": len(links), "_embedded": {"links": links}}
            body = json.dumps(answer).encode()
        start = dict(messages[0])
        start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def client(self) -> AmoClient:
        """A client that asks this account as fast as it answers."""
        return AmoClient(
            Address.parse("http://127.0.0.1:1"),
            make_token(self.world.account_id),
            pacer=Pacer(float("inf")),
            transport=httpx.ASGITransport(self),
            retry_policy=_AT_ONCE,
        )

    def sync(
        self,
        *refs: str,
        max_removals: float = 1.0,
        keep: int = 3,
        watch: Callable[[Progress], None] = lambda progress: None,
    ) -> Report:
        """Mirror the account, or the cards named."""
        wanted = tuple(Ref.parse(ref) for ref in refs)
        self.running.log.clear()
        return sync(self.client(), Plan(self.folder, "RU", keep, max_removals, wanted), watch)

    def begin(self) -> None:
        """Mirror the account for the first time: where one that is alike was, as that one was.

        A sync takes a second, and what it leaves is the same each time. Its requests are not told.
        """
        alike = json.dumps([self.world.to_dict(), repr(self.running.behaviour)])
        if alike in _BEGUN:
            shutil.copytree(_BEGUN[alike], self.folder, symlinks=True, dirs_exist_ok=True)
            return
        self.sync()
        kept = Path(tempfile.mkdtemp(prefix="begun-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        _BEGUN[alike] = shutil.copytree(self.folder, kept, symlinks=True, dirs_exist_ok=True)

    def behave(self, **switches: Any) -> None:
        """Set some of the simulator's switches anew."""
        self.running.behaviour = self.running.behaviour.changed(switches)

    def fault(self, action: str, match: str = "", **rule: Any) -> None:
        """Add a scripted fault."""
        self.running.faults.add({"action": action, "match": match, **rule})

    def asked(self, *, path: str = "") -> list[str]:
        """Path and query of every request of the last sync whose path ends so."""
        return [
            f"{entry['path']}?{entry['query']}"
            for entry in self.running.log.entries()
            if entry["path"].endswith(path)
        ]

    def link_reads(self) -> Counter[tuple[str, int]]:
        """How often the last sync asked for the links of each card."""
        return link_reads(self.asked())

    @property
    def current(self) -> Snapshot:
        """The snapshot that stands."""
        return Snapshots(self.folder).require()


def link_reads(asked: Iterable[str]) -> Counter[tuple[str, int]]:
    """How often requests asked for the links of each card, from their paths and queries."""
    counts: Counter[tuple[str, int]] = Counter()
    for line in asked:
        path, _, query = line.partition("?")
        parts = path.split("/")
        if parts[-1] == "links" and len(parts) == 5:
            names = [item.split("=") for item in query.split("&")]
            counts.update(
                (parts[3], int(value)) for name, value in names if name.startswith("filter")
            )
    return counts


def expected_edges(world: World) -> set[Edge]:
    """Every link of a world as the mirror must have it."""
    edges = set()
    for link in world.to_dict()["links"]:
        told = link["metadata"] or {}
        owner, other = SINGULAR[link["entity_type"]], SINGULAR[link["to_entity_type"]]
        edges.add(
            Edge(
                f"{owner}_{other}",
                link["entity_id"],
                told.get("catalog_id", 0) if other == "element" else 0,
                link["to_entity_id"],
                told.get("main_contact"),
                told.get("quantity"),
                told.get("price_id"),
            )
        )
    return edges


def rows(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    """What a query over a snapshot gives."""
    with duckdb.connect(str(snapshot.path), read_only=True) as db:
        return db.execute(sql).fetchall()


def mirrored_edges(snapshot: Snapshot, *, live: bool = True) -> set[Edge]:
    """Every link of a snapshot, each once."""
    found = rows(
        snapshot,
        "select relation::varchar, from_id, to_catalog_id, to_id, is_main, quantity, price_id "
        f"from edges{' where is_live' if live else ''}",
    )
    edges = {Edge(*row) for row in found}
    assert len(edges) == len(found), "a link stands twice"
    return edges


def expected_cards(world: World) -> set[tuple[str, int, int]]:
    """Type, catalog and id of every card of a world that is not deleted."""
    state = world.to_dict()
    return {
        (SINGULAR[section], card.get("catalog_id", 0), card["id"])
        for section in SINGULAR
        for card in state[section]
        if not card.get("is_deleted")
    }


def mirrored_cards(snapshot: Snapshot, *, deleted: bool = False) -> set[tuple[str, int, int]]:
    """Type, catalog and id of the live cards of a snapshot, or of its tombstones."""
    sql = f"select type::varchar, catalog_id, id from cards where is_deleted = {deleted}"
    return set(rows(snapshot, sql))


def assert_mirrors(snapshot: Snapshot, world: World) -> None:
    """A snapshot holds the cards and links of a world: all of them, and nothing else."""
    assert mirrored_cards(snapshot) == expected_cards(world)
    assert mirrored_edges(snapshot) == expected_edges(world)
    doubled = "select (select count(*) from adjacency) = 2 * (select count(*) from edges)"
    assert rows(snapshot, doubled) == [(True,)]
