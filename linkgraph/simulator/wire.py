"""Cards as the API shows them.

Invariant: every key that official clients read without a guard is there (amocrm-api §6), also
for a card of which a world file says nothing but the id.
"""

from typing import Any

from starlette.requests import Request

from linkgraph.simulator.cards import Card
from linkgraph.simulator.hal import link_to

COMMON: dict[str, Any] = {
    "name": "",
    "responsible_user_id": 0,
    "group_id": 0,
    "created_by": 0,
    "updated_by": 0,
    "created_at": 0,
    "updated_at": 0,
    "closest_task_at": None,
    "is_deleted": False,
    "custom_fields_values": None,
}

DEFAULTS: dict[str, dict[str, Any]] = {
    "leads": {
        **COMMON,
        "price": 0,
        "status_id": 0,
        "pipeline_id": 0,
        "loss_reason_id": None,
        "source_id": None,
        "closed_at": None,
        "score": None,
        "labor_cost": None,
    },
    "contacts": {**COMMON, "first_name": "", "last_name": "", "is_unsorted": False},
    "companies": COMMON,
    "customers": {
        **COMMON,
        "next_price": 0,
        "next_date": 0,
        "status_id": 0,
        "periodicity": 0,
        "ltv": 0,
        "purchases_count": 0,
        "average_check": 0,
    },
    "catalog_elements": {
        "name": "",
        "created_by": 0,
        "updated_by": 0,
        "created_at": 0,
        "updated_at": 0,
        "is_deleted": None,
        "custom_fields_values": None,
    },
}

EMBEDDED = ("tags", "segments")
"""Keys of a world file's card that the API shows inside `_embedded`."""


def card_body(
    request: Request, entity_type: str, card: Card, account_id: int, embedded: dict[str, Any]
) -> dict[str, Any]:
    """One card; `embedded` are its links."""
    own = {name: value for name, value in card.items() if name not in EMBEDDED}
    inside: dict[str, Any] = {"tags": card.get("tags", [])}
    if entity_type == "customers":
        inside["segments"] = card.get("segments", [])
    return {
        **DEFAULTS[entity_type],
        **own,
        "account_id": account_id,
        "_links": link_to(request, entity_type, card["id"]),
        "_embedded": {**inside, **embedded},
    }


def deleted_body(card: Card, account_id: int) -> dict[str, Any]:
    """All that the API still says of a card in the trash (amocrm-api §2)."""
    return {
        "id": card["id"],
        "updated_at": card.get("updated_at", 0),
        "updated_by": card.get("updated_by", 0),
        "is_deleted": True,
        "account_id": account_id,
    }


def element_body(request: Request, card: Card, catalog_id: int, account_id: int) -> dict[str, Any]:
    """One element of a catalog."""
    return {
        **DEFAULTS["catalog_elements"],
        **card,
        "catalog_id": catalog_id,
        "account_id": account_id,
        "_links": link_to(request, "catalogs", catalog_id, "elements", card["id"]),
    }
