"""The one place that puts the parts together: an account, its snapshots, its questions, its sync.

Commands, the browser and programs all go through a `Session`; none of them knows more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack
from urllib.parse import urlsplit

from sqlalchemy import Engine

from linkgraph.accounts import Account, expiry
from linkgraph.errors import (
    HomeUnusable,
    InvalidParameter,
    InvalidRef,
    MirrorError,
    NothingMirrored,
    UsageError,
)
from linkgraph.mirror.snapshots import Snapshot, Snapshots
from linkgraph.model import Ref, is_card_address, is_loopback
from linkgraph.plaintext import plain
from linkgraph.settings import QUESTIONS, Home
from queries import formats
from queries.asked import Sources
from queries.beside import Beside
from queries.cardlines import CardLine, card_lines
from queries.catalogue import Catalogue
from queries.compared import compared
from queries.engine import open_engine
from queries.lookup import CardView, Found
from queries.lookup import find as _find
from queries.lookup import show as _show
from queries.parameters import Kind, Value
from queries.runner import Answer
from queries.runner import ask as _ask
from queries.running import Stop
from queries.sandbox import SqlResult, run_sql
from queries.tablelist import TableInfo
from queries.tablelist import tables as _tables

if TYPE_CHECKING:
    from linkgraph.amocrm import AmoClient
    from linkgraph.edits.edits import Edits
    from linkgraph.edits.fixes import Fixed
    from linkgraph.edits.states import State
    from linkgraph.index import LinkIndex, Walk
    from linkgraph.mirror.forecast import Forecast
    from linkgraph.mirror.ledger import RunRecord
    from linkgraph.mirror.progress import Progress, Watcher
    from linkgraph.mirror.sync import Plan as MirrorPlan
    from linkgraph.mirror.sync import Report
    from linkgraph.pictures.drawing import Drawing
    from queries.figures import Figures
    from queries.health import Health
    from queries.impact import Impact, LinkDelta
    from queries.parts import Part, PartOf
    from queries.surroundings import Surroundings

#: The tables that `export` writes, each to a file of its own.
EXPORTED = (
    *("leads", "contacts", "companies", "customers", "catalogs", "elements", "identifiers"),
    *("users", "pipelines", "statuses", "links", "edges"),
)


def _unwatched(progress: "Progress") -> None:
    """Nobody looks on."""


class Session:
    """An account of a home, with the snapshot that was current when it was first asked for.

    >>> with linkgraph.open() as session:                                       # doctest: +SKIP
    ...     session.ask("companies-sharing-contacts", min_shared=2).rows()
    """

    def __init__(
        self, account: Account, *, memory_limit: str | None = None, read_only: bool = False
    ) -> None:
        self.account = account
        self.memory_limit = memory_limit
        """What DuckDB may take, such as «2GB»; None leaves it at 80 % of the machine's."""
        self.read_only = read_only or account.read_only
        """Whether nothing may be written to the CRM: the client then cannot."""
        self.snapshots = Snapshots(account.folder)
        self._comparisons: dict[tuple[int, int], Engine] = {}

    @classmethod
    def open(
        cls,
        account: str | None = None,
        home: Path | str | None = None,
        *,
        read_only: bool = False,
    ) -> Self:
        """The session of an account: the named one, else the default.

        With `read_only` nothing can be written to the CRM, whatever the account's settings say.

        Raises:
            NoAccount: there is none, or not that one.
        """
        return cls(Home.locate(home).account(account), read_only=read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the snapshot."""
        if "engine" in self.__dict__:
            self.engine.dispose()
            del self.__dict__["engine"]
        while self._comparisons:
            self._comparisons.popitem()[1].dispose()
        self.__dict__.pop("snapshot", None)
        self.__dict__.pop("index", None)
        if "edits" in self.__dict__:
            self.edits.close()
            del self.__dict__["edits"]

    # Reading the snapshot

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot that this session reads; `close` lets it look for a newer one.

        Raises:
            NothingMirrored: there is none yet.
        """
        return self.snapshots.require()

    @property
    def taken_at(self) -> datetime:
        """The moment of which the snapshot is (UTC).

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        return datetime.fromisoformat(self.snapshot.card().taken_at).replace(tzinfo=UTC)

    @cached_property
    def engine(self) -> Engine:
        """A read-only SQLAlchemy engine over the snapshot, sandboxed.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        self.snapshot.card()  # says plainly what a newer or damaged snapshot is
        folder, limit = self.account.folder, self.memory_limit
        return open_engine(self.snapshot.path, memory_limit=limit, temp_directory=folder)

    @cached_property
    def index(self) -> "LinkIndex":
        """The link index of the snapshot: neighbours, paths, components, what-if.

        Built first, in a second or two for ten million links, where the sync has not built it.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        from linkgraph.index import LinkIndex

        return LinkIndex.open(self.snapshot, self.ref)

    @cached_property
    def edits(self) -> "Edits":
        """The edits of links that wait to be pushed, and all that became of earlier ones.

        >>> session.edits.link("lead:1", "contact:2", main=True)                # doctest: +SKIP
        """
        from linkgraph.edits.edits import Edits

        return Edits(
            self.account,
            lambda: self.engine,
            self._newest,
            self.ref,
            client=self._client,
            mirror=self._mirror_plan,
        )

    def queue_fixes(self, answers: Iterable[Answer], updated_by: int | None = None) -> "Fixed":
        """Queue the edits that the rows of whole answers propose, where they are unambiguous.

        >>> session.queue_fixes([session.ask("leads-without-main-contact")])    # doctest: +SKIP

        A row's edits are queued together or not at all. Those that contradict the fix of another
        row are not queued, and bad ones do not stop the others: both are told of.

        Raises:
            UsageError: a question's rows have no fixes, or its answer is not whole.
        """
        from linkgraph.edits.fixes import Fix, Refused, queue_fixes, read
        from queries.runner import FIX

        found: list[Fix | Refused] = []
        for answer in answers:
            name = answer.question.name
            if FIX not in answer.table.column_names:
                raise UsageError(
                    f"«{name}» proposes no edits: its rows have no column {FIX}",
                    hint="linkgraph health tells which questions have safe fixes",
                )
            if answer.not_shown:
                raise UsageError(
                    f"the answer to «{name}» is cut: {answer.not_shown:,} rows are left out",
                    hint="ask without a limit",
                )
            found += read(name, answer.table.column(FIX).to_pylist())
        return queue_fixes(self.edits, found, updated_by)

    def edit_counts(self) -> "dict[State, int]":
        """How many edits are in each state, without those that none is in. Changes nothing."""
        from linkgraph.edits import journaltables

        return journaltables.counts(self._ledger)

    def last_push(self) -> dict[str, Any] | None:
        """The newest push, as the table `pushes` has it; None where there was none yet."""
        from linkgraph.edits import journaltables

        pushes = journaltables.read(self._ledger, ["pushes"])["pushes"]
        return pushes.slice(pushes.num_rows - 1).to_pylist()[0] if pushes.num_rows else None

    def _newest(self) -> Snapshot | None:
        """The snapshot that this session reads, if there is one yet."""
        try:
            return self.snapshot
        except NothingMirrored:
            return None

    @property
    def sources(self) -> Sources:
        """What a question may look at."""
        return Sources(self.engine, lambda: self.index, self._compare, self._beside)

    def _compare(self, since: str, until: str) -> Engine:
        earlier, later = compared(self.snapshots.all(), self.snapshot, since, until)
        key = earlier.number, later.number
        if key not in self._comparisons:
            folder = self.account.folder
            engine = open_engine(later.path, older=earlier.path, temp_directory=folder)
            self._comparisons[key] = engine
        return self._comparisons[key]

    @cached_property
    def catalogue(self) -> Catalogue:
        """The questions: those of the library, and the person's own in the home."""
        return Catalogue.load(self.account.home / QUESTIONS)

    def ask(
        self,
        question: str,
        parameters: Mapping[str, Value] | None = None,
        *,
        limit: int | None = None,
        timeout: float | None = None,
        stop: Stop | None = None,
        **more: Value,
    ) -> Answer:
        """Answer a question of the catalogue; parameters by name, typed or as text.

        Raises:
            UnknownQuestion, InvalidParameter: what was asked does not make sense.
            QueryStopped: it timed out or was stopped.
        """
        asked = self.catalogue.get(question)
        given = {**(parameters or {}), **more}
        for parameter in asked.parameters:
            value = given.get(parameter.name)
            if parameter.kind is Kind.CARD and isinstance(value, str) and is_card_address(value):
                self.ref(value)  # the address of another account's card is no card here
        return _ask(self.sources, asked, given, limit=limit, timeout=timeout, stop=stop)

    def health(
        self, worst: int = 5, *, timeout: float | None = None, stop: Stop | None = None
    ) -> "Health":
        """Every problem question asked, with the worst rows of each and what changed.

        `timeout` is in seconds, for each question. One that fails is told of in its place.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
            QueryStopped: it was stopped.
        """
        from queries.health import examine, keep_findings

        health = examine(
            self.sources,
            self.catalogue,
            worst,
            account=self.account.name,
            timeout=timeout,
            stop=stop,
        )
        keep_findings(self.snapshot, health.findings)
        older = [one for one in self.snapshots.all() if one.number < self.snapshot.number]
        if not older:
            return health
        with type(self)(self.account) as before:
            before.snapshot, before.catalogue = older[-1], self.catalogue
            try:
                return health.since(older[-1].number, before.figures(timeout=timeout, stop=stop))
            except MirrorError as error:
                return replace(health, uncompared=error.message)

    def figures(self, *, timeout: float | None = None, stop: Stop | None = None) -> "Figures":
        """How many problems there are, by question: as kept with the snapshot, else counted now.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
            QueryStopped: it was stopped.
        """
        from queries.health import figures_of

        return figures_of(
            self.snapshot, self.catalogue, lambda: self.sources, timeout=timeout, stop=stop
        )

    def sql(
        self,
        text: str,
        parameters: Mapping[str, Value] | None = None,
        *,
        timeout: float | None = None,
        stop: Stop | None = None,
    ) -> SqlResult:
        """Run one SELECT-like statement over the snapshot; see `queries.sandbox.run_sql`.

        The journal of edits stands beside it: `edits`, `edit_events`, `pushes` and `changes`, as
        they are when the statement begins.
        """
        return run_sql(
            self.engine,
            text,
            parameters=parameters,
            timeout=timeout,
            stop=stop,
            beside=self._beside,
        )

    def schema(self, *names: str) -> list[TableInfo]:
        """The tables and views, or those of these names, with what their columns mean.

        Raises:
            InvalidParameter: there is none of a name.
        """
        return _tables(self.engine, names, self._beside)

    def ref(self, text: str) -> Ref:
        """A card by its ref, or by its address in this account.

        Raises:
            InvalidRef: the text names no card, or a card of another account.
        """
        ref = Ref.parse(text)
        host = urlsplit(text.strip()).hostname if "://" in text else None
        own = urlsplit(self.account.settings.url).hostname or ""
        if host is not None and host != own and not (is_loopback(host) and is_loopback(own)):
            raise InvalidRef(
                f"«{plain(text.strip(), 80)}» is a card of another account than {own}",
                hint="name the account it belongs to: --account NAME",
            )
        return ref

    def find(self, text: str, limit: int = 20) -> tuple[list[Found], int]:
        """Cards by id, address, phone, e-mail or part of their name, and how many there are.

        Raises:
            InvalidParameter: there is nothing to look for.
            InvalidRef: it is the address of another account's card.
        """
        if is_card_address(text):
            self.ref(text)
        if not text.strip():
            raise InvalidParameter(
                "there is nothing to look for",
                hint="give a name, a phone, an e-mail, an id or a card's address",
            )
        return _find(self.engine, text, country=self.account.settings.phone_country, limit=limit)

    def show(self, ref: Ref, limit: int = 50) -> CardView:
        """A card with its fields and links.

        Raises:
            InvalidRef: the snapshot has no such card.
        """
        view = _show(self.engine, ref, limit=limit)
        if view is None:
            raise InvalidRef(
                f"snapshot {self.snapshot.number} has no {ref}",
                hint=f"a card made since then comes with: linkgraph sync {ref}",
            )
        return view

    def cards(self, refs: Iterable[Ref | str]) -> dict[Ref, CardLine]:
        """Names, addresses and states of many cards at once; none is missing.

        Raises:
            InvalidRef: a text names no card.
        """
        return card_lines(self.engine, map(self._card, refs))

    def surroundings(
        self, card: Ref | str, depth: int = 2, walk: "Walk | None" = None, limit: int = 50
    ) -> "Surroundings":
        """What lies within `depth` links of a card, as a tree with at most `limit` cards a level.

        Raises:
            InvalidRef: the snapshot has no such card.
            InvalidParameter: the depth or the limit is below 1.
        """
        from linkgraph.index import Walk
        from queries.surroundings import surroundings

        ref = self._card(card)
        return surroundings(self.engine, self.index, ref, depth, walk or Walk(), limit)

    def impact(self, deltas: "Iterable[LinkDelta]") -> "Impact":
        """What changes of links would do to the account as a whole; see `queries.impact`."""
        from queries.impact import impact

        return impact(self.index, deltas)

    def draw(self, **of: "Unpack[PartOf]") -> "Drawing":
        """A part of the graph, for `linkgraph.pictures`; see `queries.parts.PartOf`.

        >>> drawing = session.draw(around="lead:1", depth=2)                    # doctest: +SKIP

        Raises:
            InvalidRef: the snapshot has no such card.
            InvalidParameter: not one of `around`, `component` and `path` was given.
            LinkgraphError: no path joins the two cards.
        """
        from linkgraph.index import Walk
        from queries import drawings

        part = self._part({"limit": drawings.CARDS, **of})
        if part is None:
            raise InvalidParameter(
                "a picture of the whole graph shows nothing",
                hint="say of what: around, component or path",
            )
        age = f"snapshot {self.snapshot.number} of {self.taken_at:%Y-%m-%d %H:%M} UTC"
        return drawings.drawing(self.engine, self.index, part, of.get("walk", Walk()), age)

    def picture(self, target: Path | str, **of: "Unpack[PartOf]") -> "Drawing":
        """Draw a part of the graph into a file that ends in .svg or .html; returns the drawing.

        Raises:
            UsageError: the file's name says neither; else as `draw`.
            LinkgraphError: the file cannot be written.
        """
        from queries.graph_files import write_picture

        drawing = self.draw(**of)
        write_picture(drawing, Path(target))
        return drawing

    def export_graph(self, target: Path | str, **of: "Unpack[PartOf]") -> tuple[int, int]:
        """Write the graph, or a part of it, as GraphML; returns how many cards and links it has.

        Raises:
            InvalidRef, InvalidParameter: as `draw`.
            LinkgraphError: the file cannot be written, or no path joins the two cards.
        """
        from linkgraph.index import Walk
        from queries.graph_files import write_graphml

        part, walk = self._part(of), of.get("walk", Walk())
        cards = None if part is None else list(part.rings)
        return write_graphml(self.engine, self.index, cards, walk, Path(target))

    def export(self, folder: Path, format: str, tables: Iterable[str] = EXPORTED) -> dict[str, int]:
        """Write tables to a folder, a file each; returns the rows written, by table.

        Raises:
            InvalidParameter: a table is none of `EXPORTED`.
            UsageError: the format is none of `queries.formats.FORMATS`.
            LinkgraphError: the folder cannot be written.
        """
        wanted = tuple(dict.fromkeys(tables))
        if unknown := [name for name in wanted if name not in EXPORTED]:
            raise InvalidParameter(
                f"no table {unknown[0][:40]!r} is exported", hint=f"tables: {', '.join(EXPORTED)}"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeUnusable(
                f"{folder} cannot be made: {error.strerror}", hint="choose another folder"
            ) from error
        written: dict[str, int] = {}
        for name in wanted:
            with self.sql(f"select * from {name}") as rows:
                written[name] = formats.write(rows.reader(), folder / f"{name}.{format}", format)
        return written

    # Asking the CRM

    def sync(
        self,
        refs: Iterable[Ref] = (),
        *,
        watch: "Watcher" = _unwatched,
        rate: float | None = None,
        accept_removals: bool = False,
    ) -> "Report":
        """Mirror the account, or just some cards, and publish a snapshot.

        The session goes on reading the snapshot it has until it is closed.

        Raises:
            SyncRunning, ApiError, TooManyRemovals, PublishFailed: see `mirror.sync.sync`.
        """
        from linkgraph.mirror.sync import sync

        plan = self._mirror_plan(refs, accept_removals=accept_removals)
        return sync(self._client(rate), plan, watch)

    def _client(self, rate: float | None = None) -> "AmoClient":
        from linkgraph import access  # asking the CRM brings a web client along, reading does not

        return access.client(self.account, rate=rate, read_only=self.read_only)

    def _mirror_plan(
        self, refs: Iterable[Ref] = (), *, accept_removals: bool = False
    ) -> "MirrorPlan":
        from linkgraph.index.store import write
        from linkgraph.mirror.sync import Plan

        settings = self.account.settings
        return Plan(
            folder=self.account.folder,
            phone_country=settings.phone_country,
            keep=settings.keep,
            max_removals=1.0 if accept_removals else settings.max_removals,
            refs=tuple(dict.fromkeys(refs)),
            build_index=write,
        )

    def forecast(self, rate: float | None = None) -> "Forecast":
        """What a full sync will cost, as far as that is known before it.

        Raises:
            SettingsError: the rate is above what the CRM allows, or none.
        """
        from linkgraph.access import checked_rate
        from linkgraph.amocrm import Address
        from linkgraph.mirror.forecast import forecast
        from linkgraph.mirror.ledger import Ledger, MassListFacts

        last = self.snapshots.current()
        facts = MassListFacts()
        if self._ledger.exists():
            with Ledger(self._ledger) as ledger:
                facts = ledger.mass_list()
        settings = self.account.settings
        pace = checked_rate(settings.rate if rate is None else rate, Address.parse(settings.url))
        if last is None:
            return forecast(None, None, facts, pace)
        return forecast(last.card().cards, last.number, facts, pace)

    def runs(self, count: int = 10) -> "list[RunRecord]":
        """The newest attempts to sync, newest first, with their errors."""
        if not self._ledger.exists():
            return []
        from linkgraph.mirror.ledger import Ledger

        with Ledger(self._ledger) as ledger:
            return ledger.last_runs(count)

    def token_ends(self) -> datetime | None:
        """When the account's token ends (UTC); None where it does not say."""
        return expiry(self.account.token)

    def _card(self, card: Ref | str) -> Ref:
        return card if isinstance(card, Ref) else self.ref(card)

    def _part(self, of: "PartOf") -> "Part | None":
        from queries.parts import chosen

        return chosen(self.index, of, self._card)

    @property
    def _beside(self) -> Beside:
        """The journal, as tables for SQL."""
        from linkgraph.edits import journaltables

        return Beside(journaltables.SCHEMAS, lambda names: journaltables.read(self._ledger, names))

    @property
    def _ledger(self) -> Path:
        return self.account.folder / "account.sqlite"
