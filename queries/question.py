"""A question: what it asks, what may be set, what comes back, and its SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from linkgraph.model import EntityType
from queries.parameters import Parameter, Value, bind

_CARD_COLUMN = re.compile(
    r"(?:[a-z0-9]+_)*(?P<type>lead|contact|company|customer|element)(?:_[a-z0-9])?_id"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer."""

    name: str
    meaning: str

    @property
    def entity(self) -> EntityType | None:
        """The type of card whose id the column holds (`lead_id`, `company_a_id`), else None."""
        match = _CARD_COLUMN.fullmatch(self.name)
        return EntityType(match["type"]) if match else None


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the library, as its file states it."""

    name: str
    title: str
    group: str
    text: str
    """The question itself, as a person would ask it."""
    definition: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    sql: str
    """The statement that answers it, with `$name` parameters."""
    cut_meaning: str | None
    """What the rows of `cut_sql` are; None where nothing is cut."""
    cut_sql: str | None
    """The statement that returns what the answer left out, worst first; None: nothing."""
    source: str
    """The whole file, header and all."""

    def bind(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Every parameter with its value, given (typed or as text) or default.

        Raises:
            InvalidParameter: one is unknown, missing, of the wrong type or out of range.
        """
        return bind(self.parameters, given)
