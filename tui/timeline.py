"""The syncs of an account in lines: when each was, what it read, what it changed, or why it failed.

Nothing here asks anything: what is not known yet is said to be on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.style import Style
from rich.text import Text

from linkgraph.mirror.merge import Change
from linkgraph.plaintext import plain
from linkgraph.wording import syncwords
from linkgraph.wording.numbers import clock, counted
from queries.timeline import Ending, SyncEntry
from tui.rows import Cards, Ink, Row
from tui.shown import age

#: The row of a sync that is under way.
LIVE = ("live", 0)
_GLYPHS = {
    Ending.PUBLISHED: "●",
    Ending.FAILED: "✗",
    Ending.STOPPED: "◌",
    Ending.OPEN: "◌",
}
_GONE, _RUNS = "○", "▶"
_HEADING = Row(None, None)
#: From so many cells on a line has room for more.
_WITH_MOMENT, _WITH_READ = 64, 84


@dataclass(frozen=True, slots=True)
class Line:
    """One sync as the timeline shows it."""

    entry: SyncEntry | None
    """None for the sync that is under way."""
    now: datetime
    changes: Sequence[Change] | None = None
    """What it changed, once that is counted."""
    running: str = ""
    """How far it is, of one that is under way."""


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """The rows of the list, below what their columns are called."""
    rows = [Row(LIVE if line.entry is None else line.entry.key, line) for line in lines]
    return [_HEADING, *rows] if any(line.entry is not None for line in lines) else rows


def draw(row: Row, width: int, ink: Ink, cards: Cards) -> Sequence[Text]:
    """A sync in a line."""
    line: Line | None = row.value
    text = Text(" ", no_wrap=True, end="")
    if line is None:
        when = " UTC          " if width >= _WITH_MOMENT else ""
        read = f"{'':15}  " if width >= _WITH_READ else ""
        head = f"{'sync':>6}  {'age':<9}{when}{'took':>7}  {'read':<13}{read}changed"
        return [text.append(head, ink.quiet)]
    if line.entry is None:
        return [text.append(f"{_RUNS}  ", ink.accent).append(line.running, ink.accent)]
    entry = line.entry
    glyph = _GLYPHS[entry.ending]
    if entry.ending is Ending.PUBLISHED and not entry.is_kept:
        glyph = _GONE
    style = ink.trouble if entry.ending is Ending.FAILED else ink.quiet
    lively = Style() if entry.is_kept else ink.quiet
    text.append(glyph, ink.accent if entry.is_kept else style)
    text.append(f"{entry.number if entry.number is not None else '':>5}  ", lively + ink.strong)
    moment = _utc(entry.finished_at or entry.started_at)
    text.append(f"{age(moment, line.now):<9}", lively)
    if width >= _WITH_MOMENT:
        text.append(f" {moment:%m-%d %H:%M}  ", ink.quiet)
    text.append(f"{_lasted(entry):>7}  ", ink.quiet)
    text.append(f"{syncwords.KINDS.get(entry.kind, entry.kind):<13}", lively)
    if width >= _WITH_READ:
        read = "" if entry.cards is None else counted(entry.cards, "card")
        text.append(f"{read:>15}  ", ink.quiet)
    return [text.append_text(_came_of(line, ink))]


def _came_of(line: Line, ink: Ink) -> Text:
    """What a sync changed; where that cannot be said, why."""
    entry = line.entry
    assert entry is not None
    if entry.ending is Ending.FAILED:
        return Text(plain(entry.error, 300), ink.trouble)
    if entry.ending is Ending.STOPPED:
        return Text("stopped", ink.quiet)
    if entry.ending is Ending.OPEN:
        return Text("broken off", ink.quiet)
    if not entry.is_kept:
        return Text("not kept", ink.quiet)
    if entry.before is None:
        return Text("the first" if entry.number == 1 else "the oldest that is kept", ink.quiet)
    if line.changes is None:
        return Text("counting …", ink.quiet)
    return tally(line.changes, ink) or Text("no link changed", ink.quiet)


def tally(changes: Sequence[Change], ink: Ink) -> Text:
    """How many links were added, removed and changed in all; empty where none was."""
    styles = (ink.added, ink.removed, ink.changed)
    parts = []
    for (name, sign), style in zip(syncwords.SIGNS, styles, strict=True):
        count = sum(getattr(change, name) for change in changes)
        if count:
            parts.append(Text(f"{sign}{count:,}", style))
    return Text("  ").join(parts)


def headline(entry: SyncEntry, since: int | None, now: datetime) -> Text:
    """What the detail of a sync is of."""
    moment = _utc(entry.finished_at or entry.started_at)
    if entry.number is None:
        what = {Ending.FAILED: "A sync that failed", Ending.STOPPED: "A sync that was stopped"}
        title = what.get(entry.ending, "A sync that was broken off")
    elif since is None:
        title = f"Snapshot {entry.number}"
    else:
        title = f"Snapshot {entry.number} against {since}"
    told = [f"{age(moment, now)}" if age(moment, now) == "just now" else f"{age(moment, now)} ago"]
    told.append(f"{moment:%Y-%m-%d %H:%M} UTC")
    if entry.cards is not None:
        told.append(f"links of {counted(entry.cards, 'card')} read")
    if entry.requests is not None:
        told.append(counted(entry.requests, "request"))
    if entry.finished_at is not None:
        told.append(_lasted(entry))
    if entry.resumed:
        told.append("went on from a stopped one")
    if entry.not_whole:
        told.append(f"{counted(entry.not_whole, 'card')} not proved whole")
    return Text.assemble((title, "bold"), "  ", (" · ".join(told), "dim"))


def reason(entry: SyncEntry, keep: int) -> str:
    """Why there is nothing to compare of a sync, and what to do; a paragraph a line."""
    if entry.ending is Ending.FAILED:
        return (
            f"{plain(entry.error, 1000)}\n\n"
            "Nothing was published: the snapshot before it stands. What was read is kept: S syncs "
            "again and goes on from there."
        )
    if entry.ending in (Ending.STOPPED, Ending.OPEN):
        return (
            "It published nothing. What it had read is kept: S syncs again and goes on from there."
        )
    if not entry.is_kept:
        kept = "is kept" if keep == 1 else "are kept"
        return (
            f"This snapshot was removed when newer ones came: {keep} {kept}, and only what is kept "
            "can be compared.\n\nThe account's setting `keep` in config.toml says how many stay."
        )
    if entry.number == 1:
        return (
            "This is the first snapshot: there is nothing before it to compare with.\n\n"
            "Every later sync tells here which links it added, removed and changed, and how to "
            "bring back what was. S syncs now."
        )
    return (
        "This is the oldest snapshot that is kept: what stood before it is not there any more to "
        f"compare with.\n\nThe account's setting `keep` in config.toml says how many stay: {keep}."
    )


def _lasted(entry: SyncEntry) -> str:
    if entry.finished_at is None:
        return ""
    return clock(max(0.0, (entry.finished_at - entry.started_at).total_seconds()))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
