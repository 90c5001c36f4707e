"""A plan: what a push would do, what it would send, and whom it would set off.

Making one reads the live links of the cards that the edits touch and writes nothing.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from linkgraph.amocrm import AmoClient
from linkgraph.edit import Verb
from linkgraph.edits.batches import canary, count_requests, lists
from linkgraph.edits.changes import Change, Habits, Way
from linkgraph.edits.entries import QueuedEdit
from linkgraph.edits.live import Live
from linkgraph.edits.planning import Conflict, Outline, moved_along, outline, touched
from linkgraph.edits.reading import Reader
from linkgraph.errors import AccountBlocked, ApiError, Unauthorized
from linkgraph.mirror.clock import now
from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain

#: Edits that are tried first, at most.
CANARY = 10
#: A part of a webhook's path that is no key: those of most services are long, or have digits.
_PLAIN_WORD = re.compile(r"[A-Za-z._-]{0,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The requests that a push will send when nothing goes wrong."""

    reads: int
    """Mass lists: the check before it, the reading back of the first few and of all."""
    writes: int
    seconds: float
    """At the account's pace."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.reads + self.writes


@dataclass(frozen=True, slots=True)
class Plan:
    """What a push of some edits would do, as of `made_at`."""

    account: str
    base_url: str
    made_at: datetime
    """When the live links were read (UTC)."""
    edits: tuple[QueuedEdit, ...]
    """All that were planned, in the order in which they were queued."""
    changes: tuple[Change, ...]
    dropped: tuple[tuple[QueuedEdit, str], ...]
    conflicts: tuple[Conflict, ...]
    skipped: tuple[tuple[QueuedEdit, str], ...]
    warnings: tuple[str, ...]
    cards: tuple[Ref, ...]
    """The cards that are read before and after the push: the ends of all changes."""
    absent: frozenset[Ref]
    """Cards that edits name and that are not in the CRM."""
    requests: Forecast
    webhooks: tuple[str, ...] | None
    """Where the account's active webhooks go; None: the token's user may not list them."""
    undo_of: int | None = None
    gave_way: tuple[QueuedEdit, ...] = ()
    """What the edits of an undo replaced in the queue: queued anew if it is withdrawn."""

    @property
    def unlinks(self) -> int:
        """How many links will be there no more."""
        return sum(1 for change in self.changes if change.after is None)

    @property
    def links(self) -> int:
        """How many links will be there that were not, or carry something else."""
        return len(self.changes) - self.unlinks

    @property
    def pushed(self) -> tuple[QueuedEdit, ...]:
        """The edits of which something is to be sent."""
        used = {edit for change in self.changes for edit in change.edits}
        return tuple(edit for edit in self.edits if edit.id in used)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is made for."""

    account: str
    base_url: str
    rate: float
    """Requests a second."""
    batch: int
    """Items in a write."""
    max_ids: int
    """Cards in a mass list."""


async def make(
    client: AmoClient,
    reader: Reader,
    edits: Sequence[QueuedEdit],
    habits: Habits,
    terms: Terms,
    *,
    unknown: Collection[Ref] = (),
    owners: Mapping[Ref, Iterable[Ref]] | None = None,
    undo_of: int | None = None,
) -> Plan:
    """Plan edits against what is live.

    Args:
        client: open.
        reader: reads the links.
        edits: in the order in which they were queued.
        habits: how the account takes writes.
        terms: the account, its pace and its sizes.
        unknown: cards that the edits name and the snapshot does not know: are they there?
        owners: the cards that have the elements which are to be moved.
        undo_of: the push that the edits take back.

    Raises:
        ApiError: the CRM did not answer.
    """
    made_at = now()
    absent = await reader.absent(unknown)
    first = dict.fromkeys([*touched(edits), *_all(owners)])
    live = await reader.links(ref for ref in first if ref not in absent)
    if along := moved_along(edits, live):
        live = live.with_more(await reader.links(along))
    found = outline(edits, live, absent, habits)
    cards = _cards(found, edits, owners)
    return Plan(
        account=terms.account,
        base_url=terms.base_url,
        made_at=made_at,
        edits=tuple(edits),
        changes=found.changes,
        dropped=found.dropped,
        conflicts=found.conflicts,
        skipped=found.skipped,
        warnings=tuple(_warnings(edits, live, unknown, absent)),
        cards=cards,
        absent=frozenset(absent),
        requests=forecast(found.changes, cards, terms),
        webhooks=await _webhooks(client) if found.changes else (),
        undo_of=undo_of,
    )


def forecast(changes: Sequence[Change], cards: Sequence[Ref], terms: Terms) -> Forecast:
    """The requests that a push of some changes takes, from the check before it on."""
    if not changes:
        return Forecast(0, 0, 0.0)
    tried = canary(changes, CANARY)
    rest = [change for change in changes if change not in tried]
    reads = 2 * _count(lists(cards, terms.max_ids))
    if tried and rest:
        named = dict.fromkeys(ref for change in tried for ref in change.pair)
        reads += _count(lists(named, terms.max_ids))
    relinks = [change for change in tried if change.way is Way.RELINK]
    others = [change for change in tried if change.way is not Way.RELINK]
    writes = sum(count_requests(part, terms.batch) for part in (others, relinks, rest))
    return Forecast(reads, writes, (reads + writes) / terms.rate)


def _count(found: Iterable[object]) -> int:
    return sum(1 for _ in found)


def _cards(
    found: Outline, edits: Iterable[QueuedEdit], owners: Mapping[Ref, Iterable[Ref]] | None
) -> tuple[Ref, ...]:
    """The cards whose links make the same outline again, for the edits that have changes."""
    used = {edit for change in found.changes for edit in change.edits}
    named = touched(edit for edit in edits if edit.id in used)
    ends = [ref for change in found.changes for ref in change.pair]
    cards = dict.fromkeys([*named, *ends, *(_all(owners) if used else ())])
    return tuple(ref for ref in cards if ref.type is not EntityType.ELEMENT)


def _warnings(
    edits: Iterable[QueuedEdit], live: Live, unknown: Collection[Ref], absent: Collection[Ref]
) -> Iterable[str]:
    new = [ref for ref in unknown if ref not in absent]
    if new:
        yield f"newer than the snapshot, and there: {_named(new)}"
    for edit in edits:
        if edit.edit.verb is Verb.MOVE:
            kept = [
                ref
                for ref in live.links_of(edit.edit.b)
                if ref.type is EntityType.COMPANY and edit.edit.b.type is EntityType.CONTACT
            ]
            lost = [
                ref
                for ref in live.links_of(edit.edit.a)
                if ref.type is EntityType.COMPANY and edit.edit.a.type is EntityType.CONTACT
            ]
            if kept and set(lost) - set(kept):
                yield (
                    f"{edit.edit.b} keeps its own company {kept[0]}; "
                    f"{edit.edit.a} leaves {_named(lost)}"
                )


async def _webhooks(client: AmoClient) -> tuple[str, ...] | None:
    """Where the active webhooks go, as far as it is no secret."""
    try:
        found = await client.webhooks()
    except (AccountBlocked, Unauthorized):
        raise
    except ApiError:
        return None
    return tuple(_place(hook.destination) for hook in found if not hook.disabled)


def _place(address: str) -> str:
    """The host of an address, and the plain words of its path: the rest may be a secret."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "an address that cannot be read"
    words = [word if _PLAIN_WORD.fullmatch(word) else "…" for word in parts.path.split("/")]
    return plain(host + "/".join(words), 80)


def _named(refs: Sequence[Ref]) -> str:
    more = f" and {len(refs) - 5} more" if len(refs) > 5 else ""
    return ", ".join(map(str, refs[:5])) + more


def _all(owners: Mapping[Ref, Iterable[Ref]] | None) -> list[Ref]:
    return [ref for refs in (owners or {}).values() for ref in refs]
