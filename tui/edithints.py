"""Errors of edits with hints for whoever sits at the browser: keys instead of commands."""

from __future__ import annotations

import re

from linkgraph.errors import (
    LinkgraphError,
    NothingToPush,
    PlanStale,
    PushOpen,
    PushRunning,
)

_BY_KIND: dict[type[LinkgraphError], str] = {
    PlanStale: "p plans anew, against what is live now",
    PushRunning: "wait for it; what it does shows in the queue",
    PushOpen: "R in the queue takes it up again",
    NothingToPush: "queue something first: in Browse a links, x unlinks, m makes main",
}
#: What commands are in the browser.
_KEYS = (
    (re.compile(r"linkgraph edits undo\b( \d+)?"), "z on the push, in Edits (4)"),
    (re.compile(r"linkgraph edits push\b"), "R in the queue"),
    (re.compile(r"linkgraph edits plan\b( -o \S+)?"), "p in the queue"),
    (re.compile(r"linkgraph edits (list|log)\b"), "f in the queue"),
    (re.compile(r"linkgraph edits resolve\b.*"), "K, D or Q in the queue"),
    (re.compile(r"linkgraph sync\b"), "S"),
    (re.compile(r"linkgraph status\b"), "the status line"),
)


def in_browser(error: LinkgraphError) -> LinkgraphError:
    """The same error, its hint in keys of the browser."""
    hint = next((told for kind, told in _BY_KIND.items() if isinstance(error, kind)), None)
    if hint is None:
        hint = error.hint
        for command, keys in _KEYS:
            hint = command.sub(keys, hint)
    return LinkgraphError(error.message, hint=hint)
