"""The cards of a generated account: columns drawn whole, the rest made when a card is asked for.

Invariant: what a card says depends on the seed, its type, its id and its row alone.
"""

from typing import Any

import numpy as np

from linkgraph.simulator import names
from linkgraph.simulator.cards import Card, CardTable, Columns
from linkgraph.simulator.generated_links import Population, Rng, catalogs_of
from linkgraph.simulator.generated_settings import CATALOGS, LOST, PIPELINES, USERS, WON
from linkgraph.simulator.relation import Ints
from linkgraph.simulator.vocabulary import CARD_TYPES, ELEMENTS

OPENED = 1_546_300_800
"""The account's first day: 2019-01-01."""

TODAY = 1_780_000_000
"""The account's last day; a fixed one, so that the same seed is the same account for ever."""

PHONE_FIELD, EMAIL_FIELD = 700001, 700003

TAGS = ("vip", "холодный", "повторный", "Expo 2025", "б/н", "[тест]")


def card_tables(
    rng: Rng, population: Population, ids: dict[str, Ints], makers: "CardMakers"
) -> dict[str, CardTable]:
    """Tables of leads, contacts, companies and customers."""
    tables = {}
    for type_ in CARD_TYPES:
        columns = _times_and_users(rng, ids[type_])
        if type_ == "leads":
            _draw_statuses(rng, columns)
        if type_ in ("contacts", "companies"):
            _draw_phones(rng, columns, share=0.86 if type_ == "contacts" else 0.6)
        tables[type_] = CardTable(columns, getattr(makers, type_))
    return tables


def _times_and_users(rng: Rng, ids: Ints) -> Columns:
    size = len(ids)
    created = OPENED + np.sort(rng.integers(0, TODAY - OPENED, size))
    weights = np.arange(len(USERS), 0, -1, dtype=np.float64)
    users = np.array([user["id"] for user in USERS], np.int64)
    zeros = np.zeros(size, np.int64)
    return {
        "id": ids,
        "created_at": created,
        "updated_at": created + (rng.random(size) ** 3 * (TODAY - created)).astype(np.int64),
        "responsible_user_id": rng.choice(users, size, p=weights / weights.sum()),
        "pipeline_id": zeros,
        "status_id": zeros.copy(),
        "price": zeros.copy(),
    }


def _draw_statuses(rng: Rng, columns: Columns) -> None:
    size = len(columns["id"])
    pipeline = rng.choice(len(PIPELINES), size, p=(0.7, 0.2, 0.1))
    status = np.empty(size, np.int64)
    for number, one in enumerate(PIPELINES):
        here = np.flatnonzero(pipeline == number)
        open_ones = [stage["id"] for stage in one["statuses"] if stage["id"] not in (WON, LOST)]
        status[here] = rng.choice(open_ones, len(here))
    fate = rng.random(size)
    status[fate < 0.35] = WON
    status[fate > 0.72] = LOST
    columns["pipeline_id"] = np.array([one["id"] for one in PIPELINES], np.int64)[pipeline]
    columns["status_id"] = status
    columns["price"] = np.where(
        rng.random(size) < 0.15, 0, (rng.random(size) ** 3 * 40_000).astype(np.int64) * 50
    )


def _draw_phones(rng: Rng, columns: Columns, share: float) -> None:
    """Ten-digit numbers, 0 for none; one card in twenty-five shares another's."""
    size = len(columns["id"])
    phone = rng.integers(9_000_000_000, 9_999_999_999, size)
    copied = np.flatnonzero(rng.random(size) < 0.04)
    phone[copied] = phone[rng.integers(0, size, len(copied))]
    phone[rng.random(size) > share] = 0
    columns["phone"] = phone


class CardMakers:
    """Makes cards out of rows; one method per type."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def leads(self, columns: Columns, row: int) -> Card:
        """A lead."""
        card, mark = self._card("leads", columns, row)
        card["name"] = names.lead_name(mark)
        card["price"] = int(columns["price"][row])
        card["pipeline_id"] = int(columns["pipeline_id"][row])
        card["status_id"] = int(columns["status_id"][row])
        is_closed = card["status_id"] in (WON, LOST)
        card["closed_at"] = card["updated_at"] if is_closed else None
        return card

    def contacts(self, columns: Columns, row: int) -> Card:
        """A person."""
        card, mark = self._card("contacts", columns, row)
        first, last = names.person(mark)
        card["name"] = names.hostile(mark) or f"{first} {last}".strip()
        card["first_name"], card["last_name"] = first, last
        email = names.email(mark, card["id"]) if mark >> 9 & 7 < 5 else None
        card["custom_fields_values"] = _fields(int(columns["phone"][row]), email, mark)
        return card

    def companies(self, columns: Columns, row: int) -> Card:
        """A company."""
        card, mark = self._card("companies", columns, row)
        card["name"] = names.hostile(mark) or names.company(mark)
        email = f"info@{names.domain(mark)}" if mark >> 9 & 7 < 4 else None
        card["custom_fields_values"] = _fields(int(columns["phone"][row]), email, mark)
        return card

    def customers(self, columns: Columns, row: int) -> Card:
        """A customer."""
        card, mark = self._card("customers", columns, row)
        card["name"] = names.customer(mark)
        card["next_price"] = (mark >> 20) % 400 * 500
        card["next_date"] = TODAY + (mark >> 24) % 90 * 86400
        return card

    def element_tables(self, ids: dict[str, Ints]) -> dict[int, CardTable]:
        """The elements of each catalog."""
        elements, catalogs = ids[ELEMENTS], catalogs_of(ids[ELEMENTS])
        tables = {}
        for catalog in CATALOGS:
            own = elements[catalogs == catalog["id"]]
            columns: Columns = {
                "id": own,
                "created_at": OPENED + (own - elements[0]) % 86400,
                "updated_at": OPENED + (own - elements[0]) % 86400,
                "catalog_id": np.full(len(own), catalog["id"], np.int64),
            }
            tables[catalog["id"]] = CardTable(columns, self._element)
        return tables

    def _element(self, columns: Columns, row: int) -> Card:
        id_ = int(columns["id"][row])
        mark = names.mark_of(self._seed, ELEMENTS, id_)
        return {
            "id": id_,
            "catalog_id": int(columns["catalog_id"][row]),
            "name": names.product(mark),
            "created_at": int(columns["created_at"][row]),
            "updated_at": int(columns["updated_at"][row]),
        }

    def _card(self, type_: str, columns: Columns, row: int) -> tuple[Card, int]:
        id_ = int(columns["id"][row])
        mark = names.mark_of(self._seed, type_, id_)
        responsible = int(columns["responsible_user_id"][row])
        card: dict[str, Any] = {
            "id": id_,
            "name": "",
            "responsible_user_id": responsible,
            "created_by": responsible,
            "updated_by": responsible,
            "created_at": int(columns["created_at"][row]),
            "updated_at": int(columns["updated_at"][row]),
        }
        tag = mark >> 30 & 15
        if tag < len(TAGS):
            card["tags"] = [{"id": 510001 + tag, "name": TAGS[tag]}]
        return card, mark


def _fields(phone: int, email: str | None, mark: int) -> list[dict[str, Any]] | None:
    fields = []
    if phone:
        text = names.phone(phone, mark)
        fields.append(_field(PHONE_FIELD, "Телефон", "PHONE", text, "WORK", 710001))
    if email:
        fields.append(_field(EMAIL_FIELD, "Email", "EMAIL", email, "WORK", 710011))
    return fields or None


def _field(
    id_: int, name: str, code: str, value: str, enum_code: str, enum_id: int
) -> dict[str, Any]:
    return {
        "field_id": id_,
        "field_name": name,
        "field_code": code,
        "field_type": "multitext",
        "values": [{"value": value, "enum_id": enum_id, "enum_code": enum_code}],
    }
