"""Random little accounts behind a socket, what happens to them, and a record of what they told.

The account is a real simulator in a thread. Every read of links is kept with the state of the world
at that very moment, so that a test can tell what was true when it was read.
"""

import asyncio
import math
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx
import msgspec
from hypothesis import strategies as st

from linkgraph.amocrm import Address, AmoClient, Pacer, RetryPolicy
from linkgraph.edit import Edit, Verb
from linkgraph.model import Metadata, Ref
from linkgraph.simulator import LoggedRequest, Simulator, World, load_world, make_token
from linkgraph.simulator import Metadata as Carried
from linkgraph.simulator.links import LinkStore

Json = dict[str, Any]
Pair = tuple[Ref, Ref]
State = dict[Pair, Metadata]

#: What the API's types are called, written down a second time.
SINGULAR = {
    "leads": "lead",
    "contacts": "contact",
    "companies": "company",
    "customers": "customer",
    "catalog_elements": "element",
}
PLURAL = {one: many for many, one in SINGULAR.items()}
#: What may be linked, owner first.
RELATIONS = (
    ("lead", "contact"),
    ("lead", "company"),
    ("contact", "company"),
    ("customer", "contact"),
    ("customer", "company"),
    ("lead", "element"),
    ("contact", "element"),
    ("company", "element"),
    ("customer", "element"),
)
WITH_MAIN = (("lead", "contact"), ("customer", "contact"))
ONE_COMPANY = ("lead", "contact", "customer")
CATALOGS = (9, 11)
QUANTITIES = (1.0, 2.0, 2.5, 4.0, 7.0)
PRICES = (0, 77, 78)
ACCOUNT = 30000001

_NOTHING = Metadata()

_ORDER = ("leads", "contacts", "companies", "customers", "catalog_elements")
#: Loading the authorities of the world takes longer than a push; nobody is asked for one here.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_NO_WAITS = RetryPolicy(attempts=3, first_wait=0.0, first_wait_refused=0.0, max_wait=0.0)


def kind(pair: Pair) -> tuple[str, str]:
    """The types of a pair, owner first."""
    return str(pair[0].type), str(pair[1].type)


def carries(found: Metadata | None, wanted: Metadata | None) -> bool:
    """Whether a link is there and carries what is wanted of it; None: it is not to be there."""
    if found is None or wanted is None:
        return found is None and wanted is None
    return (
        (wanted.is_main is None or bool(found.is_main) == wanted.is_main)
        and (wanted.quantity is None or found.quantity == wanted.quantity)
        and (wanted.price_id is None or (found.price_id or 0) == wanted.price_id)
    )


def plain(state: State) -> State:
    """A state in which what the API cannot tell apart, or cannot set, is one.

    A flag that is missing and one that is false are the same: the API has no way to take the flag
    away from a link. A price that is missing and one that is null are the same as well.
    """
    return {
        pair: Metadata(bool(link.is_main), link.quantity, link.price_id or None)
        for pair, link in state.items()
    }


def links_of(world: World) -> State:
    """All links of a world, owner first."""
    found = world.link_columns()
    rows = zip(*(found[name].tolist() for name in _COLUMNS), strict=True)
    state: State = {}
    for owner_type, owner, to_type, to_id, catalog, main, quantity, price in rows:
        pair = (
            Ref.parse(f"{SINGULAR[_ORDER[owner_type]]}:{owner}"),
            Ref.parse(
                f"element:{catalog}/{to_id}" if catalog else f"{SINGULAR[_ORDER[to_type]]}:{to_id}"
            ),
        )
        state[pair] = Metadata(
            None if main < 0 else bool(main),
            None if math.isnan(quantity) else quantity,
            price or None,
        )
    return state


_COLUMNS = (
    "entity_type",
    "entity_id",
    "to_entity_type",
    "to_entity_id",
    "catalog_id",
    "is_main",
    "quantity",
    "price_id",
)


# Random worlds and random changes


@dataclass(frozen=True, slots=True)
class Outside:
    """Something that another person does in the CRM."""

    what: str
    """«link», «unlink», or «delete» for the second card."""
    pair: Pair
    metadata: Metadata = _NOTHING


@st.composite
def cards(draw: st.DrawFn, most: int = 6) -> list[Ref]:
    """The cards of a little account: some of each type, equal element ids in two catalogs."""
    found: list[Ref] = []
    for name, start in (("lead", 1), ("contact", 101), ("company", 201), ("customer", 301)):
        count = draw(st.integers(3, most))
        found += [Ref.parse(f"{name}:{start + number}") for number in range(count)]
    for catalog in CATALOGS:
        count = draw(st.integers(1, 3))
        found += [Ref.parse(f"element:{catalog}/{401 + number}") for number in range(count)]
    return found


@st.composite
def pairs(draw: st.DrawFn, of: Sequence[Ref], among: Sequence[Pair] = ()) -> Pair:
    """Two cards that may be linked; half of the time those of `among`."""
    if draw(st.booleans()) and among:
        return draw(st.sampled_from(among))
    owner_type, other_type = draw(st.sampled_from(RELATIONS))
    owner = draw(st.sampled_from([ref for ref in of if str(ref.type) == owner_type]))
    other = draw(st.sampled_from([ref for ref in of if str(ref.type) == other_type]))
    return owner, other


@st.composite
def metadata(draw: st.DrawFn, pair: Pair) -> Metadata:
    """What may be said of a link."""
    if kind(pair) in WITH_MAIN:
        return Metadata(is_main=draw(st.sampled_from([None, True, True, False])))
    if kind(pair)[1] == "element":
        quantity = draw(st.sampled_from([None, *QUANTITIES]))
        price = draw(st.sampled_from([None, None, *PRICES]))
        return Metadata(quantity=quantity, price_id=price)
    return Metadata()


@st.composite
def links(draw: st.DrawFn, of: Sequence[Ref], most: int = 22) -> State:
    """Links as an account may have them: now and then two companies, or two main contacts."""
    state: State = {}
    messy = draw(st.integers(0, 9)) == 0
    for _ in range(draw(st.integers(0, most))):
        pair = draw(pairs(of))
        if not messy and _has_place(state, pair):
            continue
        link = draw(metadata(pair))
        if (
            link.is_main
            and not messy
            and any(one.is_main for far, one in state.items() if far[0] == pair[0])
        ):
            link = Metadata(is_main=False)
        if kind(pair)[1] == "element" and link.quantity is None:
            link = Metadata(quantity=draw(st.sampled_from([None, 1.0])), price_id=link.price_id)
        state[pair] = Metadata(link.is_main, link.quantity, link.price_id or None)
    return state


def _has_place(state: State, pair: Pair) -> bool:
    takes = kind(pair)[1] == "company" and kind(pair)[0] in ONE_COMPANY
    return takes and any(
        far[0] == pair[0] and far[1] != pair[1] and kind(far)[1] == "company" for far in state
    )


@st.composite
def outside(draw: st.DrawFn, of: Sequence[Ref], among: Sequence[Pair]) -> Outside:
    """Something that another person does, as often as not to a link that edits are about."""
    pair = draw(pairs(of, among))
    what = draw(st.sampled_from(["link", "link", "unlink", "unlink", "delete"]))
    return Outside(what, pair, draw(metadata(pair)))


@st.composite
def edits(draw: st.DrawFn, of: list[Ref], among: list[Pair]) -> list[Edit]:
    """Edits of all verbs; they may well contradict each other."""
    return [_edit(draw, of, among) for _ in range(draw(st.integers(1, 12)))]


def _edit(draw: st.DrawFn, of: list[Ref], among: list[Pair]) -> Edit:
    verb = draw(st.sampled_from([*[Verb.LINK] * 4, *[Verb.UNLINK] * 3, Verb.MAIN, Verb.MOVE]))
    if verb is Verb.MOVE:
        a = draw(st.sampled_from(of))
        b = draw(st.sampled_from([ref for ref in of if ref.type is a.type and ref != a] or [a]))
        return Edit(verb, a, b)
    pair = draw(pairs(of, among))
    if verb is Verb.MAIN and kind(pair) not in (("lead", "contact"), ("customer", "contact")):
        verb = Verb.LINK
    return Edit(verb, *pair, draw(metadata(pair))) if verb is Verb.LINK else Edit(verb, *pair)


def world_of(of: Iterable[Ref], state: State) -> World:
    """The world that has these cards and links."""
    file: Json = {"account": {"id": ACCOUNT}, "catalogs": [{"id": one} for one in CATALOGS]}
    for ref in of:
        card: Json = {"id": ref.id, "name": f"{ref}"}
        if ref.catalog_id:
            card["catalog_id"] = ref.catalog_id
        file.setdefault(PLURAL[str(ref.type)], []).append(card)
    file["links"] = [_record(pair, link) for pair, link in state.items()]
    return load_world(file)


def _record(pair: Pair, link: Metadata) -> Json:
    owner, other = pair
    told: Json = {}
    if other.catalog_id:
        told["catalog_id"] = other.catalog_id
    if link.is_main is not None:
        told["main_contact"] = link.is_main
    if link.quantity is not None:
        told["quantity"] = link.quantity
    if link.price_id is not None:
        told["price_id"] = link.price_id
    return {
        "entity_type": PLURAL[str(owner.type)],
        "entity_id": owner.id,
        "to_entity_type": PLURAL[str(other.type)],
        "to_entity_id": other.id,
        "metadata": told or None,
    }


# The account


@dataclass(slots=True)
class Read:
    """One reading of links, and the world at that moment."""

    at: float
    """When it arrived, by the monotonic clock."""
    cards: frozenset[Ref]
    """Those that it named."""
    state: State | None = None
    whole: bool = False
    """Whether the answer arrived as it was meant."""


@dataclass(frozen=True, slots=True)
class Write:
    """One item of one write request."""

    at: float
    status: int | None
    verb: str
    pair: Pair
    said: Json
    number: int
    """Of the request."""

    @property
    def is_refused(self) -> bool:
        """Whether it was answered that it was not done."""
        return self.status in (400, 422, 429)

    @property
    def is_answered(self) -> bool:
        """Whether it was answered what became of it."""
        return self.is_refused or self.status in (200, 204)


@dataclass(slots=True)
class Noted:
    """What another person has done to a link."""

    at: float
    pair: Pair


_reading: ContextVar[Read | None] = ContextVar("_reading", default=None)


class _Watched(LinkStore):
    """The links of a world, which tell when they are looked at."""

    def __init__(self, store: LinkStore, looked: Callable[[], None]) -> None:
        self.relations = store.relations
        self._looked = looked

    def neighbours(self, entity_type: str, ids: Sequence[int], to_type: str) -> Any:
        """As ever, and told."""
        self._looked()
        return super().neighbours(entity_type, ids, to_type)


@dataclass
class Account:
    """A simulated account that can be given another world, and remembers what it was asked."""

    world: World = field(default_factory=lambda: load_world({}))
    reads: list[Read] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    on_request: dict[int, Outside] = field(default_factory=dict)
    """What others do when the n-th request arrives (from 0)."""
    requests: int = 0

    def __enter__(self) -> Self:
        self.simulator = Simulator(self.world, rate=None)
        self.simulator.app, self._app = self, self.simulator.app  # type: ignore[assignment]
        self.simulator.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.simulator.__exit__(*error)

    def begin(self, world: World, **behaviour: Any) -> None:
        """Be another account, of which nothing was asked yet."""
        self.simulator.settle()
        world.links = _Watched(world.links, self._looked)
        running = self.simulator.running
        running.behaviour = type(running.behaviour)().changed({"rate": None, **behaviour})
        running.faults.replace([])
        running.log.clear()
        self.world = running.world = world
        self.reads, self.noted, self.on_request, self.requests = [], [], {}, 0

    @property
    def state(self) -> State:
        """All links, now."""
        with self.world.lock:
            return links_of(self.world)

    def has(self, ref: Ref) -> bool:
        """Whether a card is there."""
        return self.world.has(PLURAL[str(ref.type)], ref.id, ref.catalog_id)

    def client(self, *, patient: bool = True) -> AmoClient:
        """A client without waits of its own; a patient one waits for all late work to be done."""

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(min(seconds, 0.005))
            while patient and self.simulator.running.underway.pending:
                await asyncio.sleep(0.002)

        return AmoClient(
            Address.parse(self.simulator.url),
            make_token(ACCOUNT),
            pacer=Pacer(math.inf, sleep=sleep),
            retry_policy=_NO_WAITS,
            transport=httpx.AsyncHTTPTransport(verify=_NO_TLS),
        )

    def do(self, change: Outside) -> None:
        """Let another person do something, by the rules of the CRM."""
        owner, other = change.pair
        with self.world.lock:
            before = links_of(self.world)
            if change.what == "delete":
                if str(other.type) != "element":
                    self.world.remove_card(PLURAL[str(other.type)], other.id)
            elif change.what == "unlink":
                self.world.unlink(*_ends(change.pair))
            elif self.has(owner) and self.has(other):
                self._link(change.pair, change.metadata, before)
            after = links_of(self.world)
            moment = time.monotonic()
            for pair in before.keys() | after.keys():
                if before.get(pair) != after.get(pair):
                    self.noted.append(Noted(moment, pair))

    def _link(self, pair: Pair, said: Metadata, before: State) -> None:
        for far, link in before.items():
            if far[0] != pair[0] or far == pair:
                continue
            if kind(pair)[1] == kind(far)[1] == "company" and kind(pair)[0] in ONE_COMPANY:
                self.world.unlink(*_ends(far))
            if said.is_main and kind(far)[1] == "contact" and link.is_main:
                self.world.link(*_ends(far), Carried(is_main=0))
        was = before.get(pair, Metadata())
        data = Carried()
        if kind(pair) in WITH_MAIN:
            data = Carried(is_main=int(bool(was.is_main if said.is_main is None else said.is_main)))
        elif kind(pair)[1] == "element":
            quantity = said.quantity or was.quantity or 1.0
            data = Carried(quantity=quantity, price_id=said.price_id or was.price_id or 0)
        self.world.link(*_ends(pair), data)

    def writes(self) -> list[Write]:
        """Every item of every write so far, in the order of arrival."""
        found: list[Write] = []
        for number, entry in enumerate(self.simulator.requests()):
            side, _, verb = entry["path"].removeprefix("/api/v4/").partition("/")
            if verb in ("link", "unlink"):
                found += [_write(entry, number, side, verb, item) for item in entry["items"] or ()]
        return found

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, and remember it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        change = self.on_request.pop(self.requests, None)
        self.requests += 1
        if change is not None:
            self.do(change)
        read = _read(scope)
        if read is None:
            await self._app(scope, receive, send)
            return
        self.reads.append(read)
        token = _reading.set(read)
        status, body, ended = 0, b"", False

        async def keep(message: Any) -> None:
            nonlocal status, body, ended
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                body += message.get("body", b"")
                ended = not message.get("more_body", False)
                # Before it leaves: the client may have gone on by the time that this returns.
                read.whole = ended and _is_whole(status, body)
            await send(message)

        try:
            await self._app(scope, receive, keep)
        finally:
            _reading.reset(token)

    def _looked(self) -> None:
        read = _reading.get()
        if read is not None and read.state is None:
            read.state = links_of(self.world)


def _read(scope: Any) -> Read | None:
    side, _, route = scope["path"].removeprefix("/api/v4/").partition("/")
    if scope["method"] != "GET" or not route.endswith("links") or side not in SINGULAR:
        return None
    query = parse_qsl(scope["query_string"].decode())
    ids = [value for name, value in query if name.startswith("filter[entity_id]")]
    single = route.partition("/")[0]
    ids += [single] if single.isdigit() else []
    refs = frozenset(Ref.parse(f"{SINGULAR[side]}:{number}") for number in ids)
    return Read(time.monotonic(), refs)


def _is_whole(status: int, body: bytes) -> bool:
    if status == 204:
        return True
    try:
        return status == 200 and isinstance(msgspec.json.decode(body), dict)
    except msgspec.DecodeError:
        return False


def _write(entry: LoggedRequest, number: int, side: str, verb: str, item: Json) -> Write:
    said = item.get("metadata") or {}
    owner = Ref.parse(f"{SINGULAR[side]}:{item['entity_id']}")
    other_type, other_id = SINGULAR[item["to_entity_type"]], item["to_entity_id"]
    catalog = said.get("catalog_id")
    other = Ref.parse(
        f"{other_type}:{catalog}/{other_id}" if catalog else f"{other_type}:{other_id}"
    )
    return Write(entry["monotonic"], entry["status"], verb, (owner, other), said, number)


def _ends(pair: Pair) -> tuple[str, int, str, int, int]:
    owner, other = pair
    return PLURAL[str(owner.type)], owner.id, PLURAL[str(other.type)], other.id, other.catalog_id
