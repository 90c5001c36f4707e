"""The mirror's tables in `account.sqlite`: runs, what was learned of the API, what was touched.

A run is one attempt to sync, published or not; a sync is a run that published. A card is touched
when its links are written: whatever was read of them until then is old.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from linkgraph.mirror.accountfile import AccountFile
from linkgraph.mirror.clock import now
from linkgraph.model import CARD_TYPES, EntityType, Ref

_METADATA = MetaData()
_RUNS = Table(
    "runs",
    _METADATA,
    Column("run_id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime),
    Column("resumed", Integer, nullable=False, default=0),
    Column("requests", Integer),
    Column("snapshot", Integer),
    Column("error", String),
)
_FACTS = Table(
    "facts",
    _METADATA,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("learned_at", DateTime, nullable=False),
)
_TOUCHED = Table(
    "touched",
    _METADATA,
    Column("type", String, primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
)


#: The error of a run that a person stopped.
STOPPED = "stopped"


@dataclass(slots=True)
class MassListFacts:
    """How an account's mass lists answer, as far as it has shown (amocrm-api, section 1.4)."""

    max_ids: int = 250
    """The most ids that were answered; smaller where the server complained."""
    largest_without_next: int = 0
    """The most links that one answer held without a next page: no cap lies below."""
    cap: int | None = None
    """An answer was seen cut to so many links, silently; None: no such thing was seen."""
    checked: bool = False
    """Whether a large set was seen to be the same when read in small ones, or to be paged."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the ledger has it."""

    run_id: int
    kind: str
    started_at: datetime
    finished_at: datetime | None
    resumed: bool
    requests: int | None
    snapshot: int | None
    error: str | None


class Ledger:
    """An account's `account.sqlite`, made when it is missing."""

    def __init__(self, path: Path) -> None:
        self._file = AccountFile(path, _METADATA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def begin_run(self, kind: str, *, resumed: bool) -> int:
        """Note that a run begins; returns its id."""
        with self._file.writing() as connection:
            result = connection.execute(
                insert(_RUNS).values(kind=kind, started_at=now(), resumed=int(resumed))
            )
            assert result.inserted_primary_key is not None  # SQLite always tells it
            return int(result.inserted_primary_key[0])

    def end_run(
        self,
        run_id: int,
        *,
        requests: int,
        snapshot: int | None = None,
        error: str | None = None,
    ) -> None:
        """Note how a run ended: with a snapshot, or with an error."""
        with self._file.writing() as connection:
            connection.execute(
                update(_RUNS)
                .where(_RUNS.c.run_id == run_id)
                .values(finished_at=now(), requests=requests, snapshot=snapshot, error=error)
            )

    def last_runs(self, count: int = 10) -> list[RunRecord]:
        """The newest runs, newest first."""
        with self._file.reading() as connection:
            rows = connection.execute(
                select(_RUNS).order_by(_RUNS.c.run_id.desc()).limit(count)
            ).mappings()
            return [RunRecord(**{**row, "resumed": bool(row["resumed"])}) for row in rows]

    def mass_list(self) -> MassListFacts:
        """What was learned of the mass lists; the defaults for an account not met before."""
        known = self._fact("mass_list") or {}
        names = {item.name for item in fields(MassListFacts)}
        return MassListFacts(**{name: value for name, value in known.items() if name in names})

    def learn_mass_list(self, facts: MassListFacts) -> None:
        """Keep what was learned of the mass lists."""
        statement = sqlite.insert(_FACTS).values(
            name="mass_list", value=asdict(facts), learned_at=now()
        )
        with self._file.writing() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"],
                    set_={
                        "value": statement.excluded["value"],
                        "learned_at": statement.excluded["learned_at"],
                    },
                )
            )

    def touch(self, cards: Iterable[Ref], at: datetime | None = None) -> None:
        """Note, durably, that links of these cards are about to be or were written.

        Syncs read again what they read of these cards until then, before they publish it. Elements
        are left out: their links are told by their owners.

        Args:
            cards: both ends of every link, and whatever else the write may change.
            at: the moment (UTC, without a zone); by default this one.
        """
        moment = at or now()
        rows = [
            {"type": ref.type.value, "id": ref.id, "at": moment}
            for ref in dict.fromkeys(cards)
            if ref.type in CARD_TYPES
        ]
        if not rows:
            return
        statement = sqlite.insert(_TOUCHED)
        newest = func.max(_TOUCHED.c.at, statement.excluded["at"])
        with self._file.writing() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["type", "id"], set_={"at": newest}),
                rows,
            )

    def touched(self, since: datetime | None = None) -> dict[Ref, datetime]:
        """When each card was last touched (UTC, without a zone); those before `since` left out."""
        query = select(_TOUCHED.c.type, _TOUCHED.c.id, _TOUCHED.c.at)
        if since is not None:
            query = query.where(_TOUCHED.c.at >= since)
        with self._file.reading() as connection:
            rows = connection.execute(query).all()
        return {Ref(EntityType(kind), card_id): at for kind, card_id, at in rows}

    def _fact(self, name: str) -> dict[str, Any] | None:
        with self._file.reading() as connection:
            value = connection.scalar(select(_FACTS.c.value).where(_FACTS.c.name == name))
        return value if isinstance(value, dict) else None
