"""Where one stands in the graph: the way one came, the places one was at, the pinned card.

Pure values: every step makes a new `Walking`, which is never empty, never longer than its bounds,
and goes into the state file as it is. Places are kept by card, not by row: they outlive snapshots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from linkgraph.model import Ref

#: Steps of a trail, and trails of the history, that are kept; the oldest go first.
LONGEST = 24
HISTORY = 40


class Sort(StrEnum):
    """In which order the links of a relation are listed."""

    USUAL = "main first"
    NAME = "name"
    NEWEST = "newest first"

    @property
    def next(self) -> Sort:
        """The one that comes after it, round and round."""
        sorts = list(Sort)
        return sorts[(sorts.index(self) + 1) % len(sorts)]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which links of a card are listed: all of them, unless something is said."""

    relation: str = ""
    """Only this kind of link"""
    text: str = ""
    """Only cards with this in their name"""

    def __bool__(self) -> bool:
        return bool(self.relation or self.text)


#: Whatever links there are.
EVERYTHING = Narrowing()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trail: a card, and where one stood among its links."""

    ref: Ref | None = None
    """None is the page that one starts from"""
    at: Ref | None = None
    """The card under the cursor"""
    rise: int = 0
    """Lines from the top of the window down to the cursor"""
    narrowing: Narrowing = EVERYTHING


#: The way one came, from the start page on; the last step is where one is.
Trail = tuple[Step, ...]
START: Trail = (Step(),)


@dataclass(frozen=True, slots=True)
class Walking:
    """The trails one was on, and which of them one is on now.

    >>> walking = Walking().step_in(Ref.parse("lead:1")).step_in(Ref.parse("contact:2"))
    >>> [str(ref) for ref in walking.way]
    ['lead:1', 'contact:2']
    >>> walking.back().here.ref == Ref.parse("lead:1")
    True
    """

    trails: tuple[Trail, ...] = (START,)
    place: int = 0
    pin: Ref | None = None
    sort: Sort = Sort.USUAL

    def __post_init__(self) -> None:
        # What a state file says is checked here; ValueError is what its reader understands.
        if not self.trails or not all(self.trails) or not 0 <= self.place < len(self.trails):
            raise ValueError("no trail, or an empty one, or none in this place")

    @property
    def trail(self) -> Trail:
        """The way one came."""
        return self.trails[self.place]

    @property
    def here(self) -> Step:
        """Where one is."""
        return self.trail[-1]

    @property
    def way(self) -> list[Ref]:
        """The cards of the trail."""
        return [step.ref for step in self.trail if step.ref is not None]

    @property
    def visited(self) -> list[Ref]:
        """The cards one was at, this trail's first, the last one first; then the pinned one."""
        trails = [self.trail, *reversed(self.trails)]
        steps = [step.ref for trail in trails for step in reversed(trail)]
        return [ref for ref in dict.fromkeys([*steps, self.pin]) if ref is not None]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before this one."""
        return len(self.trail) > 1

    @property
    def has_earlier(self) -> bool:
        """Whether there is something in the history before this."""
        return self.place > 0

    @property
    def has_later(self) -> bool:
        """Whether one has gone back in the history."""
        return self.place < len(self.trails) - 1

    def stand(self, at: Ref | None, rise: int) -> Walking:
        """Note where the cursor is, for when one comes back."""
        return self._here(replace(self.here, at=at, rise=rise))

    def narrow(self, narrowing: Narrowing) -> Walking:
        """Note which links are listed here."""
        return self._here(replace(self.here, narrowing=narrowing))

    def step_in(self, ref: Ref) -> Walking:
        """Go to a card that one sees from here."""
        return self._go((*self.trail, Step(ref)))

    def back(self, steps: int = 1) -> Walking:
        """Go back along the trail, at most to where it begins."""
        keep = max(len(self.trail) - steps, 1)
        return self if keep == len(self.trail) else self._go(self.trail[:keep])

    def jump(self, refs: Sequence[Ref]) -> Walking:
        """Go somewhere else, by the way of these cards; the last one is where one will be."""
        steps = [Step(ref, at=then) for ref, then in zip(refs, [*refs[1:], None], strict=True)]
        return self._go((*START, *steps))

    def earlier(self) -> Walking:
        """Where one was before, however one came from there."""
        return replace(self, place=max(self.place - 1, 0))

    def later(self) -> Walking:
        """Forward again in the history."""
        return replace(self, place=min(self.place + 1, len(self.trails) - 1))

    def pinned(self, ref: Ref | None) -> Walking:
        """Pin a card, or none."""
        return replace(self, pin=ref)

    def sorted_by(self, sort: Sort) -> Walking:
        """List links in another order, everywhere."""
        return replace(self, sort=sort)

    def _go(self, trail: Trail) -> Walking:
        if len(trail) > LONGEST:  # where it begins stays, and what is nearest
            trail = (trail[0], *trail[1 - LONGEST :])
        trails = (*self.trails[: self.place + 1], trail)[-HISTORY:]
        return replace(self, trails=trails, place=len(trails) - 1)

    def _here(self, step: Step) -> Walking:
        trails = list(self.trails)
        trails[self.place] = (*self.trail[:-1], step)
        return replace(self, trails=tuple(trails))
