"""A question: what it asks, what may be set, what comes back, and what answers it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from linkgraph.model import EntityType
from queries.parameters import Kind, Parameter, Value, bind

if TYPE_CHECKING:
    from queries.asked import Asked, Found

_CARD_COLUMN = re.compile(
    r"(?:[a-z0-9]+_)*(?P<type>lead|contact|company|customer)(?:_[a-z0-9])?_id"
)
_REF_COLUMN = re.compile(r"(?:[a-z0-9]+_)*ref")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer."""

    name: str
    meaning: str

    @property
    def entity(self) -> EntityType | None:
        """The type of card whose id the column holds (`lead_id`, `company_a_id`), else None."""
        return entity_of(self.name)


def entity_of(column: str) -> EntityType | None:
    """The type of card whose id a column of that name holds, else None."""
    match = _CARD_COLUMN.fullmatch(column)
    return EntityType(match["type"]) if match else None


def is_ref(column: str) -> bool:
    """Whether a column of that name (`ref`, `element_ref`) holds refs: of any type of card."""
    return _REF_COLUMN.fullmatch(column) is not None


def stem_of(column: str) -> str | None:
    """What the columns of a thing begin with: `lead_` of `lead_id`, nothing of `ref`, else None.

    Its name and address, where a table has them, stand in the columns `…name` and `…url`.
    """
    if is_ref(column):
        return column.removesuffix("ref")
    return column.removesuffix("id") if column.endswith("_id") else None


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
    """Empty where a person's own question does not say."""
    problem: str | None
    """What its rows are called in the health report, in the plural; None: no problem."""
    sql: str
    """The statement that answers it, with `$name` parameters; empty for one in Python."""
    cut_meaning: str | None
    """What the rows of `cut_sql` are; None where nothing is cut."""
    cut_sql: str | None
    """The statement that returns what the answer left out, worst first; None: nothing."""
    source: str
    """The whole file, header and all."""
    module: str | None = None
    """The module that answers it, for a question in Python."""
    path: Path | None = None
    """The file of a person's own question; None for one of the library."""

    @property
    def compares(self) -> bool:
        """Whether it compares two snapshots: the tables of the earlier one stand in `older`."""
        return any(parameter.kind is Kind.SNAPSHOT for parameter in self.parameters)

    def answerer(self) -> "Callable[[Asked], Found]":
        """What answers a question in Python; its module is imported now."""
        assert self.module is not None
        answer: Callable[[Asked], Found] = import_module(self.module).answer
        return answer

    def bind(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Every parameter with its value, given (typed or as text) or default.

        Raises:
            InvalidParameter: one is unknown, missing, of the wrong type or out of range.
        """
        return bind(self.parameters, given)
