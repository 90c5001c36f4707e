"""Cards that nothing is linked to."""

from tests.queries.reference.account import Card
from tests.queries.reference.asking import Asking, Expected, Row, late


def orphan_contacts(ask: Asking) -> Expected:
    """Contacts with no link at all."""
    return _newest_first(ask, _alone(ask, "contact", ("lead", "company", "customer", "element")))


def orphan_companies(ask: Asking) -> Expected:
    """Companies with no link but to elements."""
    return _newest_first(ask, _alone(ask, "company", ("lead", "contact", "customer")))


def orphan_customers(ask: Asking) -> Expected:
    """Customers with no link but to elements."""
    return _newest_first(ask, _alone(ask, "customer", ("contact", "company")))


def _alone(ask: Asking, kind: str, others: tuple[str, ...]) -> list[Card]:
    return [
        one for one in ask.now.live(kind) if not any(ask.now.others(one, other) for other in others)
    ]


def _newest_first(ask: Asking, cards: list[Card]) -> Expected:
    cards = sorted(cards, key=lambda one: (late(ask.now.moment(one)), one))
    return Expected([_row(ask, one) for one in cards])


def _row(ask: Asking, one: Card) -> Row:
    row: Row = {
        f"{one.kind}_id": one,
        "created_at": ask.now.moment(one),
        "responsible_user_id": ask.now.said(one, "responsible_user_id"),
        "links_whole": ask.now.whole[one],
    }
    if one.kind != "contact":
        row["elements"] = len(ask.now.others(one, "element"))
    if one.kind != "customer":
        row |= {f"has_{kind}": ask.now.has(one, kind) for kind in ("phone", "email")}
    return row
