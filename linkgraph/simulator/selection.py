"""Which cards a list shows: filters, order, page (amocrm-api §2).

Invariant: without filters a page costs the same wherever it is in the list.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request

from linkgraph.simulator.cards import CardTable
from linkgraph.simulator.query import Page, bad_parameter, ids_of, range_of, values_of
from linkgraph.simulator.relation import Ints
from linkgraph.simulator.running import Running

ORDERS = {
    "leads": ("id", "created_at", "updated_at"),
    "contacts": ("id", "updated_at"),
    "companies": ("id", "updated_at"),
    "customers": ("id", "created_at", "updated_at"),
}
"""What a list can be ordered by; customers document none and are let off."""

NUMBER_FILTERS = ("responsible_user_id", "pipeline_id", "status_id")


class Selected(NamedTuple):
    """Rows of one page."""

    rows: list[int]
    more: bool


def select(
    request: Request,
    running: Running,
    table: CardTable,
    entity_type: str,
    page: Page,
    *,
    deleted: bool = False,
) -> Selected:
    """The rows of the page that is asked for."""
    name, descending = _order(request, entity_type)
    mask = _mask(request, running, table, deleted)
    order = table.order(name)
    if mask is None and order is None:
        return _plain(len(table), page, descending)
    rows: Ints = np.arange(len(table)) if order is None else order
    if mask is not None:
        rows = rows[mask[rows]]
    if descending:
        rows = rows[::-1]
    return Selected(rows[page.first : page.last].tolist(), page.last < len(rows))


def _plain(size: int, page: Page, descending: bool) -> Selected:
    rows = range(size)[page.first : page.last]
    return Selected(
        [size - 1 - row for row in rows] if descending else list(rows), page.last < size
    )


def _order(request: Request, entity_type: str) -> tuple[str, bool]:
    for key, value in request.query_params.multi_items():
        if key.startswith("order["):
            name = key[len("order[") : -1]
            if name not in ORDERS[entity_type] or value.lower() not in ("asc", "desc"):
                raise bad_parameter(
                    f"order.{name}", "NotSupportedChoice", "The value is not a valid choice."
                )
            return name, value.lower() == "desc"
    return "id", False


def _mask(
    request: Request, running: Running, table: CardTable, deleted: bool
) -> NDArray[np.bool_] | None:
    """The rows that pass, None where all do."""
    mask = table.live()
    if deleted:
        mask = np.zeros(len(table), np.bool_) if mask is None else ~mask
    if not running.behaviour.filter_addon:
        return mask
    ids = ids_of(request, "filter[id]", running.behaviour)
    if ids is not None:
        wanted = np.zeros(len(table), np.bool_)
        wanted[table.rows_of(ids)] = True
        mask = wanted if mask is None else mask & wanted
    for name in ("created_at", "updated_at"):
        times = range_of(request, f"filter[{name}]")
        for limit, within in zip(times or (), (np.greater_equal, np.less_equal), strict=False):
            if limit is not None:
                passed = within(table.columns[name], limit)
                mask = passed if mask is None else mask & passed
    for name in NUMBER_FILTERS:
        if values_of(request, f"filter[{name}]") and name in table.columns:
            numbers = ids_of(request, f"filter[{name}]", running.behaviour) or []
            passed = np.isin(table.columns[name], numbers)
            mask = passed if mask is None else mask & passed
    return mask
