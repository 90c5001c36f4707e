"""The client against the simulated account: two writings of one reference meet over a socket."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkgraph import errors
from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.amocrm.retries import RetryPolicy
from linkgraph.amocrm.wire import LinkItem, LinkMetadata
from linkgraph.model import CARD_TYPES, EntityType, Ref
from linkgraph.simulator import Simulator, generate, load_world

WORLD = {
    "leads": [{"id": 1, "name": "Сделка"}, {"id": 2}],
    "contacts": [{"id": 11, "name": "[/x] \x1b[31m"}, {"id": 12}],
    "companies": [{"id": 21}],
    "customers": [{"id": 31}],
    "catalogs": [{"id": 41, "name": "Товары"}],
    "catalog_elements": [{"id": 51, "catalog_id": 41}],
}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A small account without a limit."""
    with Simulator(load_world(WORLD), rate=None) as running:
        yield running


def client(simulator: Simulator, **options: Any) -> AmoClient:
    """A client of the simulated account whose repeats take no time."""
    options.setdefault("pacer", Pacer(float("inf")))
    options.setdefault("retry_policy", RetryPolicy(first_wait=0.001, first_wait_refused=0.001))
    return AmoClient(Address.parse(simulator.url), options.pop("token", simulator.token), **options)


async def test_links_are_written_and_read_back_by_every_route(simulator: Simulator) -> None:
    """Single and mass: link, list, unlink; `is_main` is written and `main_contact` read."""
    lead, other = Ref.parse("lead:1"), Ref.parse("lead:2")
    contact, element = Ref.parse("contact:11"), Ref.parse("element:41/51")
    async with client(simulator) as one:
        await one.link(lead, [LinkItem.to(contact, is_main=True), LinkItem.to(element, quantity=2)])
        await one.mass_link(
            EntityType.LEAD,
            [LinkItem.to(Ref.parse("company:21"), owner=ref) for ref in (lead, other)],
        )
        single = await one.card_links(lead)
        mass = await one.mass_links(EntityType.LEAD, [1, 2])
        cards = (await one.cards(EntityType.LEAD, 1)).cards
        await one.unlink(lead, [LinkItem.to(element), LinkItem.to(contact, is_main=True)])
        await one.mass_unlink(
            EntityType.LEAD,
            [LinkItem.to(Ref.parse("company:21"), owner=ref) for ref in (lead, other)],
        )
        assert (await one.mass_links(EntityType.LEAD, [1, 2])).links == []
    told = {(link.to_entity_type, link.to_entity_id): link.metadata for link in single.links}
    assert told[("companies", 21)] is None
    assert told[("contacts", 11)] == LinkMetadata(main_contact=True)
    element_metadata = told[("catalog_elements", 51)]
    assert element_metadata is not None
    assert (element_metadata.quantity, element_metadata.catalog_id) == (2, 41)
    assert {(link.entity_id, link.to_entity_type, link.to_entity_id) for link in mass.links} == {
        (1, "companies", 21),
        (1, "contacts", 11),
        (1, "catalog_elements", 51),
        (2, "companies", 21),
    }
    assert mass.total_items == 4
    embedded = {(name, to_id) for name, to_id, _ in cards[0].embedded_links()}
    assert embedded == {("companies", 21), ("contacts", 11), ("catalog_elements", 51)}


async def test_a_refused_write_names_the_item(simulator: Simulator) -> None:
    """A card that is not there: the item's index and path come back, nothing was applied."""
    items = [
        LinkItem.to(Ref.parse("contact:11"), owner=Ref.parse("lead:1")),
        LinkItem.to(Ref.parse("contact:99"), owner=Ref.parse("lead:1")),
    ]
    async with client(simulator) as one:
        with pytest.raises(errors.RequestRefused) as caught:
            await one.mass_link(EntityType.LEAD, items)
        assert (await one.mass_links(EntityType.LEAD, [1])).links == []
    assert [found.item for found in caught.value.problems] == [1]


async def test_a_wrong_token_is_told_as_such(simulator: Simulator) -> None:
    """401, with the way to a new one."""
    async with client(simulator, token="eyJ.wrong.token") as one:
        with pytest.raises(errors.Unauthorized) as caught:
            await one.account()
    assert "account add" in caught.value.hint


@pytest.mark.parametrize("paged", [False, True])
async def test_a_whole_account_is_walked(paged: bool) -> None:
    """All cards of all types come once, in order; paged or not, mass lists give all links."""
    world = generate(1000)
    with Simulator(world, rate=None, mass_list_paged=paged) as running:
        async with client(running) as one:
            for entity_type in CARD_TYPES:
                ids: list[int] = []
                page, more = 1, True
                while more:
                    answer = await one.cards(entity_type, page)
                    ids += [card.id for card in answer.cards]
                    page, more = page + 1, answer.has_next
                assert ids == sorted(set(ids))
                found = await one.mass_links(entity_type, ids[:200])
                assert found.total_items == len(found.links)
                assert found.pages == (-(-len(found.links) // 250) if paged else 1)
                assert {link.entity_id for link in found.links} <= set(ids[:200])
            assert await one.users()
            assert all(pipeline.statuses for pipeline in await one.pipelines())
            catalogs = await one.catalogs()
            elements = [await one.elements(catalog.id, 1) for catalog in catalogs]
            assert any(page.elements for page in elements)
            element = next(card for page in elements for card in page.elements)
            assert element.catalog_id is not None
            ref = Ref(EntityType.ELEMENT, element.id, element.catalog_id)
            assert (await one.card(ref)) is not None
            assert await one.card(Ref.parse("lead:1")) is None
            assert "entity_linked" in {kind.key for kind in await one.event_types()}


async def test_cards_come_by_their_ids(simulator: Simulator) -> None:
    """Where the filter add-on is there; without it the caller sees others too."""
    async with client(simulator) as one:
        assert [card.id for card in await one.cards_by_id(EntityType.LEAD, [2])] == [2]
        simulator.behave(filter_addon=False)
        assert [card.id for card in await one.cards_by_id(EntityType.LEAD, [2])] == [1, 2]


async def test_link_events_tell_both_ends(simulator: Simulator) -> None:
    """Whatever the account calls them, an event leads to the other card."""
    async with client(simulator) as one:
        await one.link(Ref.parse("lead:1"), [LinkItem.to(Ref.parse("contact:11"))])
        types = [kind.key for kind in await one.event_types() if kind.key.endswith("linked")]
        page = await one.events(types)
    ends = {(one.entity_type, one.entity_id, *one.other_ends()) for one in page.events}
    assert ("lead", 1, ("contact", 11)) in ends


@pytest.mark.parametrize("action", ["drop_connection", "truncate_body", "html_503"])
async def test_a_read_survives_a_fault(simulator: Simulator, action: str) -> None:
    """A lost connection, half a body, the gateway's page: asked again, and right."""
    fault = simulator.fault(action, "account", times=2)
    async with client(simulator) as one:
        assert (await one.account()).id
    assert fault.fired == 2


@pytest.mark.parametrize("action", ["drop_connection", "truncate_body", "html_503"])
async def test_a_write_whose_answer_is_lost_was_sent_once(
    simulator: Simulator, action: str
) -> None:
    """It may have been applied, and here it was: only reading can tell."""
    simulator.fault(action, "POST", when="after")
    lead, item = Ref.parse("lead:1"), LinkItem.to(Ref.parse("contact:11"))
    async with client(simulator) as one:
        with pytest.raises(errors.ApiError):
            await one.link(lead, [item])
        assert len((await one.card_links(lead)).links) == 1
    assert sum(request["method"] == "POST" for request in simulator.requests()) == 1


async def test_a_blocked_account_is_left_alone_by_all(tmp_path: Path) -> None:
    """The first 403 of the gateway ends the requests of both clients that share the pace."""
    with Simulator(load_world(WORLD), rate=None) as running:
        running.fault("status", "", status=403, body="html", times=None)
        pacers = [Pacer(path=tmp_path / "pace") for _ in range(2)]
        async with client(running, pacer=pacers[0]) as one, client(running, pacer=pacers[1]) as two:
            asked = (who.account() for who in (one, two) for _ in range(10))
            results = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(result, errors.AccountBlocked) for result in results)
        assert len(running.requests()) <= 4  # of 20


async def test_who_is_over_the_limit_recovers_from_it(tmp_path: Path) -> None:
    """Somebody else uses the integration's budget up: 429 is waited out, and nothing is lost."""
    with Simulator(
        load_world(WORLD), rate=3, rate_429="json", retry_after=1, retry_after_header=True
    ) as running:
        async with client(running, pacer=Pacer(path=tmp_path / "pace")) as one:
            accounts = await asyncio.gather(*(one.account() for _ in range(8)))
            assert one.stats.refused >= 1
    assert len(accounts) == 8
