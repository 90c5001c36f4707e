"""Catalog elements and who has them."""

from fractions import Fraction
from itertools import combinations

from tests.queries.reference.account import Card, Link
from tests.queries.reference.asking import Asking, Expected, Row

KINDS = (
    *("linked to several cards", "several prices", "quantity not above 0"),
    *("no quantity", "no price"),
)
#: An owner's place where the problem is a link's: leads, customers, contacts, companies.
_FIRST = Card(-1, 0, 0)


def _links(ask: Asking) -> list[Link]:
    return [link for link in ask.now.links if link.live and link.other.kind == "element"]


def catalog_problems(ask: Asking) -> Expected:
    """Problems of links to elements, and of elements."""
    links = _links(ask)
    priced = {link.other.catalog for link in links if link.told.price is not None}
    catalogs = {catalog["id"]: catalog for catalog in ask.now.world["catalogs"]}
    found: list[tuple[str, Card, Card, Row]] = []
    for link in links:
        quantity, price = link.told.quantity, link.told.price
        unpriced = ask.values["unpriced_catalogs"] or link.other.catalog in priced
        problems = {
            "quantity not above 0": quantity is not None and quantity <= 0,
            "no quantity": quantity is None,
            "no price": price is None and unpriced,
        }
        row: Row = {"quantity": quantity, "price": price}
        row |= {"last_owner_ref": None, "cards": None, "prices": None}
        found += [
            (kind, link.other, link.owner, row | {"owner_ref": link.owner})
            for kind, is_so in problems.items()
            if is_so
        ]
    for element in {link.other for link in links if link.other.catalog}:
        own = [link for link in links if link.other == element]
        owners = sorted(link.owner for link in own)
        prices = {link.told.price for link in own} - {None}
        lone = catalogs.get(element.catalog, {}).get("can_link_multiple") is False
        problems = {
            "linked to several cards": lone and len(owners) > 1,
            "several prices": len(prices) > 1,
        }
        row = {
            **{"owner_ref": owners[0], "last_owner_ref": owners[-1]},
            **{"quantity": None, "price": None, "cards": len(owners), "prices": len(prices)},
        }
        found += [(kind, element, _FIRST, row) for kind, is_so in problems.items() if is_so]
    found.sort(key=lambda one: (KINDS.index(one[0]), *one[1:3]))
    return Expected(
        [
            {
                "kind": kind,
                "element_ref": element,
                "catalog_id": element.catalog,
                "catalog_name": catalogs.get(element.catalog, {}).get("name"),
            }
            | row
            for kind, element, _, row in found
        ]
    )


def elements_together(ask: Asking) -> Expected:
    """Pairs of elements by the cards that have both."""
    held: dict[Card, set[Card]] = {}
    for link in _links(ask):
        if ask.values["owners"] in ("any", link.owner.kind):
            held.setdefault(link.owner, set()).add(link.other)
    cap = ask.values["hub_cap"]
    cut: list[Row] = [
        {"owner_ref": owner, "elements": len(elements)}
        for owner, elements in held.items()
        if len(elements) > cap
    ]
    cut.sort(key=lambda row: (-row["elements"], row["owner_ref"]))
    held = {owner: elements for owner, elements in held.items() if len(elements) <= cap}
    rows: list[Row] = []
    for a, b in combinations(sorted({one for elements in held.values() for one in elements}), 2):
        times = sum({a, b} <= elements for elements in held.values())
        owners_a, owners_b = (sum(one in got for got in held.values()) for one in (a, b))
        if times >= ask.values["min_times"]:
            rows.append(
                {
                    "element_a_ref": a,
                    "element_b_ref": b,
                    "times": times,
                    "owners_a": owners_a,
                    "owners_b": owners_b,
                    "lift": Fraction(times * len(held), owners_a * owners_b),
                }
            )
    rows.sort(
        key=lambda row: (-row["times"], -row["lift"], row["element_a_ref"], row["element_b_ref"])
    )
    return Expected(rows, cut)
