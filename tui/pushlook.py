"""A push under way, as lines: which phase it is in, how far it is, how long it still takes.

Pure: what is drawn follows from the progress and the seconds that have passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from linkgraph.plaintext import plain
from linkgraph.wording import pushwords
from linkgraph.wording.numbers import clock, counted

if TYPE_CHECKING:
    from linkgraph.edits.plan import Forecast
    from linkgraph.edits.pushing import PushProgress
    from tui.rows import Ink

#: The phases in their order, and what each does.
_PHASES = {
    "checking": "what is live is read once more, and must be as planned",
    "settling": "what was sent is read, to find out what became of it",
    "trying a few": "at most ten of each kind, read back before the rest goes",
    "sending": "in batches, each written down before it leaves",
    "reading back": "every touched card, to see what has become of its links",
    "publishing": "the mirror gets what was read back, as a new snapshot",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to know of a push under way."""

    title: str
    progress: PushProgress | None
    """None before the first word of it."""
    expected: Forecast | None
    """The requests that it takes when all goes as planned; None where nobody knows."""
    passed: float
    """Seconds."""
    resumed: bool = False
    stopping: bool = False


def drawn(look: Look, width: int, ink: Ink) -> Text:
    """The lines."""
    lines = [Text(plain(look.title, 200), ink.strong), Text()]
    progress = look.progress
    left_out = "checking" if look.resumed else "settling"
    phases = [phase for phase in _PHASES if phase != left_out]
    at = phases.index(progress.phase) if progress and progress.phase in phases else 0
    for place, phase in enumerate(phases):
        sign, style = ("✓", ink.good) if place < at else ("▸", ink.accent)
        if place > at:
            sign, style = "·", ink.quiet
        line = Text(f"  {sign} {phase:<13}", style)
        if place == at and width >= 76:
            line.append(f"  {_PHASES[phase]}", ink.quiet)
        lines.append(line)
    lines.append(Text())
    if progress is None:
        lines.append(Text("  connecting …", ink.quiet))
    else:
        lines += _far(look, progress, width, ink)
    lines.append(Text())
    if look.stopping:
        told = "stopping after the requests that are under way …"
        lines.append(Text(f"  {told}", ink.changed))
    else:
        lines.append(_key("esc", "stops between two requests; it can be taken up again", ink))
        lines.append(_key("1–5", "the other modes can be used meanwhile", ink))
    return Text("\n").join(lines)


def _far(look: Look, progress: PushProgress, width: int, ink: Ink) -> list[Text]:
    room = max(10, min(48, width - 34))
    full = room * progress.sent // max(progress.changes, 1)
    bar = Text("  ").append("━" * full, ink.good).append("─" * (room - full), ink.quiet)
    bar.append(f"  {progress.sent:,} of {progress.changes:,} links sent")
    parts = [counted(progress.requests, "request"), f"{clock(look.passed)} passed"]
    left = pushwords.left_of(progress, look.expected)
    parts += [left] if left else []
    lines = [bar, Text(f"  {' · '.join(parts)}", ink.quiet)]
    if held := pushwords.held(progress):
        lines.append(Text(f"  {held}", ink.changed))
    return lines


def _key(key: str, what: str, ink: Ink) -> Text:
    return Text.assemble((f"  {key:<4}", ink.accent)).append(what, ink.quiet)


def in_status(progress: PushProgress, expected: Forecast | None, *, stopping: bool) -> str:
    """The same in a few words, for the status line of every mode."""
    if stopping:
        return "push: stopping"
    left = pushwords.left_of(progress, expected)
    far = f" {progress.sent:,}/{progress.changes:,}" if progress.changes else ""
    return f"push: {progress.phase}{far}{f', {left}' if left else ''}"
