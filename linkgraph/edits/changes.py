"""What a push does to one link: from what it is to what it is to be, and by which requests.

A link is written from its owner's side (design, «A link»). Setting main, quantity or price of a
link that stands is linking it again; where an account refuses that, the link is unlinked and linked
anew with all that it carries.
"""

from dataclasses import dataclass
from enum import StrEnum

from linkgraph.edits.entries import Pair
from linkgraph.model import EntityType, Metadata, Relation

#: The types that have one company at most (amocrm-api, section 1.3).
SINGLE_COMPANY = frozenset({EntityType.LEAD, EntityType.CONTACT, EntityType.CUSTOMER})
#: The relations whose links carry a main flag.
WITH_MAIN = frozenset({Relation.LEAD_CONTACT, Relation.CUSTOMER_CONTACT})


class Way(StrEnum):
    """How a change is made."""

    LINK = "link"
    UNLINK = "unlink"
    RELINK = "relink"
    """Link what is linked, to set what it carries."""
    REPLACE = "replace"
    """Unlink, then link with everything that it is to carry."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The API's verbs, in order."""
        return {"unlink": ("unlink",), "replace": ("unlink", "link")}.get(self.value, ("link",))


# The phases of a push, in which changes have their turn.
#: Unlinks, among them those that free a place which a link of the next phase takes.
FREEING = 1
LINKING = 2
#: Unlinks of what a move has linked elsewhere: a lead is never without its contact meanwhile.
LEAVING = 3


@dataclass(frozen=True, slots=True)
class Habits:
    """How an account takes writes, as far as pushes have shown (amocrm-api, section 1.7)."""

    relink_refused: bool = False
    """It refuses to link what is linked."""
    quantity_adds: bool = False
    """A quantity said of what is linked is added to the one that stands."""
    max_items: int | None = None
    """The most items of a write that it answered in time, where it was asked for more."""

    def way(self, write: Metadata) -> Way:
        """How to set what a link carries."""
        adding = self.quantity_adds and write.quantity is not None
        return Way.REPLACE if self.relink_refused or adding else Way.RELINK


@dataclass(frozen=True, slots=True)
class Change:
    """One link that is to change. `None` for a state means: not linked."""

    number: int
    pair: Pair
    before: Metadata | None
    after: Metadata | None
    """What the link is to be, all of it, as far as it is known."""
    write: Metadata
    """What is said when it is linked; what is None is left to the CRM."""
    way: Way
    phase: int
    edits: tuple[int, ...]
    """The edits that want it."""
    updated_by: int | None = None
    note: str = ""
    """Why it is part of the plan, where the edit alone does not tell."""

    @property
    def relation(self) -> Relation:
        """What kind of link it is."""
        return Relation.between(self.pair[0].type, self.pair[1].type)

    @property
    def side(self) -> EntityType:
        """The type whose routes write it."""
        return self.pair[0].type

    def reached(self, found: Metadata | None) -> bool:
        """Whether a link that was read is as this change wants it."""
        if found is None or self.after is None:
            return found is None and self.after is None
        return carries(found, self.write)

    def exactly(self, found: Metadata | None) -> bool:
        """Whether a link is as it was to be in what the change did not name as well."""
        return same(found, self.after, unsaid=self.write)


def everything(after: Metadata, relation: Relation) -> Metadata:
    """All that a link carries, to be said when it is made anew."""
    is_main = bool(after.is_main) if relation in WITH_MAIN else None
    return Metadata(is_main, after.quantity, after.price_id or None)


def carries(found: Metadata, wanted: Metadata) -> bool:
    """Whether a link carries what is wanted of it; what is not said is not compared."""
    return (
        (wanted.is_main is None or bool(found.is_main) == wanted.is_main)
        and (wanted.quantity is None or found.quantity == wanted.quantity)
        and (wanted.price_id is None or (found.price_id or 0) == wanted.price_id)
    )


def same(a: Metadata | None, b: Metadata | None, *, unsaid: Metadata | None = None) -> bool:
    """Whether two states of a link are one. A flag or price that was not told counts as none.

    With `unsaid`, a new link's quantity or price that it does not name may be whatever it is.
    """
    if a is None or b is None:
        return a is b
    return (
        bool(a.is_main) == bool(b.is_main)
        and (a.quantity == b.quantity or (unsaid is not None and b.quantity is None))
        and (a.price_id or 0) == (b.price_id or 0)
    )


def in_words(state: Metadata | None) -> str:
    """A link's state for a person: «not linked», «linked, main», «linked, quantity 2»."""
    if state is None:
        return "not linked"
    words = ["linked"]
    if state.is_main:
        words.append("main")
    if state.quantity is not None:
        words.append(f"quantity {state.quantity:g}")
    if state.price_id:
        words.append(f"price {state.price_id}")
    return ", ".join(words)
