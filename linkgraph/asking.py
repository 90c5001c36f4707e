"""What can be asked of an account's snapshot: questions, SQL, cards, its index.

DuckDB, Arrow and SQLAlchemy come along with the first question: they take longer to import than a
browser to open.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from linkgraph.errors import MirrorError
from linkgraph.looking import Looking
from linkgraph.model import is_card_address
from linkgraph.once import once
from linkgraph.settings import QUESTIONS, Home

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from linkgraph.accounts import Account
    from linkgraph.mirror.merge import Change
    from queries.asked import Sources
    from queries.beside import Beside
    from queries.catalogue import Catalogue
    from queries.figures import Figures
    from queries.functions import FunctionInfo
    from queries.health import Health
    from queries.parameters import Value
    from queries.runner import Answer
    from queries.running import Stop
    from queries.sandbox import SqlResult
    from queries.tablelist import TableInfo


class Asking(Looking):
    """An account of a home, and what can be asked of its snapshot."""

    def __init__(
        self, account: Account, *, memory_limit: str | None = None, read_only: bool = False
    ) -> None:
        super().__init__(account)
        self.memory_limit = memory_limit
        """What DuckDB may take, such as «2GB»; None leaves it at 80 % of the machine's."""
        self.read_only = read_only or account.read_only
        """Whether nothing may be written to the CRM: the client then cannot."""
        self._comparisons: dict[tuple[int, int], Engine] = {}
        self._comparing = threading.Lock()

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

    def anew(self) -> Self:
        """Another session of the same account, which looks for the newest snapshot by itself."""
        return type(self)(self.account, memory_limit=self.memory_limit, read_only=self.read_only)

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
        super().close()

    @once
    def engine(self) -> Engine:
        """A read-only SQLAlchemy engine over the snapshot, sandboxed.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        from queries.engine import open_engine

        self.snapshot.card()  # says plainly what a newer or damaged snapshot is
        folder, limit = self.account.folder, self.memory_limit
        return open_engine(self.snapshot.path, memory_limit=limit, temp_directory=folder)

    @property
    def sources(self) -> Sources:
        """What a question may look at."""
        from queries.asked import Sources

        return Sources(self.engine, lambda: self.index, self._compare, self._beside)

    def _compare(self, since: str, until: str) -> Engine:
        from queries.compared import compared
        from queries.engine import open_engine

        earlier, later = compared(self.snapshots.all(), self.snapshot, since, until)
        key = earlier.number, later.number
        with self._comparing:
            if key not in self._comparisons:
                folder = self.account.folder
                engine = open_engine(later.path, older=earlier.path, temp_directory=folder)
                self._comparisons[key] = engine
            return self._comparisons[key]

    @once
    def catalogue(self) -> Catalogue:
        """The questions: those of the library, and the person's own in the home."""
        from queries.catalogue import Catalogue

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
        from queries.parameters import Kind
        from queries.runner import ask

        asked = self.catalogue.get(question)
        given = {**(parameters or {}), **more}
        for parameter in asked.parameters:
            value = given.get(parameter.name)
            if parameter.kind is Kind.CARD and isinstance(value, str) and is_card_address(value):
                self.ref(value)  # the address of another account's card is no card here
        return ask(self.sources, asked, given, limit=limit, timeout=timeout, stop=stop)

    def change_counts(
        self,
        since: int,
        until: int,
        *,
        timeout: float | None = None,
        stop: Stop | None = None,
    ) -> tuple[Change, ...]:
        """How many links of each relation changed between two kept snapshots, by their numbers.

        Counted once, as `ask("link-changes")` would, and kept with the later snapshot.

        Raises:
            InvalidParameter: one of them is not kept, or they stand the wrong way round.
            QueryStopped: it timed out or was stopped.
        """
        from queries.changecounts import change_counts
        from queries.compared import compared

        pair = compared(self.snapshots.all(), self.snapshot, str(since), str(until))
        question = self.catalogue.get("link-changes")
        return change_counts(self.sources, question, *pair, timeout=timeout, stop=stop)

    def health(
        self, worst: int = 5, *, timeout: float | None = None, stop: Stop | None = None
    ) -> Health:
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

    def figures(self, *, timeout: float | None = None, stop: Stop | None = None) -> Figures:
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
        from queries.sandbox import run_sql

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
        from queries.tablelist import tables

        return tables(self.engine, names, self._beside)

    def functions(self) -> list[FunctionInfo]:
        """The functions that SQL over the snapshot can call, with what they do."""
        from queries.functions import functions

        return functions(self.engine)

    @property
    def _beside(self) -> Beside:
        """The journal, as tables for SQL."""
        from linkgraph.edits import journaltables
        from queries.beside import Beside

        return Beside(journaltables.SCHEMAS, lambda names: journaltables.read(self._ledger, names))

    @property
    def _ledger(self) -> Path:
        return self.account.folder / "account.sqlite"
