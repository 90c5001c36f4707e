"""A plan and its impact in words: what a terminal, a workbook and a pipe all say of them.

Nothing here knows where it is written to. Whatever was typed into the CRM stays out: names are
added by whoever shows these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from linkgraph.edits.changes import Change, Way
from linkgraph.model import Metadata, Ref
from linkgraph.wording.numbers import counted, duration

if TYPE_CHECKING:
    from linkgraph.edits.plan import Forecast, Plan
    from linkgraph.edits.planning import Conflict
    from queries.impact import Impact, LinkDelta
    from queries.parting import Merge, Split


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of impact."""

    words: str
    """How many cards it meets and how, such as «2 leads lose their last contact»."""
    cards: Sequence[Ref]
    """Which; of a component one card of the piece that falls off or is added."""
    details: Sequence[str] = ()
    """What there is to say of each of the cards; none where the words say it all."""


#: The kinds of impact that are cards without more to say of each, and how one or many are told.
_PLAIN = (
    ("leads_without_contact", "lead loses its last contact", "leads lose their last contact"),
    (
        "customers_without_contact",
        "customer loses its last contact",
        "customers lose their last contact",
    ),
    ("orphans", "card will be linked to nobody", "cards will be linked to nobody"),
    ("several_companies", "card gets more than one company", "cards get more than one company"),
    (
        "main_flags_lost",
        "card keeps contacts but no main one",
        "cards keep contacts but no main one",
    ),
    ("no_longer_orphans", "card of nobody will be linked", "cards of nobody will be linked"),
)
#: What a change does, in the order in which it is shown, with its sign.
SIGNS = {"link": "+", "change": "~", "unlink": "−"}
#: The three ways out of a conflict: what they do, and the option that chooses them.
WAYS_OUT = (
    ("keep mine, whatever stands there now", "--keep"),
    ("drop it", "--drop"),
    ("queue it again, to be judged by what stands there now", "--requeue"),
)
#: So many numbers of edits fit into a command that a person copies.
_NUMBERS = 12
#: Pieces of a component whose size is told.
_PIECES = 4


def kind_of(change: Change) -> str:
    """What a change does to its link: one of `SIGNS`."""
    if change.way is Way.UNLINK:
        return "unlink"
    return "link" if change.before is None else "change"


def groups(changes: Iterable[Change]) -> dict[tuple[str, str], list[Change]]:
    """Changes by side (as «leads») and kind, in the order in which they are shown."""
    found: dict[tuple[int, int], list[Change]] = {}
    order = list(SIGNS)
    for change in changes:
        key = change.side.rank, order.index(kind_of(change))
        found.setdefault(key, []).append(change)
    return {
        (own[0].side.api_name.replace("_", " "), order[kind]): own
        for (_, kind), own in sorted(found.items())
    }


def said(change: Change) -> str:
    """What the link carries then, carried till now, or «old → new» where it stays."""
    before, after = change.before, change.after
    if before is None or after is None:
        carried = carries(after or before or Metadata())
        return f"was {carried}" if carried and after is None else carried
    parts = [] if bool(before.is_main) == bool(after.is_main) else [_main(before, after)]
    if before.quantity != after.quantity:
        parts.append(f"quantity {_number(before.quantity)} → {_number(after.quantity)}")
    if (before.price_id or 0) != (after.price_id or 0):
        parts.append(f"price {before.price_id or 'none'} → {after.price_id or 'none'}")
    if change.way is Way.REPLACE:
        parts.append("unlinked and linked anew")
    return ", ".join(parts)


def carries(state: Metadata | None) -> str:
    """What a link carries, in words; nothing of a link that carries nothing."""
    if state is None:
        return ""
    words = ["main" if state.is_main else ""]
    words += [] if state.quantity is None else [f"quantity {state.quantity:g}"]
    words += [f"price {state.price_id}"] if state.price_id else []
    return ", ".join(filter(None, words))


def _main(before: Metadata, after: Metadata) -> str:
    return " → ".join("main" if state.is_main else "not main" for state in (before, after))


def _number(quantity: float | None) -> str:
    return "none" if quantity is None else f"{quantity:g}"


def counts(plan: Plan) -> str:
    """How many links a plan makes, changes and takes away."""
    number = {kind: 0 for kind in SIGNS}
    for change in plan.changes:
        number[kind_of(change)] += 1
    words = {"link": "to link", "change": "to change", "unlink": "to unlink"}
    parts = [f"{count:,} {words[kind]}" for kind, count in number.items() if count]
    return ", ".join(parts) or "nothing to do"


def requests(forecast: Forecast) -> str:
    """What a push will ask of the CRM, and how long that takes."""
    return (
        f"{counted(forecast.total, 'request')}: {forecast.reads:,} to read, "
        f"{forecast.writes:,} to write, about {duration(forecast.seconds)} at the account's pace"
    )


def fires(plan: Plan) -> str:
    """What writing links sets going in the account."""
    if plan.webhooks is None:
        return "the account's webhooks and automations will fire; its token may not list them"
    if not plan.webhooks:
        return "the account has no webhooks; its automations will fire"
    hooks = counted(len(plan.webhooks), "webhook")
    return f"{hooks} and the account's automations will fire"


def resolving(conflicts: Sequence[Conflict]) -> list[tuple[str, str]]:
    """The ways out of conflicts: what each does, and its command."""
    numbers = " ".join(str(conflict.edit.id) for conflict in conflicts)
    which = numbers if len(conflicts) <= _NUMBERS else "--all --state conflict"
    return [(words, f"linkgraph edits resolve {which} {option}") for words, option in WAYS_OUT]


def told(impact: Impact) -> Iterator[Told]:
    """Each kind of impact that there is."""
    bare = {*impact.leads_without_contact, *impact.customers_without_contact}
    for name, one, many in _PLAIN:
        refs = getattr(impact, name)
        if name == "main_flags_lost":
            refs = [ref for ref in refs if ref not in bare]  # of those that is told already
        if refs:
            yield Told(_counted(len(refs), one, many), refs)
    if moved := impact.main_flags_moved:
        words = _counted(len(moved), "card gets a new main contact", "cards get a new main contact")
        details = [
            f"{move.now}{f' for {move.was}' if move.was else ', had none'}" for move in moved
        ]
        yield Told(words, [move.owner for move in moved], details)
    if splits := impact.splits:
        words = _counted(len(splits), "component falls apart", "components fall apart")
        yield Told(words, [each.pieces[-1].sample for each in splits], _sizes(splits))
    if merges := impact.merges:
        words = _counted(len(merges), "component grows together", "components grow together")
        yield Told(words, [each.pieces[-1].sample for each in merges], _sizes(merges))


def _sizes(found: Sequence[Split] | Sequence[Merge]) -> list[str]:
    """«1,204 cards: 1,200 + 4» for each component."""
    lines = []
    for each in found:
        parts = [f"{piece.size:,}" for piece in each.pieces[:_PIECES]]
        if len(each.pieces) > _PIECES:
            parts.append(f"{len(each.pieces) - _PIECES:,} smaller ones")
        lines.append(f"{each.size:,} cards: {' + '.join(parts)}")
    return lines


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def deltas(plan: Plan) -> list[LinkDelta]:
    """What a plan does to each link, for `Session.impact`."""
    from queries.impact import LinkDelta  # brings the link index along

    return [LinkDelta(*change.pair, change.before, change.after) for change in plan.changes]


def named(plan: Plan, impact: Impact | None) -> list[Ref]:
    """All cards that a plan and its impact name, each once."""
    edits = [edit.edit for edit, _ in (*plan.dropped, *plan.skipped)]
    edits += [conflict.edit.edit for conflict in plan.conflicts]
    refs = [end for change in plan.changes for end in change.pair]
    refs += [end for edit in edits for end in (edit.a, edit.b)]
    if impact is not None:
        refs += [ref for each in told(impact) for ref in each.cards]
    return list(dict.fromkeys(refs))
