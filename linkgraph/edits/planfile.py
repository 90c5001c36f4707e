"""A plan as a file: to be reviewed, and pushed by somebody else.

Whoever pushes it takes its edits into their own journal and plans them anew; only if that gives the
very changes that the file shows are they pushed.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from linkgraph.edit import Edit
from linkgraph.edits.changes import Change
from linkgraph.edits.entries import Base, Entry, Origin, Source
from linkgraph.edits.plan import Plan
from linkgraph.errors import HomeUnusable, UsageError
from linkgraph.model import Metadata, Ref
from linkgraph.plaintext import plain
from linkgraph.settings import write_private

FORMAT = 1
_LARGEST = 500 * 2**20
"""Bytes of a file that is read at all."""


class _Base(msgspec.Struct):
    link: Metadata | None = None
    slot: list[str] = []


class _Edit(msgspec.Struct):
    uuid: str
    edit: str
    queued_by: str = ""
    origin: str = ""
    updated_by: int | None = None
    base: _Base | None = None


class _Change(msgspec.Struct):
    owner: str
    other: str
    before: Metadata | None
    after: Metadata | None
    write: Metadata
    way: str
    note: str = ""


class _File(msgspec.Struct):
    linkgraph_plan: int
    account: str
    base_url: str
    made_at: datetime
    planned_by: str
    edits: list[_Edit]
    changes: list[_Change]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan's file holds."""

    name: str
    account: str
    base_url: str
    made_at: datetime
    planned_by: str
    entries: tuple[Entry, ...]
    shown: frozenset[object]
    """The changes that it shows, to be compared with those of a new plan (`fingerprint`)."""


def fingerprint(changes: tuple[Change, ...]) -> frozenset[object]:
    """What there is to compare of changes, whatever numbers they have."""
    return frozenset(_shown(change) for change in changes)


def write(plan: Plan, target: Path, by: str) -> None:
    """Write a plan to a file, for its owner alone to read: whole or not at all.

    Raises:
        HomeUnusable: it cannot be written.
    """
    pushed = {edit.id for edit in plan.pushed}
    file = _File(
        linkgraph_plan=FORMAT,
        account=plan.account,
        base_url=plan.base_url,
        made_at=plan.made_at,
        planned_by=by,
        edits=[
            _Edit(
                edit.uuid,
                str(edit.edit),
                edit.by,
                str(edit.origin),
                edit.updated_by,
                None
                if edit.base is None
                else _Base(edit.base.link, list(map(str, edit.base.slot))),
            )
            for edit in plan.edits
            if edit.id in pushed
        ],
        changes=[
            _Change(
                str(change.pair[0]),
                str(change.pair[1]),
                change.before,
                change.after,
                change.write,
                change.way.value,
                change.note,
            )
            for change in plan.changes
        ],
    )
    text = msgspec.json.format(msgspec.json.encode(file), indent=1).decode()
    try:
        write_private(target, text + "\n")
    except OSError as error:
        raise HomeUnusable(
            f"{plain(target, 200)} cannot be written: {error.strerror or error}",
            hint="choose another place",
        ) from error


def read(source: Path) -> PlanFile:
    """Read a plan's file.

    Raises:
        UsageError: it is none, or cannot be read.
    """
    shown = plain(source, 200)
    try:
        if source.stat().st_size > _LARGEST:
            raise UsageError(f"{shown} is too large for a plan", hint="name a plan's file")
        content = source.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read: {error.strerror or error}", hint="name a plan's file"
        ) from error
    try:
        file = msgspec.json.decode(content, type=_File)
        entries = tuple(_entry(edit, source.name) for edit in file.edits)
        changes = frozenset(
            (Ref.parse(one.owner), Ref.parse(one.other), *_states(one)) for one in file.changes
        )
    except (msgspec.DecodeError, UnicodeDecodeError, UsageError) as error:
        raise UsageError(
            f"{shown} is no plan: {plain(str(error), 200)}",
            hint="linkgraph edits plan -o plan.json writes one",
        ) from error
    if file.linkgraph_plan != FORMAT:
        raise UsageError(
            f"{shown} is a plan of another version of linkgraph",
            hint="make a new one: linkgraph edits plan -o plan.json",
        )
    return PlanFile(
        source.name,
        file.account,
        file.base_url,
        file.made_at.replace(tzinfo=None),
        plain(file.planned_by, 80),
        entries,
        changes,
    )


def _entry(edit: _Edit, name: str) -> Entry:
    base = None
    if edit.base is not None:
        base = Base(edit.base.link, tuple(map(Ref.parse, edit.base.slot)))
    told = f"{name}: {edit.origin} by {edit.queued_by}"
    return Entry(Edit.parse(edit.edit), Origin(Source.FILE, told), edit.updated_by, base, edit.uuid)


def _shown(change: Change) -> tuple[Any, ...]:
    return (*change.pair, change.before, change.after, change.write, change.way.value)


def _states(change: _Change) -> tuple[Any, ...]:
    return change.before, change.after, change.write, change.way
