"""Checking one item of a link or unlink request.

Invariant: every complaint carries a code of the API and a path within the item (amocrm-api §1.7).
"""

from dataclasses import dataclass
from typing import Any

from linkgraph.simulator.behaviour import Behaviour
from linkgraph.simulator.problems import ItemError
from linkgraph.simulator.relation import PRICE_NULL
from linkgraph.simulator.vocabulary import ELEMENTS, LINKABLE

ITEM_KEYS = frozenset({"entity_id", "entity_type", "to_entity_id", "to_entity_type", "metadata"})
LINK_KEYS = frozenset({"catalog_id", "quantity", "is_main", "updated_by", "price_id"})
UNLINK_KEYS = frozenset({"catalog_id", "updated_by"})

LARGEST_NUMBER = 2**63 - 1

VALUE_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "catalog_id": ("int", (int,)),
    "quantity": ("float", (int, float)),
    "is_main": ("bool", (bool,)),
    "updated_by": ("int", (int,)),
    "price_id": ("int", (int, type(None))),
}
"""What each key of the metadata takes, by its name in the API's errors."""


@dataclass(frozen=True)
class Item:
    """A link as it is to be, or not to be."""

    id: int
    """The main card."""
    to_type: str
    to_id: int
    catalog_id: int = 0
    is_main: bool | None = None
    quantity: float | None = None
    price_id: int | None = None
    """None where the item does not name a price, 0 where it says null."""
    updated_by: int = 0


def check_item(
    value: Any,
    entity_type: str,
    entity_id: int | None,
    metadata_keys: frozenset[str],
    behaviour: Behaviour,
) -> tuple[Item | None, list[ItemError]]:
    """The item, or what is wrong with it.

    The official client always sends entity_type, entity_id and metadata, null where it has
    nothing to say: those are taken.
    """
    if not isinstance(value, dict):
        return None, [_wrong_type("", "object")]
    check = _Check(value, entity_type, entity_id, metadata_keys, behaviour)
    check.run()
    if check.errors:
        return None, check.errors
    metadata = value.get("metadata") or {}
    quantity = metadata.get("quantity")
    return (
        Item(
            id=value["entity_id"] if entity_id is None else entity_id,
            to_type=value["to_entity_type"],
            to_id=value["to_entity_id"],
            catalog_id=metadata.get("catalog_id") or 0
            if value["to_entity_type"] == ELEMENTS
            else 0,
            is_main=metadata.get("is_main"),
            quantity=None if quantity is None else float(quantity),
            price_id=(metadata["price_id"] or PRICE_NULL) if "price_id" in metadata else None,
            updated_by=metadata.get("updated_by") or 0,
        ),
        [],
    )


@dataclass
class _Check:
    item: dict[str, Any]
    entity_type: str
    entity_id: int | None
    metadata_keys: frozenset[str]
    behaviour: Behaviour

    def __post_init__(self) -> None:
        self.errors: list[ItemError] = []

    def run(self) -> None:
        for key in sorted(set(self.item) - ITEM_KEYS):
            self._not_expected(key)
        self._own_card()
        self._id("to_entity_id")
        self._other_type()
        self._metadata()

    def _own_card(self) -> None:
        if self.entity_id is None:
            self._id("entity_id")
        elif self.item.get("entity_id") not in (None, self.entity_id):
            self._not_a_choice("entity_id")
        if self.item.get("entity_type") not in (None, self.entity_type):
            self._not_a_choice("entity_type")

    def _id(self, name: str) -> None:
        if name not in self.item:
            self._missing(name)
        elif type(self.item[name]) is not int:
            self.errors.append(_wrong_type(name, "int"))
        elif not 0 < self.item[name] <= LARGEST_NUMBER:
            self._not_a_choice(name)

    def _other_type(self) -> None:
        allowed = LINKABLE[self.entity_type]
        if self.behaviour.contacts_link_leads and self.entity_type == "contacts":
            allowed = (*allowed, "leads")
        if "to_entity_type" not in self.item:
            self._missing("to_entity_type")
        elif not isinstance(self.item["to_entity_type"], str):
            self.errors.append(_wrong_type("to_entity_type", "string"))
        elif self.item["to_entity_type"] not in allowed:
            self._not_a_choice("to_entity_type")

    def _metadata(self) -> None:
        metadata = self.item.get("metadata")
        if metadata is not None and not isinstance(metadata, dict):
            self.errors.append(_wrong_type("metadata", "object"))
            return
        for key in sorted(set(metadata or {}) - self.metadata_keys):
            self._not_expected(f"metadata.{key}")
        for key, value in (metadata or {}).items():
            self._metadata_value(key, value)
        # Unlinking may leave the catalog out; linking an element without it means nothing.
        wants_catalog = "quantity" in self.metadata_keys
        is_element = self.item.get("to_entity_type") == ELEMENTS
        if is_element and wants_catalog and (metadata or {}).get("catalog_id") is None:
            self._missing("metadata.catalog_id")

    def _metadata_value(self, key: str, value: Any) -> None:
        kinds = VALUE_TYPES.get(key)
        if kinds is None:
            return
        is_wild = type(value) is int and not 0 <= abs(value) <= LARGEST_NUMBER
        if type(value) not in kinds[1] or is_wild:
            self.errors.append(_wrong_type(f"metadata.{key}", kinds[0]))

    def _missing(self, path: str) -> None:
        self.errors.append(ItemError("FieldMissing", path, "This field is missing."))

    def _not_expected(self, path: str) -> None:
        self.errors.append(ItemError("FieldNotExpected", path, "This field was not expected."))

    def _not_a_choice(self, path: str) -> None:
        detail = "The value you selected is not a valid choice."
        self.errors.append(ItemError("NotSupportedChoice", path, detail))


def _wrong_type(path: str, type_: str) -> ItemError:
    return ItemError("InvalidType", path, f"This value should be of type {type_}.")
