"""Columns as a person reads them: an id or ref with its name and address is one card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from linkgraph.errors import InvalidRef
from linkgraph.model import MAX_ID, EntityType, Ref
from linkgraph.plaintext import plain
from queries.question import entity_of, is_ref, stem_of

#: The most that is shown of a text.
TEXT = 60


@dataclass(frozen=True, slots=True)
class Field:
    """One column, or the columns of one card."""

    title: str
    column: str
    """The values, or the cards' ids or refs."""
    name: str | None = None
    """The cards' names; None: these are no cards, or have none."""
    url: str | None = None
    """Their addresses."""

    def ref(self, row: Mapping[str, Any]) -> str:
        """What commands take for the card of a row: `lead:123`; the bare id of no card."""
        value = row[self.column]
        entity = entity_of(self.column)
        if value is None:
            return ""
        return f"{entity}:{value}" if entity else plain(value, TEXT)

    def text(self, row: Mapping[str, Any], most: int = TEXT) -> str:
        """The value of a row, or the card's name; a card without one is called by its ref."""
        if self.name is not None:
            return plain(row[self.name], most).strip() or self.ref(row)
        return written(row[self.column], is_id=self.column.endswith("_id"), most=most)


def fields(names: Sequence[str]) -> list[Field]:
    """The fields of a table with those columns, in their order."""
    found: list[Field] = []
    used: set[str] = set()
    for column in names:
        if column in used:
            continue
        stem = stem_of(column)
        if stem is not None and f"{stem}name" in names:
            url = f"{stem}url" if f"{stem}url" in names else None
            used |= {column, f"{stem}name", f"{stem}url"}
            title = _title(stem.removesuffix("_") or "card")
            found.append(Field(title, column, f"{stem}name", url))
        else:
            found.append(Field(_title(column), column))
    return found


@dataclass(frozen=True, slots=True)
class CardColumn:
    """A column whose values are cards."""

    column: str
    """Their ids or refs."""
    entity: EntityType | None = None
    """What they all are; None: a ref or the column `type` tells."""
    type: str | None = None
    """The column that names their types, as in `edges` and `adjacency`."""
    catalog: str | None = None
    """The column that has the catalogs of elements."""

    def ref(self, value: Callable[[str], Any]) -> Ref | None:
        """The card of a row, if there is one; `value` gives the row's value of a column."""
        given = value(self.column)
        entity = self.entity
        if entity is None and self.type is not None:
            entity = EntityType.from_api(str(value(self.type)))
        if entity is None:
            return _parsed(given) if self.type is None else None
        if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= MAX_ID:
            return None
        if entity is not EntityType.ELEMENT:
            return Ref(entity, given)
        catalog = value(self.catalog) if self.catalog else None
        return Ref(entity, given, catalog) if isinstance(catalog, int) and catalog >= 0 else None


def card_columns(names: Sequence[str]) -> dict[str, CardColumn]:
    """Those of the columns that hold cards, by name: ids of one type, refs, ids beside their type.

    The last are as the tables have them: `id` beside `type`, `to_id` beside `to_type`; elements are
    known where their catalog stands beside.
    """
    found = {}
    for name in names:
        entity = entity_of(name)
        stem = name.removesuffix("id")
        catalog = f"{stem.removesuffix('element_').removesuffix('entity_')}catalog_id"
        beside = catalog if catalog in names else None
        if entity is not None or is_ref(name):
            found[name] = CardColumn(name, entity)
        elif name.endswith("element_id") and beside:
            found[name] = CardColumn(name, EntityType.ELEMENT, catalog=beside)
        elif name in ("id", f"{stem}id") and name != stem and f"{stem}type" in names:
            found[name] = CardColumn(name, type=f"{stem}type", catalog=beside)
    return found


def _parsed(given: object) -> Ref | None:
    try:
        return Ref.parse(given) if isinstance(given, str) else None
    except InvalidRef:
        return None


def written(value: Any, *, is_id: bool = False, most: int = TEXT) -> str:
    """A value on one line, at most so many characters of a text; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if is_id else f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return plain(in_a_row(value), most)


def in_a_row(value: Any) -> Any:
    """A list as its items; anything else as it is."""
    if isinstance(value, list):
        return ", ".join("" if item is None else str(item) for item in value)
    return value


def _title(name: str) -> str:
    return plain(name.replace("_", " "), 40)
