"""Rows from answers: what cannot stand in a column never stops a sync."""

from datetime import UTC, datetime

import duckdb
import msgspec

from linkgraph.amocrm import wire
from linkgraph.mirror import schema
from linkgraph.mirror.columns import card_tables, link_tables
from linkgraph.model import EntityType

MOMENT = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def test_custom_fields_are_kept_letter_for_letter() -> None:
    """What the CRM sends as custom fields stands in the table as it came, NULs and all."""
    sent = r'[{"v":"\u0000 \\ud800 \ud83d\ude00"}]'
    card = wire.Card(id=1, custom_fields_values=msgspec.Raw(sent.encode()))
    tables = card_tables(EntityType.LEAD, [card], MOMENT, "RU")
    with duckdb.connect() as db:
        schema.create(db, "")
        db.register("page", tables.cards)
        db.execute("insert into leads by name select * from page")
        assert db.execute("select custom_fields::varchar from leads").fetchall() == [(sent,)]


def test_numbers_past_any_column_are_left_out() -> None:
    """Prices of four hundred digits, ids past 64 bits and times past the calendar become NULL."""
    card = wire.Card(id=1, price=10**400, created_at=10**15, pipeline_id=2**70)
    row = card_tables(EntityType.LEAD, [card, wire.Card(id=2**64)], MOMENT, "RU").cards.to_pylist()
    assert [(r["lead_id"], r["price"], r["created_at"], r["pipeline_id"]) for r in row] == [
        (1, None, None, None)
    ]


def test_links_of_cards_not_asked_about_are_left_out() -> None:
    """A server that ignores the filter adds nothing; catalogs that cannot be one are unknown."""
    told = wire.LinkMetadata(catalog_id=2**70, quantity=1)
    links = [
        wire.Link(5, "contacts", entity_id=1),
        wire.Link(5, "contacts", entity_id=2),
        wire.Link(5, "spaceships", entity_id=1),
        wire.Link(7, "catalog_elements", entity_id=1, metadata=told),
    ]
    tables = link_tables(
        EntityType.LEAD, [1], links, read_at=MOMENT, whole=True, expected=4
    ).links.to_pylist()
    assert [(row["entity_id"], row["to_entity_id"], row["to_catalog_id"]) for row in tables] == [
        (1, 5, 0),
        (1, 7, 0),
    ]
