"""A push in words: what it is about to do, how far it is, what was left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgraph.edits.states import State
from linkgraph.wording.numbers import clock, counted

if TYPE_CHECKING:
    from linkgraph.edits.plan import Forecast, Plan
    from linkgraph.edits.pushbook import PushRecord
    from linkgraph.edits.pushing import PushProgress


def asked(plan: Plan, url: str) -> str:
    """What a push is about to do, naming the account and the numbers."""
    return (
        f"{counted(plan.links, 'link')} to make or change, {counted(plan.unlinks, 'link')} to "
        f"take away in account {plan.account} ({url})"
    )


def broken_off(left: PushRecord) -> str:
    """What stands of a push that was broken off."""
    waiting = left.counts.get(State.PLANNED, 0)
    open_ = left.counts.get(State.SENT, 0) + left.counts.get(State.UNKNOWN, 0)
    return (
        f"push {left.id} of {left.began_at:%Y-%m-%d %H:%M} UTC was broken off: "
        f"{counted(open_, 'change')} sent and not verified, {waiting:,} not sent"
    )


def doing(progress: PushProgress) -> str:
    """The phase of a push, and what it has asked so far."""
    return f"{progress.phase} · {counted(progress.requests, 'request')}"


def held(progress: PushProgress) -> str:
    """That the CRM asked for a pause, for as long as it lasts; nothing where it did not."""
    if progress.held_for < 1:
        return ""
    return f"waiting {clock(progress.held_for)} more as the CRM asked (429)"


def left_of(progress: PushProgress, expected: Forecast | None) -> str:
    """How long it still takes at the pace of the plan, while it goes as planned."""
    if expected is None or not 0 < progress.requests < expected.total:
        return ""
    seconds = expected.seconds * (expected.total - progress.requests) / expected.total
    return f"about {clock(seconds)} left" if seconds >= 1 else ""
