"""The words of the account: entity types, relations, and what may be linked to what.

Written from the reference alone, so that it can disagree with whatever reads the simulator.
"""

from typing import Final

ENTITY_TYPES: Final = ("leads", "contacts", "companies", "customers", "catalog_elements")
"""Every type a link may name; the position is the type's code in `World.link_columns()`."""

CARD_TYPES: Final = ("leads", "contacts", "companies", "customers")
"""The types that have link routes and lists of their own (entity-links-api)."""

ELEMENTS: Final = "catalog_elements"

SINGULAR: Final = {
    "leads": "lead",
    "contacts": "contact",
    "companies": "company",
    "customers": "customer",
    "catalog_elements": "catalog_element",
}
"""Events name types in the singular (amocrm-api §3)."""

LINKABLE: Final = {
    "leads": ("contacts", "companies", "catalog_elements"),
    "contacts": ("companies", "customers", "catalog_elements"),
    "companies": ("contacts", "leads", "customers", "catalog_elements"),
    "customers": ("contacts", "companies", "catalog_elements"),
}
"""Possible links by type, word for word from entity-links-api, "common info"."""

RELATIONS: Final[tuple[tuple[str, str], ...]] = (
    ("leads", "contacts"),
    ("leads", "companies"),
    ("contacts", "companies"),
    ("customers", "contacts"),
    ("customers", "companies"),
    ("leads", "catalog_elements"),
    ("contacts", "catalog_elements"),
    ("companies", "catalog_elements"),
    ("customers", "catalog_elements"),
)
"""The kinds of link as (owner, target): the owner's side carries the metadata."""

LISTING_ORDER: Final = ("catalog_elements", "leads", "contacts", "companies", "customers")
"""The order in which a card's links are listed, as the examples of entity-links-api show it."""

SINGLE_COMPANY: Final = ("leads", "contacts", "customers")
"""Types with at most one company (amocrm-api §1.3)."""

WITH_LINKS: Final = {
    "leads": ("contacts", "catalog_elements"),
    "contacts": ("leads", "customers", "catalog_elements"),
    "companies": ("contacts", "leads", "customers", "catalog_elements"),
    "customers": ("contacts", "companies", "catalog_elements"),
}
"""What `with` embeds in a card, beyond what is always there (amocrm-api §2)."""

ALWAYS_EMBEDDED: Final = {
    "leads": ("companies",),
    "contacts": ("companies",),
    "companies": (),
    "customers": (),
}
"""Links that lists carry unasked (amocrm-api §2)."""
