"""What a walk over the graph may use: which links, which cards."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from linkgraph.errors import InvalidParameter
from linkgraph.model import EntityType, Relation


@dataclass(frozen=True, slots=True)
class Walk:
    """Which links may be followed and which cards may be met.

    A card that is not to be met is as good as absent: walks neither end in it nor pass through
    it. Cards that a question names (where a walk starts, where a path ends) are always there.

    >>> Walk.of("lead_contact", "lead_company", skip="element", max_degree=1000)
    ... # doctest: +ELLIPSIS
    Walk(relations=frozenset({...}), skip=frozenset({...}), max_degree=1000, deleted=False, ...)
    """

    relations: frozenset[Relation] | None = None
    """Only these kinds of link; None is all."""
    skip: frozenset[EntityType] = frozenset()
    """No cards of these types (catalog elements join everything)."""
    max_degree: int | None = None
    """No hubs: cards with more links than this, all of them counted."""
    deleted: bool = False
    """Whether to meet cards that are known to be deleted."""
    closed: bool = True
    """Whether to meet leads that are won or lost."""

    @classmethod
    def of(
        cls,
        *relations: str,
        skip: Iterable[str] | str = (),
        max_degree: int | None = None,
        deleted: bool = False,
        closed: bool = True,
    ) -> Self:
        """A walk by the words of its relations and types; no relation means all.

        Raises:
            InvalidParameter: a word is none, or the degree is negative.
        """
        if max_degree is not None:
            at_least(0, max_degree, "a number of links")
        return cls(
            relations=frozenset(map(_relation, relations)) or None,
            skip=frozenset(map(type_named, [skip] if isinstance(skip, str) else skip)),
            max_degree=max_degree,
            deleted=deleted,
            closed=closed,
        )


#: Everything that is not deleted.
EVERYWHERE = Walk()


def _relation(word: str) -> Relation:
    """A relation by its name, hyphens or underscores, either end first.

    Raises:
        InvalidParameter: it is none.
    """
    parts = word.strip().lower().replace("-", "_").split("_")
    for name in ("_".join(parts), "_".join(reversed(parts))):
        if name in Relation.__members__.values():
            return Relation(name)
    raise InvalidParameter(
        f"«{word[:40]}» is no kind of link", hint=f"there are: {', '.join(Relation)}"
    )


def type_named(word: str) -> EntityType:
    """A type of card by its name, singular or plural.

    Raises:
        InvalidParameter: it is none.
    """
    found = EntityType.from_api(word.strip().lower())
    if found is None:
        raise InvalidParameter(
            f"«{word[:40]}» is no type of card", hint=f"there are: {', '.join(EntityType)}"
        )
    return found


def upto(limit: int | None) -> int | None:
    """A bound on what is listed; None is no bound.

    Raises:
        InvalidParameter: it is negative.
    """
    return None if limit is None else at_least(0, limit, "a limit")


def at_least(least: int, number: int, what: str) -> int:
    """The number, if it is not too small.

    Raises:
        InvalidParameter: it is.
    """
    if number < least:
        raise InvalidParameter(f"{number} is no good as {what}", hint=f"give {least} or more")
    return number
