"""Lists, pages, filters and the three ways to name ids."""

from typing import Any

import httpx
import pytest

from linkgraph.simulator import World, generate, load_world
from tests.simulator.account import ends, errors_of, links_of, served, small_world


@pytest.mark.parametrize(
    "query",
    [
        "filter[entity_id][]=1&filter[entity_id][]=2",
        "filter[entity_id][0]=1&filter[entity_id][1]=2",
        "filter%5Bentity_id%5D%5B0%5D=1&filter%5Bentity_id%5D%5B7%5D=2",
        "filter[entity_id]=1",
    ],
)
async def test_ids_in_every_bracket_form(query: str) -> None:
    """Appended, indexed and scalar ids ask for the same cards, encoded or not."""
    async with served(small_world()) as client:
        found = ends(await client.get(f"leads/links?{query}"))

    assert found == [("contacts", 11), ("contacts", 12), ("companies", 21)]


async def test_mass_list_needs_ids() -> None:
    """The mass list without ids says which parameter is missing."""
    async with served(small_world()) as client:
        missing = await client.get("leads/links")
        wrong = await client.get("leads/links?filter[entity_id][]=abc")

    assert errors_of(missing) == {"0": [("FieldMissing", "filter.entity_id")]}
    assert errors_of(wrong) == {"0": [("InvalidType", "filter.entity_id")]}


async def test_comma_ids() -> None:
    """Ids joined by commas are ignored or refused, as the account does."""
    async with served(small_world()) as client:
        ignored = await client.get("leads/links?filter[entity_id]=1,2")
    async with served(small_world(), comma_ids="refuse") as client:
        refused = await client.get("leads/links?filter[entity_id]=1,2")

    assert [ignored.status_code, refused.status_code] == [204, 400]


async def test_unknown_cards() -> None:
    """Cards that are not there have no links, or are an error, as the account does."""
    path = "leads/links?filter[entity_id][]=1&filter[entity_id][]=404"
    async with served(small_world()) as client:
        assert len(links_of(await client.get(path))) == 3
        assert (await client.get("leads/404/links")).status_code == 204
        assert (await client.get(f"leads/{10**30}/links")).status_code == 204
    async with served(small_world(), unknown_ids="400") as client:
        assert (await client.get(path)).status_code == 400


async def test_nothing_can_be_an_empty_list() -> None:
    """Nothing is 204, or a list of nothing, as the account does."""
    async with served(small_world(), empty="list") as client:
        links = await client.get("leads/2/links")
        page = await client.get("leads?page=9")

    assert links_of(links) == []
    assert (page.status_code, page.json()["_embedded"]["leads"]) == (200, [])


async def test_link_filters() -> None:
    """The far end filters by id and type together; a type alone is ignored."""
    async with served(small_world()) as client:
        both = "filter[to_entity_id]=12&filter[to_entity_type]=contacts"
        assert ends(await client.get(f"leads/1/links?{both}")) == [("contacts", 12)]
        alone = await client.get("leads/1/links?filter[to_entity_type]=contacts")
        assert len(ends(alone)) == 3
        assert (await client.get("leads/1/links?filter[to_catalog_id]=4")).status_code == 204


async def test_contacts_report_leads_where_the_account_does() -> None:
    """A contact names its leads or does not; its metadata is null unless it is told both ways."""
    async with served(small_world()) as client:
        reported = links_of(await client.get("contacts/11/links"))
    async with served(small_world(), contacts_report_leads=False) as client:
        hidden = ends(await client.get("contacts/11/links"))
    async with served(small_world(), reverse_metadata=True) as client:
        told = links_of(await client.get("contacts/11/links"))

    assert [one["metadata"] for one in reported] == [None, None]
    assert hidden == [("companies", 21)]
    assert told[0]["metadata"] == {"main_contact": True}


async def follow(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    pages = []
    while path:
        body = (await client.get(path)).json()
        pages.append(body)
        path = body["_links"].get("next", {}).get("href", "")
    return pages


@pytest.mark.parametrize(("meaning", "totals"), [("all", {130}), ("page", {50, 30})])
async def test_paged_mass_list(meaning: str, totals: set[int]) -> None:
    """A paged mass list has 50 links a page, keeps its query in next, and counts as it is told."""
    links = [
        {
            "entity_type": "leads",
            "entity_id": 1,
            "to_entity_type": "contacts",
            "to_entity_id": id_,
            "metadata": {"main_contact": False},
        }
        for id_ in range(1, 131)
    ]
    world = load_world(
        {"leads": [{"id": 1}], "contacts": [{"id": id_} for id_ in range(1, 131)], "links": links}
    )
    async with served(world, mass_list_paged=True, total_items=meaning) as client:
        pages = await follow(client, "leads/links?filter[entity_id][]=1")
        whole = await client.get("leads/links?filter[entity_id][]=1&limit=250")

    assert [len(page["_embedded"]["links"]) for page in pages] == [50, 50, 30]
    assert totals == {page["_total_items"] for page in pages}
    assert len(links_of(whole)) == 130
    seen = [one["to_entity_id"] for page in pages for one in page["_embedded"]["links"]]
    assert list(range(1, 131)) == seen


@pytest.fixture(scope="module")
def thousand() -> World:
    """A generated account."""
    return generate(3000, seed=5)


@pytest.mark.parametrize("entity_type", ["leads", "contacts", "companies", "customers"])
async def test_walk(entity_type: str, thousand: World) -> None:
    """Following next from the first page sees every card once, in order of id."""
    async with served(thousand) as client:
        pages = await follow(client, f"{entity_type}?limit=250&order[id]=asc&with=contacts")

    seen = [card["id"] for page in pages for card in page["_embedded"][entity_type]]
    assert thousand.card_columns(entity_type)["id"].tolist() == seen
    assert [str(number) for number in range(1, len(pages) + 1)] == [
        str(page["_page"]) for page in pages
    ]
    assert all("_total_items" not in page for page in pages)
    assert all("with=contacts" in page["_links"]["next"]["href"] for page in pages[:-1])


async def test_embedded_links_agree_with_the_mass_list(thousand: World) -> None:
    """What lists embed and what link lists report are two views of the same links."""
    kinds = {"contacts", "companies", "catalog_elements"}
    async with served(thousand) as client:
        response = await client.get("leads?limit=100&page=2&with=contacts,catalog_elements")
        cards = response.json()["_embedded"]["leads"]
        ids = "&".join(f"filter[entity_id][]={card['id']}" for card in cards)
        links = links_of(await client.get(f"leads/links?{ids}"))

    embedded = {
        (card["id"], kind, end["id"], end.get("is_main"), str(end.get("metadata")))
        for card in cards
        for kind in kinds
        for end in card["_embedded"][kind]
    }
    reported = set()
    for one in links:
        kind, metadata = one["to_entity_type"], one["metadata"]
        main = metadata["main_contact"] if kind == "contacts" else None
        shown = str(metadata if kind == "catalog_elements" else None)
        reported.add((one["entity_id"], kind, one["to_entity_id"], main, shown))
    assert reported == embedded


@pytest.mark.parametrize(("name", "order"), [("id", "desc"), ("updated_at", "asc")])
async def test_orders(name: str, order: str, thousand: World) -> None:
    """Lists come in the order that is asked for."""
    async with served(thousand) as client:
        response = await client.get(f"leads?limit=250&order[{name}]={order}")

    values = [card[name] for card in response.json()["_embedded"]["leads"]]
    assert sorted(values, reverse=order == "desc") == values


async def test_filters_need_the_add_on(thousand: World) -> None:
    """Filters of lists work with the paid add-on and are ignored without; the account tells."""
    ids = thousand.card_columns("leads")["id"][[3, 5, 800]].tolist()
    query = "&".join(f"filter[id][]={id_}" for id_ in ids)
    async with served(thousand) as client:
        some = (await client.get(f"leads?{query}")).json()["_embedded"]["leads"]
        times = [card["updated_at"] for card in some]
        window = f"filter[updated_at][from]={min(times)}&filter[updated_at][to]={max(times)}"
        within = (await client.get(f"leads?{window}&limit=250")).json()["_embedded"]["leads"]
        on = (await client.get("account?with=is_api_filter_enabled")).json()
    async with served(thousand, filter_addon=False) as client:
        ignored = (await client.get(f"leads?{query}")).json()["_embedded"]["leads"]
        off = (await client.get("account?with=is_api_filter_enabled")).json()

    assert ids == [card["id"] for card in some]
    assert within
    assert all(min(times) <= card["updated_at"] <= max(times) for card in within)
    assert len(ignored) == 50
    assert [on["is_api_filter_enabled"], off["is_api_filter_enabled"]] == [True, False]


async def test_limit_above_the_longest_page(thousand: World) -> None:
    """A limit above 250 falls back to 50."""
    async with served(thousand) as client:
        response = await client.get("contacts?limit=251")

    assert len(response.json()["_embedded"]["contacts"]) == 50


async def test_one_card_and_its_absence() -> None:
    """A card by id is the card; one that is not there is 204."""
    async with served(small_world()) as client:
        card = (await client.get("leads/3")).json()
        absent = await client.get("contacts/999")

    assert (card["id"], card["price"], card["_embedded"]["companies"]) == (3, 5, [])
    assert absent.status_code == 204


async def test_elements_are_known_by_their_catalog() -> None:
    """The same element id in two catalogs is two elements."""
    async with served(small_world()) as client:
        goods = (await client.get("catalogs/4/elements?limit=250")).json()["_embedded"]["elements"]
        other = (await client.get("catalogs/5/elements/41")).json()

    assert [(one["id"], one["catalog_id"]) for one in goods] == [(41, 4), (42, 4)]
    assert other["catalog_id"] == 5


async def test_settings_of_a_generated_account(thousand: World) -> None:
    """Account, users, pipelines with their statuses, catalogs and event types are there."""
    async with served(thousand) as client:
        account = (await client.get("account")).json()
        users = (await client.get("users")).json()["_embedded"]["users"]
        pipelines = (await client.get("leads/pipelines")).json()["_embedded"]["pipelines"]
        catalogs = (await client.get("catalogs?limit=250")).json()["_embedded"]["catalogs"]
        types = (await client.get("events/types")).json()["_embedded"]["events_types"]
        events = await client.get("events")
        webhooks = (await client.get("webhooks")).json()["_embedded"]["webhooks"]

    assert account["customers_mode"] == "segments"
    assert len(users) > 3
    assert len(pipelines) >= 2
    assert all(one["_embedded"]["statuses"][0]["type"] == 1 for one in pipelines)
    assert len(catalogs) >= 2
    assert {"entity_linked", "contact_unlinked"} <= {one["key"] for one in types}
    assert events.status_code == 204
    assert [one["disabled"] for one in webhooks] == [False]


async def test_webhooks() -> None:
    """Webhooks are listed whole; a world file need not say more than where they go."""
    hooks = [
        {"destination": "https://a.test"},
        {"id": 9, "destination": "https://b.test", "settings": ["add_lead"], "disabled": True},
    ]
    async with served(load_world({"account": {"id": 5}, "webhooks": hooks})) as client:
        response = await client.get("webhooks")
        one = await client.get("webhooks?filter[destination]=https://b.test")
        none = await client.get("webhooks?filter[destination]=https://b")

    told = response.json()
    assert told["_total_items"] == 2
    assert told["_embedded"]["webhooks"] == [
        {
            "id": 1,
            "destination": "https://a.test",
            "created_at": 1546300800,
            "updated_at": 1546300800,
            "account_id": 5,
            "created_by": 0,
            "sort": 1,
            "disabled": False,
            "settings": ["update_lead"],
        },
        told["_embedded"]["webhooks"][1],
    ]
    assert [hook["id"] for hook in one.json()["_embedded"]["webhooks"]] == [9]
    assert none.status_code == 204


async def test_webhooks_are_for_administrators() -> None:
    """Whoever may not see the webhooks is told so; an account without any answers 204."""
    async with served(load_world({"webhooks": [{"destination": "https://a.test"}]})) as client:
        face = "http://account.test/_simulator/behaviour"
        await client.patch(face, json={"webhooks_allowed": False})
        refused = await client.get("webhooks")
    async with served(small_world()) as client:
        none = await client.get("webhooks")

    assert (refused.status_code, none.status_code) == (403, 204)
    assert refused.headers["content-type"] == "application/problem+json"


async def test_trash() -> None:
    """A deleted lead is in no list but that of the trash, which says little of it."""
    world = load_world({"leads": [{"id": 1}, {"id": 2, "is_deleted": True, "name": "Gone"}]})
    async with served(world) as client:
        listed = (await client.get("leads")).json()["_embedded"]["leads"]
        trash = (await client.get("leads?with=only_deleted")).json()["_embedded"]["leads"]

    assert [card["id"] for card in listed] == [1]
    assert [(card["id"], card["is_deleted"]) for card in trash] == [(2, True)]
    assert "name" not in trash[0]
