"""The metadata of a link as the API shows it.

Invariant: you write `is_main` and read `main_contact`; a link that carries nothing shows null
(entity-links-api).
"""

from typing import Any

from linkgraph.simulator.relation import (
    PRICE_MISSING,
    PRICE_NULL,
    QUANTITY_MISSING,
    QUANTITY_NULL,
    Linked,
)


def metadata_as_read(linked: Linked) -> dict[str, Any] | None:
    """Metadata as the owner's side reports it (entity-links-api): null where there is none."""
    main, quantity, price_id = linked.metadata
    if main >= 0:
        return {"main_contact": bool(main)}
    metadata: dict[str, Any] = {}
    if quantity == QUANTITY_NULL:
        metadata["quantity"] = None
    elif quantity != QUANTITY_MISSING:
        metadata["quantity"] = int(quantity) if quantity.is_integer() else quantity
    if linked.catalog_id:
        metadata["catalog_id"] = linked.catalog_id
    if price_id != PRICE_MISSING:
        metadata["price_id"] = None if price_id == PRICE_NULL else price_id
    return metadata or None
