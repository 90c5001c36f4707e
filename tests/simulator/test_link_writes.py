"""What may be linked and what becomes of it."""

from typing import Any

import pytest

from linkgraph.simulator import World
from tests.simulator.account import ends, errors_of, links_of, served, small_world


def item(to_type: str, to_id: int, **metadata: Any) -> dict[str, Any]:
    """One item of a request."""
    end = {"to_entity_type": to_type, "to_entity_id": to_id}
    return {**end, "metadata": metadata} if metadata else end


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ({"to_entity_id": 11}, ("FieldMissing", "to_entity_type")),
        ({"to_entity_type": "contacts"}, ("FieldMissing", "to_entity_id")),
        (item("contacts", 11) | {"to_entity_id": "11"}, ("InvalidType", "to_entity_id")),
        (item("contacts", 11, main=True), ("FieldNotExpected", "metadata.main")),
        (item("contacts", 11, main_contact=True), ("FieldNotExpected", "metadata.main_contact")),
        (item("contacts", 11, is_main=1), ("InvalidType", "metadata.is_main")),
        (item("contacts", 11) | {"comment": ""}, ("FieldNotExpected", "comment")),
        (item("customers", 31), ("NotSupportedChoice", "to_entity_type")),
        (item("contacts", 999), ("NotSupportedChoice", "to_entity_id")),
        (item("contacts", 10**30), ("NotSupportedChoice", "to_entity_id")),
        (item("contacts", -1), ("NotSupportedChoice", "to_entity_id")),
        (item("contacts", 11, updated_by=10**30), ("InvalidType", "metadata.updated_by")),
        (item("catalog_elements", 41, quantity=1), ("FieldMissing", "metadata.catalog_id")),
        (item("catalog_elements", 42, catalog_id=5), ("NotSupportedChoice", "to_entity_id")),
        (item("contacts", 11) | {"metadata": []}, ("InvalidType", "metadata")),
        (item("contacts", 11) | {"entity_id": 2}, ("NotSupportedChoice", "entity_id")),
        ("text", ("InvalidType", "")),
    ],
    ids=str,
)
async def test_one_bad_item_refuses_the_request(bad: Any, complaint: tuple[str, str]) -> None:
    """A bad item is named by its index, and the good one before it is not applied either."""
    world = small_world()
    before = world.to_dict()
    async with served(world) as client:
        response = await client.post("leads/3/link", json=[item("contacts", 13), bad])

    assert {"1": [complaint]} == errors_of(response)
    assert before == world.to_dict()


@pytest.mark.parametrize("body", [b"", b"[]", b"null"])
async def test_empty_body(body: bytes) -> None:
    """A write without items is told that it cannot be empty."""
    async with served(small_world()) as client:
        response = await client.post("leads/link", content=body)

    assert response.status_code == 400
    assert response.json()["detail"] == "Request data can not be empty"


async def test_more_than_250_items() -> None:
    """251 items are a 422, 250 are not."""
    async with served(small_world()) as client:
        items = [item("contacts", 13) | {"entity_id": 1}] * 250
        within = await client.post("leads/link", json=items)
        beyond = await client.post("leads/link", json=[*items, items[0]])

    assert [within.status_code, beyond.status_code] == [200, 422]
    assert beyond.json()["detail"] == "Limit 250 per page"


async def test_items_of_the_official_client() -> None:
    """Keys that the official client always sends, null where it has nothing to say, are taken."""
    world = small_world()
    sent = {"entity_id": None, "entity_type": None, "metadata": None}
    async with served(world) as client:
        linked = await client.post("leads/2/link", json=[item("contacts", 13) | sent])
        mass = {**item("companies", 22), "entity_id": 2, "entity_type": "leads", "metadata": None}
        both = await client.post("leads/link", json=[mass])
        gone = await client.post("leads/2/unlink", json=[item("contacts", 13) | sent])
        left = ends(await client.get("leads/2/links"))

    assert [linked.status_code, both.status_code, gone.status_code] == [200, 200, 204]
    assert left == [("companies", 22)]


def mains(world: World, lead: int) -> dict[int, int]:
    """The main flags of a lead's contacts."""
    found = world.links.relations["leads", "contacts"].of_owners([lead])[0]
    return {one.id: one.metadata.is_main for one in found}


async def test_main_flag_moves() -> None:
    """A lead has one main contact: linking another with is_main takes the flag from the first."""
    world = small_world()
    async with served(world) as client:
        response = await client.post("leads/1/link", json=[item("contacts", 13, is_main=True)])

    assert links_of(response)[0]["metadata"] == {"main_contact": True}
    assert mains(world, 1) == {11: 0, 12: 0, 13: 1}


async def test_relinking_without_a_flag_keeps_it() -> None:
    """What an item does not say stays as it was."""
    world = small_world()
    async with served(world) as client:
        await client.post("leads/1/link", json=[item("contacts", 11)])

    assert mains(world, 1) == {11: 1, 12: 0}


async def test_main_flag_moves_from_the_contacts_side() -> None:
    """A customer's main contact can be named from the contact; linking it again keeps the flag."""
    world = small_world()
    async with served(world, reverse_metadata=True) as client:
        for contact in (11, 12):
            to = item("customers", 31, is_main=True)
            response = await client.post(f"contacts/{contact}/link", json=[to])
        again = await client.post("contacts/12/link", json=[item("customers", 31)])

    assert [links_of(one)[0]["metadata"] for one in (response, again)] == [
        {"main_contact": True},
        {"main_contact": True},
    ]
    found = world.links.relations["customers", "contacts"].of_owners([31])[0]
    assert {one.id: one.metadata.is_main for one in found} == {11: 0, 12: 1}


@pytest.mark.parametrize("first", ["nobody", "the first"])
async def test_nobody_follows_the_main_contact(first: str) -> None:
    """A lead whose main contact is unlinked has none, also where a first contact becomes main."""
    world = small_world()
    async with served(world, first_contact_is_main=first == "the first") as client:
        await client.post("leads/1/unlink", json=[item("contacts", 11)])
        await client.post("leads/1/link", json=[item("contacts", 13)])
        await client.post("leads/2/link", json=[item("contacts", 13)])

    assert mains(world, 1) == {12: 0, 13: 0}
    assert mains(world, 2) == {13: int(first == "the first")}


@pytest.mark.parametrize("side", ["from the card", "from the company"])
@pytest.mark.parametrize("card", [("leads", 1), ("contacts", 11), ("customers", 31)])
async def test_second_company_replaces_the_first(card: tuple[str, int], side: str) -> None:
    """A lead, contact or customer has one company, whichever side links another."""
    path, new = "/".join(map(str, card)), ("companies", 22)
    async with served(small_world()) as client:
        await client.post(f"{path}/link", json=[item("companies", 21)])
        if side == "from the card":
            await client.post(f"{path}/link", json=[item(*new)])
        else:
            await client.post("companies/22/link", json=[item(*card)])
        companies = [end for end in ends(await client.get(f"{path}/links")) if end[0] == new[0]]
        former = ends(await client.get("companies/21/links"))

    assert companies == [new]
    assert card not in former


async def test_second_company_can_be_refused() -> None:
    """Where the account refuses a second company, nothing changes."""
    world = small_world()
    before = world.to_dict()
    async with served(world, second_company="refuse") as client:
        response = await client.post("leads/1/link", json=[item("companies", 22)])
        again = await client.post("leads/1/link", json=[item("companies", 21)])

    assert errors_of(response) == {"0": [("NotSupportedChoice", "to_entity_id")]}
    assert again.status_code == 200
    assert before == world.to_dict()


@pytest.mark.parametrize(("rule", "after"), [("set", 2), ("add", 3.5)])
async def test_quantity_of_a_linked_element(rule: str, after: float) -> None:
    """Linking an element again sets its quantity or adds to it, as the account does."""
    async with served(small_world(), quantity=rule) as client:
        for quantity in (1.5, 2):
            goods = item("catalog_elements", 41, catalog_id=4, quantity=quantity, price_id=9)
            await client.post("leads/2/link", json=[goods])
        links = links_of(await client.get("leads/2/links"))

    assert [{"quantity": after, "catalog_id": 4, "price_id": 9}] == [
        one["metadata"] for one in links
    ]


async def test_element_is_unlinked_without_its_catalog() -> None:
    """Unlinking an element needs no catalog, and takes the one that is linked."""
    async with served(small_world()) as client:
        await client.post("leads/2/link", json=[item("catalog_elements", 41, catalog_id=5)])
        await client.post("leads/2/unlink", json=[item("catalog_elements", 41)])
        left = await client.get("leads/2/links")

    assert left.status_code == 204


async def test_element_of_a_single_link_catalog() -> None:
    """Where a catalog does not let its elements be linked twice, the second owner is refused."""
    async with served(small_world()) as client:
        goods = item("catalog_elements", 41, catalog_id=5)
        first = await client.post("leads/1/link", json=[goods])
        second = await client.post("leads/2/link", json=[goods])

    assert first.status_code == 200
    assert errors_of(second) == {"0": [("NotSupportedChoice", "to_entity_id")]}


async def test_relinking_can_be_an_error() -> None:
    """Where linking what is linked is a 500, nothing of the request is applied."""
    world = small_world()
    before = world.to_dict()
    async with served(world, relink="500") as client:
        response = await client.post(
            "leads/1/link", json=[item("contacts", 13), item("contacts", 11)]
        )

    assert response.status_code == 500
    assert before == world.to_dict()


@pytest.mark.parametrize(("answer", "status"), [("204", 204), ("400", 400)])
async def test_unlinking_what_is_not_linked(answer: str, status: int) -> None:
    """Unlinking an absent link is no news, or an error, as the account does."""
    async with served(small_world(), unlink_absent=answer) as client:
        response = await client.post("leads/2/unlink", json=[item("contacts", 11)])

    assert status == response.status_code


async def test_lead_is_not_linked_from_the_contact() -> None:
    """The reference has no link from contact to lead; an account may take it all the same."""
    world = small_world()
    async with served(world) as client:
        refused = await client.post("contacts/13/link", json=[item("leads", 2)])
    async with served(world, contacts_link_leads=True) as client:
        taken = await client.post("contacts/13/link", json=[item("leads", 2)])
        links = links_of(await client.get("leads/2/links"))

    assert errors_of(refused) == {"0": [("NotSupportedChoice", "to_entity_type")]}
    assert taken.status_code == 200
    assert links[0]["metadata"] == {"main_contact": False}


async def test_both_cards_tell_of_a_link() -> None:
    """Linking and unlinking are told by both cards, newest first, and name the other end."""
    async with served(small_world()) as client:
        await client.post("leads/2/link", json=[item("contacts", 13)])
        await client.post("leads/2/unlink", json=[item("contacts", 13)])
        response = await client.get("events?filter[type][]=entity_linked&limit=100")
        gone = (await client.get("events?filter[type]=entity_unlinked")).json()

    told = response.json()["_embedded"]["events"]
    assert {("lead", 2), ("contact", 13)} == {
        (one["entity_type"], one["entity_id"]) for one in told
    }
    lead = next(one for one in told if one["entity_type"] == "lead")
    assert lead["value_after"] == [{"link": {"entity": {"type": "contact", "id": 13}}}]
    assert len(gone["_embedded"]["events"]) == 2


async def test_silent_loss() -> None:
    """A lossy account answers that all went well and has lost every n-th item."""
    async with served(small_world(), drop_every=2) as client:
        items = [item("contacts", 11), item("contacts", 12), item("contacts", 13)]
        answered = ends(await client.post("leads/2/link", json=items))
        linked = ends(await client.get("leads/2/links"))

    assert len(answered) == 3
    assert linked == [("contacts", 11), ("contacts", 13)]
