"""A sync in words: how far it is, how long it will take yet, and what it did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from linkgraph.model import CARD_TYPES
from linkgraph.plaintext import plain
from linkgraph.wording.numbers import clock, counted, duration

if TYPE_CHECKING:
    from linkgraph.errors import TooManyRemovals
    from linkgraph.mirror.forecast import Forecast
    from linkgraph.mirror.merge import Change
    from linkgraph.mirror.progress import Progress
    from linkgraph.mirror.sync import Report

#: What a sync did to links, as the fields of a `Change`, with its sign.
SIGNS = (("added", "+"), ("removed", "−"), ("changed", "~"))
#: What each kind of sync read.
KINDS = {"full": "all", "cards": "some cards", "push": "after a push"}
_PAGE = 250


def seconds_left(progress: Progress) -> tuple[float, bool] | None:
    """Seconds to go and whether that is by known totals; None where nothing is known.

    Without known totals the last snapshot's counts stand in for them.
    """
    if progress.phase != "cards and links" or progress.rate <= 0:
        return None
    requests = 0.0
    for kind in CARD_TYPES:
        expected = progress.expected(kind)
        if expected is None:
            return None
        requests += max(0, expected - progress.cards_listed.get(kind, 0)) / _PAGE
        requests += max(0, expected - progress.cards_read.get(kind, 0)) / _PAGE
    return requests / progress.rate, progress.totals_known


def doing(progress: Progress) -> str:
    """The phase, and the step within it where there is one to name."""
    step = plain(progress.step, 200)
    return f"{progress.phase} · {step}" if step else progress.phase


def held(progress: Progress) -> str:
    """How long the CRM asked to wait, where it did."""
    if progress.held_for < 1:
        return ""
    return f"waiting {clock(progress.held_for)} more as the CRM asked (429)"


def left(progress: Progress) -> str:
    """How long it will take yet, where that is known."""
    told = seconds_left(progress)
    if told is None:
        return ""
    seconds, known = told
    return f"{clock(seconds)} left" + ("" if known else " by the last snapshot's counts")


def in_a_line(progress: Progress | None, named: int = 0) -> str:
    """How far a sync is: «sync 42 % · 1,204/2,900 cards · 0:38 left».

    Args:
        progress: None before anything was told.
        named: how many cards were asked for by name; 0 means all.
    """
    if progress is None:
        return "sync begins"
    if named:
        what = f"sync of {counted(named, 'card')} · {doing(progress)}"
    elif progress.phase == "cards and links":
        what = _share(progress)
    else:
        what = f"sync · {doing(progress)}"
    if waiting := held(progress):
        return f"{what} · {waiting}"
    told = None if named else seconds_left(progress)
    return what if told is None else f"{what} · {clock(told[0])} left"


def _share(progress: Progress) -> str:
    """How much of all cards is read; just how many where their number is not known."""
    read = sum(progress.cards_read.get(kind, 0) for kind in CARD_TYPES)
    listed = sum(progress.cards_listed.get(kind, 0) for kind in CARD_TYPES)
    expected = [progress.expected(kind) for kind in CARD_TYPES]
    total = sum(count or 0 for count in expected)
    if None in expected or not total:
        return f"sync · {read:,} cards of {listed:,} listed"
    done = (min(listed, total) + min(read, total)) / (2 * total)
    return f"sync {min(99, int(100 * done))} % · {read:,}/{total:,} cards"


def signed(change: Change) -> str:
    """What changed of a relation: `+3  −1`; empty where nothing did."""
    return "  ".join(
        f"{sign}{getattr(change, name):,}" for name, sign in SIGNS if getattr(change, name)
    )


def published(report: Report) -> str:
    """What a sync published, in a line."""
    cards = sum(report.card.cards.values())
    links = sum(report.card.edges.values())
    resumed = ", going on from a stopped sync" if report.resumed else ""
    return (
        f"snapshot {report.snapshot.number}: {cards:,} cards, {links:,} links · "
        f"{report.requests:,} requests in {duration(report.seconds)}{resumed}"
    )


def caveats(report: Report) -> list[str]:
    """What was not found, not proved or not done, a line each; mostly nothing."""
    lines = []
    if report.absent:
        named = ", ".join(str(ref) for ref in report.absent[:5])
        more = f" and {len(report.absent) - 5:,} more" if len(report.absent) > 5 else ""
        lines.append(f"not in the CRM: {named}{more}")
    if report.disagreements:
        lines.append(f"{report.disagreements:,} links were told differently by their two sides")
    if report.not_whole:
        lines.append(
            f"{report.not_whole:,} cards' links could not be proved whole; nothing of theirs was "
            "removed (column links_whole)"
        )
    if report.overtaken:
        lines.append(
            f"{report.overtaken:,} cards were written by a push meanwhile and could not be read "
            "again; the next sync does"
        )
    if report.index_failed:
        lines.append(
            f"the link index could not be built now ({plain(report.index_failed, 300)}); "
            "the first walk builds it"
        )
    lines += [
        f"the list of {kind.api_name} ended in doubt: cards at its end may be missing, and "
        "none is believed gone; sync again later"
        for kind in report.unproved
    ]
    return lines


def cost(forecast: Forecast) -> list[str]:
    """What a full sync will cost, as far as that is known, a line each."""
    lines = [f"cost: {forecast.formula}"]
    if forecast.requests is not None and forecast.seconds is not None:
        lasting = f", {duration(forecast.seconds)} at that pace" if forecast.seconds else ""
        lines.append(
            f"      by the counts of snapshot {forecast.based_on}: "
            f"about {forecast.requests:,} requests{lasting}"
        )
    elif not math.isinf(forecast.rate):
        per_hour = int(forecast.rate * 3600 * 125)
        lines.append(
            f"      how many cards there are is not known yet; an hour reads {per_hour:,} cards"
        )
    return lines


def removals(error: TooManyRemovals) -> list[tuple[str, str]]:
    """What a sync would remove: relation, and how many of how many with their share."""
    return [
        (
            relation(one.relation),
            f"{one.removed:,} of {one.of:,} links ({one.removed / max(one.of, 1):.0%})",
        )
        for one in error.removals
    ]


def relation(name: str) -> str:
    """A kind of link as a person says it: `lead_contact` is «lead–contact»."""
    return name.replace("_", "–")
