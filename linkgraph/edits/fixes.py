"""Fixes that questions propose, into the queue: those that do not contradict each other.

A fix is queued whole or not at all, and a bad one does not keep the others out. Of fixes that want
different things of one link or one place none is queued: which is right is for a person to say.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from linkgraph.edit import Edit, Verb, edits_of, in_text
from linkgraph.edits.entries import Entry, Origin, QueuedEdit, Source, pair_of
from linkgraph.edits.known import takes_company, takes_main
from linkgraph.edits.queueing import Queued
from linkgraph.errors import InvalidEdit, UsageError
from linkgraph.mirror.clock import now
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.edits.edits import Edits


@dataclass(frozen=True, slots=True)
class Fix:
    """What a row of a question's answer proposes."""

    question: str
    edits: tuple[Edit, ...]
    """To be made in that order, all or none."""

    def __str__(self) -> str:
        return in_text(self.edits) or ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A fix that was not queued."""

    question: str
    fix: str
    """As its row has it."""
    reason: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of fixes that were to be queued."""

    fixes: Mapping[str, int]
    """How many there were, by question."""
    queued: Queued
    new: tuple[QueuedEdit, ...]
    """Those of the queued that were not in the queue before."""
    refused: tuple[Refused, ...]
    """Those that cannot be."""
    contradictory: tuple[Refused, ...]
    """Those that want something else than another of them."""


def read(question: str, texts: Iterable[object]) -> Iterator[Fix | Refused]:
    """The fixes of a `fix` column; what is no edit comes as refused, what is empty not at all."""
    for text in texts:
        if text is None or text == "":
            continue
        try:
            if not isinstance(text, str):
                raise InvalidEdit(f"«{text}» is no edit")
            yield Fix(question, edits_of(text))
        except InvalidEdit as error:
            yield Refused(question, plain(text, 500), error.message)


def sorted_out(fixes: Iterable[Fix]) -> tuple[list[Fix], list[Refused]]:
    """Those that can be queued together, each once, and those that contradict another."""
    first: dict[tuple[Edit, ...], Fix] = {}
    for fix in fixes:
        first.setdefault(fix.edits, fix)
    once = list(first.values())
    wanted: _Wanted = defaultdict(dict)
    for fix in once:
        for edit in fix.edits:
            for place, goal in _goals(edit):
                of_goal = wanted[place].setdefault(goal, [])
                if len(of_goal) < 2 and fix not in of_goal:  # one of two is another than a third
                    of_goal.append(fix)
    agreed: list[Fix] = []
    contradictory: list[Refused] = []
    for fix in once:
        other = next(_others(fix, wanted), None)
        if other is None:
            agreed.append(fix)
        else:
            reason = f"{other.question} proposes: {other}"
            contradictory.append(Refused(fix.question, str(fix), reason))
    return agreed, contradictory


def queue_fixes(
    edits: "Edits", fixes: Iterable[Fix | Refused], updated_by: int | None = None
) -> Fixed:
    """Queue fixes, as far as they can be and agree with each other."""
    began = now()
    good: list[Fix] = []
    refused: list[Refused] = []
    counts: dict[str, int] = defaultdict(int)
    for fix in fixes:
        counts[fix.question] += 1
        if isinstance(fix, Fix):
            good.append(fix)
        else:
            refused.append(fix)
    agreed, contradictory = sorted_out(good)
    queued, errors = edits.add_groups([_entries(fix, updated_by) for fix in agreed])
    refused += [
        Refused(agreed[place].question, str(agreed[place]), _told(error))
        for place, error in errors.items()
    ]
    new = tuple(one for one in queued.edits if one.at >= began)
    return Fixed(dict(counts), queued, new, tuple(refused), tuple(contradictory))


def _entries(fix: Fix, updated_by: int | None) -> Sequence[Entry]:
    origin = Origin(Source.QUESTION, fix.question)
    return [Entry(edit, origin, updated_by) for edit in fix.edits]


def _told(error: UsageError) -> str:
    return f"{error.message} → {error.hint}" if error.hint else error.message


#: What is wanted of each thing: for each way to have it the first two fixes that want it so.
_Wanted: TypeAlias = dict[Hashable, dict[Hashable, list[Fix]]]


def _others(fix: Fix, wanted: _Wanted) -> Iterator[Fix]:
    """Fixes that want something else of what this one is about."""
    for edit in fix.edits:
        for place, goal in _goals(edit):
            for other_goal, others in wanted[place].items():
                if other_goal != goal:
                    yield from (other for other in others if other is not fix)


def _goals(edit: Edit) -> Iterator[tuple[Hashable, Hashable]]:
    """What an edit settles, each with how: two edits that settle one thing differently clash."""
    if edit.verb is Verb.MOVE:
        yield ("goes to", edit.a), edit.b
        yield ("is left", edit.a), True
        yield ("is left", edit.b), False
        return
    owner, other = pair = pair_of(edit.a, edit.b)
    yield ("linked", pair), edit.verb is not Verb.UNLINK
    if edit.verb is Verb.UNLINK:
        return
    yield ("is left", owner), False
    yield ("is left", other), False
    if takes_company(edit):
        yield ("company", owner), other
    if takes_main(edit):
        yield ("main", owner), other
        yield ("is main", pair), True
    elif edit.metadata.is_main is False:
        yield ("is main", pair), False
    if edit.metadata.quantity is not None:
        yield ("quantity", pair), edit.metadata.quantity
    if edit.metadata.price_id is not None:
        yield ("price", pair), edit.metadata.price_id
