"""The links of cards as they are now, read for a plan or after a push."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from linkgraph.amocrm import largest_batch
from linkgraph.errors import Unauthorized
from linkgraph.mirror.clock import now
from linkgraph.mirror.ledger import MassListFacts
from linkgraph.mirror.livelinks import CardLinks, read_live
from linkgraph.model import CARD_TYPES, EntityType, Metadata, Ref
from linkgraph.simulator import World, generate
from tests.mirror.accounts import SINGULAR, Account
from tests.mirror.test_equality import BEHAVIOURS, SOME
from tests.mirror.worlds import Json, column, worlds


def _read(
    account: Account, cards: Iterable[Ref], facts: MassListFacts | None = None
) -> dict[Ref, CardLinks]:
    account.running.log.clear()

    async def reading() -> dict[Ref, CardLinks]:
        async with account.client() as client:
            return await read_live(client, cards, facts or MassListFacts())

    return asyncio.run(reading())


def _cards(world: World) -> list[Ref]:
    state = world.to_dict()
    return [
        Ref(EntityType(SINGULAR[section]), card["id"], card.get("catalog_id", 0))
        for section in SINGULAR
        for card in state[section]
    ]


def _told_by(world: World, card: Ref, behaviour: dict[str, Any]) -> dict[Ref, Metadata]:
    """What a card's own side must tell, by the world's JSON."""
    told = {}
    for link in world.to_dict()["links"]:
        carried = link["metadata"] or {}
        owner = Ref(EntityType(SINGULAR[link["entity_type"]]), link["entity_id"])
        other_type = EntityType(SINGULAR[link["to_entity_type"]])
        catalog = carried.get("catalog_id", 0) if other_type is EntityType.ELEMENT else 0
        other = Ref(other_type, link["to_entity_id"], catalog)
        if card == owner:
            told[other] = Metadata(
                carried.get("main_contact"), carried.get("quantity"), carried.get("price_id")
            )
        elif card == other:
            contact_of_lead = (owner.type, other.type) == (EntityType.LEAD, EntityType.CONTACT)
            if not contact_of_lead or behaviour["contacts_report_leads"]:
                told[owner] = Metadata()
    return told


@settings(SOME, max_examples=5)
@given(world=worlds(), behaviour=BEHAVIOURS)
def test_live_links_are_the_worlds(world: Json, behaviour: dict[str, Any]) -> None:
    """Far ends and what the links carry are the account's, whichever way it pages and answers."""
    with TemporaryDirectory() as folder:
        account = Account(world, Path(folder), **{**behaviour, "reverse_metadata": False})
        before = now()
        found = _read(account, _cards(account.world))
        assert found.keys() == {ref for ref in _cards(account.world) if ref.type in CARD_TYPES}
        for ref, told in found.items():
            assert told.links == _told_by(account.world, ref, behaviour), ref
            assert (told.card, told.whole, told.unreadable) == (ref, True, "")
            assert before <= told.read_at <= now()
            assert {link.entity_id for link in told.reported} <= {ref.id}
            assert len(told.reported) == len(told.links)


def test_live_links_at_the_least_cost(tmp_path: Path) -> None:
    """Twenty thousand cards of an account that is known cost a request for each full batch."""
    account = Account(generate(30_000, seed=5), tmp_path)
    cards = [ref for ref in _cards(account.world) if ref.type in CARD_TYPES]
    assert len(cards) > 15_000
    facts = MassListFacts(checked=True, largest_without_next=10_000)
    read = 0

    def count(more: int) -> None:
        nonlocal read
        read += more

    async def reading() -> dict[Ref, CardLinks]:
        async with account.client() as client:
            return await read_live(client, cards, facts, count)

    assert asyncio.run(reading()).keys() == set(cards)
    assert read == len(cards)
    least = 0
    for kind in CARD_TYPES:
        ids = [ref.id for ref in cards if ref.type is kind]
        assert largest_batch(kind, ids, 0) == 250
        least += ceil(len(ids) / 250)
    assert len(account.asked()) == least


@pytest.mark.parametrize("cap", [50, 120])
def test_silent_caps_are_found_out(tmp_path: Path, cap: int) -> None:
    """What a sync proves of its reads is proved of these too."""
    account = Account(column(300, contacts=150), tmp_path)
    account.cap = cap
    found = _read(account, _cards(account.world))
    behaviour = {"contacts_report_leads": True}
    assert all(told.links == _told_by(account.world, ref, behaviour) for ref, told in found.items())


def test_batches_that_are_too_large_are_learned_from(tmp_path: Path) -> None:
    """A gateway timeout shrinks the batches that wait in line too."""
    account = Account(column(2500), tmp_path, max_ids_before_504=100)
    facts = MassListFacts()
    found = _read(account, _cards(account.world), facts)
    assert all(told.whole for told in found.values())
    assert facts.max_ids <= 100
    late = [entry for entry in account.running.log.entries() if entry["status"] == 504]
    assert len({entry["query"] for entry in late}) <= 16  # eight in flight, twice too large


def test_what_cannot_be_read_is_named_so(tmp_path: Path) -> None:
    """Forbidden cards are told of as such, the others are read."""
    account = Account(column(120, contacts=2), tmp_path)
    account.fault("status", "leads/links", status=403, times=None)
    found = _read(account, _cards(account.world))
    leads = [told for ref, told in found.items() if ref.type is EntityType.LEAD]
    assert {(told.whole, told.unreadable, len(told.links)) for told in leads} == {
        (False, "no rights", 0)
    }
    contacts = [told for ref, told in found.items() if ref.type is EntityType.CONTACT]
    assert {(told.whole, told.unreadable, len(told.links)) for told in contacts} == {(True, "", 60)}


def test_no_answer_is_not_no_links(tmp_path: Path) -> None:
    """A card whose links end in 504 whatever is asked is neither whole nor called unreadable."""
    account = Account(column(3, contacts=1), tmp_path, max_ids_before_504=0)
    found = _read(account, _cards(account.world))
    assert {(told.whole, told.unreadable) for told in found.values()} == {(False, "")}


def test_a_link_written_on_the_way_is_not_held_to_be_read(tmp_path: Path) -> None:
    """The moment of a read is before its request: what is written meanwhile is newer."""
    account = Account(column(3), tmp_path)
    written: list[datetime] = []
    account.before.append(lambda line: written.append(now()))
    found = _read(account, _cards(account.world))
    assert all(told.read_at <= written[0] for told in found.values())


def test_a_wrong_token_is_one_plain_error(tmp_path: Path) -> None:
    """What ends the reading is raised as itself, not as a group."""
    account = Account(column(1000), tmp_path)
    account.fault("status", "leads/links", status=401, skip=1, times=None)
    with pytest.raises(Unauthorized):
        _read(account, _cards(account.world))
