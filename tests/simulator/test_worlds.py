"""World files, generated accounts, and the simulator as a process."""

import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.simulator import (
    ENTITY_TYPES,
    Metadata,
    Simulator,
    SizeError,
    World,
    WorldFileError,
    generate,
    links_of_size,
    load_world,
)
from linkgraph.simulator.vocabulary import CARD_TYPES, RELATIONS
from tests.forked import Forked
from tests.simulator.account import SMALL, served, small_world
from tests.terminal import environment

IDS = st.integers(1, 6)


@st.composite
def world_files(draw: st.DrawFn) -> dict[str, Any]:
    """World files in the form that `World.to_dict` writes."""
    file: dict[str, Any] = {"account": {"id": draw(st.integers(1, 2**40))}}
    file |= {"users": [], "pipelines": [], "events": []}
    for type_ in CARD_TYPES:
        names = draw(st.dictionaries(IDS, st.text(max_size=5)))
        file[type_] = [{"id": id_, "name": name} for id_, name in sorted(names.items())]
    file["catalogs"] = [{"id": 1}, {"id": 2}]
    elements = sorted(draw(st.sets(st.tuples(st.integers(1, 2), IDS))))
    file["catalog_elements"] = [{"id": id_, "catalog_id": key} for key, id_ in elements]
    addresses = draw(st.lists(st.text(max_size=5), max_size=2))
    file["webhooks"] = [{"destination": address} for address in addresses]
    file["links"] = []
    for owner, target in RELATIONS:
        catalogs = st.integers(1, 2) if target == "catalog_elements" else st.just(0)
        keys = sorted(draw(st.sets(st.tuples(IDS, catalogs, IDS), max_size=6)))
        for owner_id, catalog_id, target_id in keys:
            link = {"entity_type": owner, "entity_id": owner_id, "to_entity_type": target}
            metadata: Any = None
            if catalog_id:
                metadata = draw(
                    st.fixed_dictionaries(
                        {"catalog_id": st.just(catalog_id)},
                        optional={
                            "quantity": st.one_of(st.none(), st.floats(-5, 5), st.integers(0, 9)),
                            "price_id": st.one_of(st.none(), st.integers(1, 9)),
                        },
                    )
                )
            elif target == "contacts":
                main = draw(st.sampled_from([None, True, False]))
                metadata = None if main is None else {"main_contact": main}
            file["links"].append({**link, "to_entity_id": target_id, "metadata": metadata})
    return file


@given(world_files())
@settings(deadline=None, max_examples=30, database=None)
def test_world_file_round_trip(file: dict[str, Any]) -> None:
    """A world file read and written is the same file, links to missing cards and all."""
    assert file == load_world(file).to_dict()


@given(
    world_files(),
    st.lists(st.tuples(st.booleans(), st.sampled_from(RELATIONS), IDS, IDS), max_size=30),
)
@settings(deadline=None, max_examples=30, database=None)
def test_written_links_equal_a_plain_set(
    file: dict[str, Any], writes: list[tuple[bool, tuple[str, str], int, int]]
) -> None:
    """After any writes, both sides and the columns tell of exactly the links that are there."""
    world = load_world(file)
    expected = {_row(link) for link in file["links"]}
    for is_link, (owner, target), one, other in writes:
        catalog = 1 if target == "catalog_elements" else 0
        row = (owner, one, target, other, catalog)
        if is_link:
            world.link(owner, one, target, other, catalog, Metadata())
            expected.add(row)
        else:
            assert (row in expected) == world.unlink(owner, one, target, other, catalog)
            expected.discard(row)

    assert expected == _rows(world)
    assert len(expected) == len(world.links)
    assert expected == {_row(link) for link in world.to_dict()["links"]}
    for owner, target in RELATIONS:
        for id_ in range(1, 7):
            seen = world.links.relations[owner, target].of_targets([id_], catalog_id=0)[0]
            named = {
                row[1] for row in expected if row[0::2] == (owner, target, 0) and row[3] == id_
            }
            assert named == {one.id for one in seen}


def _row(link: dict[str, Any]) -> tuple[str, int, str, int, int]:
    catalog = (link["metadata"] or {}).get("catalog_id", 0)
    return (
        link["entity_type"],
        link["entity_id"],
        link["to_entity_type"],
        link["to_entity_id"],
        catalog,
    )


def _rows(world: World) -> set[tuple[str, int, str, int, int]]:
    columns = world.link_columns()
    names = ("entity_type", "entity_id", "to_entity_type", "to_entity_id", "catalog_id")
    return {
        (ENTITY_TYPES[from_], id_, ENTITY_TYPES[to], to_id, catalog)
        for from_, id_, to, to_id, catalog in zip(
            *(columns[name].tolist() for name in names), strict=True
        )
    }


def test_links_may_be_told_from_either_side() -> None:
    """A world file may name a link from the contact; it is the same link."""
    link = {
        "entity_type": "contacts",
        "entity_id": 5,
        "to_entity_type": "leads",
        "to_entity_id": 1,
        "metadata": {"main_contact": True},
    }
    written = load_world({"links": [link]}).to_dict()["links"]

    assert [_row(one)[:4] for one in written] == [("leads", 1, "contacts", 5)]
    assert written[0]["metadata"] == {"main_contact": True}


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ({"deals": []}, "deals"),
        ({"leads": {}}, "leads"),
        ({"leads": [{"id": "1"}]}, r"leads\[0\].id"),
        ({"leads": [{"id": 2**70}]}, r"leads\[0\].id"),
        ({"leads": [{"id": 1}, {"id": 1}]}, r"leads\[1\].id"),
        ({"links": [{"entity_type": "leads"}]}, r"links\[0\]"),
        ({"webhooks": [{"settings": []}]}, r"webhooks\[0\].destination"),
        ({"links": [{**SMALL["links"][0], "to_entity_type": "leads"}]}, "cannot be linked"),
        ({"links": [SMALL["links"][0], SMALL["links"][0]]}, r"links\[1\]"),
    ],
)
def test_bad_world_files(file: dict[str, Any], place: str) -> None:
    """A file that is no world is refused, and the message names the place."""
    with pytest.raises(WorldFileError, match=place):
        load_world(file)


def test_no_world_file(tmp_path: Path) -> None:
    """A file that is not there, or not JSON, is named."""
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(WorldFileError, match="cannot be read"):
        load_world(tmp_path / "none.json")
    with pytest.raises(WorldFileError, match=r"broken\.json: not JSON"):
        load_world(broken)


async def test_state_is_the_world_file() -> None:
    """The simulator's own face shows the world as a file that makes the same world."""
    world = small_world()
    async with served(world) as client:
        item = {"to_entity_id": 12, "to_entity_type": "contacts"}
        await client.post("leads/2/link", json=[item])
        state = (await client.get("http://account.test/_simulator/state")).json()

    assert state == load_world(state).to_dict() == world.to_dict()
    assert ("leads", 2, "contacts", 12, 0) in _rows(world)


def test_world_changes_behind_the_api() -> None:
    """A card that a colleague deletes takes its links with it; one he adds is listed."""
    world = small_world()
    world.remove_card("contacts", 11)
    world.put_card("leads", {"id": 2_000})

    assert world.has("leads", 2_000)
    assert not any(link["to_entity_id"] == 11 for link in world.to_dict()["links"])
    assert [one["type"] for one in world.events.entries] == ["contact_deleted", "lead_added"]


@pytest.mark.parametrize("links", [1, 7, 100, 1000, 12_345])
def test_generated_links_are_counted(links: int) -> None:
    """A generated account has exactly the links that were asked for, each once."""
    world = generate(links)

    assert links == len(world.links) == len(_rows(world))


def test_generator_is_deterministic() -> None:
    """The same seed makes the same account, another seed another."""
    assert generate(2000, seed=3).to_dict() == generate(2000, seed=3).to_dict()
    assert generate(2000, seed=3).to_dict() != generate(2000, seed=4).to_dict()


def test_generated_world_survives_its_file(tmp_path: Path) -> None:
    """A generated account written to a file and read again is the same account."""
    file = tmp_path / "world.json"
    world = generate(1500, seed=9).to_dict()
    file.write_bytes(msgspec.json.encode(world))

    assert world == load_world(file).to_dict()


def test_generated_accounts_are_skewed() -> None:
    """There are hubs, orphans, empty leads, wrong main contacts, doubles and hostile names."""
    world = generate(60_000, seed=1)
    leads = world.card_columns("leads")["id"]
    contacts, companies = (
        world.links.relations["leads", type_].columns() for type_ in ("contacts", "companies")
    )
    assert contacts.is_main is not None
    company_of_lead = dict(zip(companies.owner.tolist(), companies.target.tolist(), strict=True))
    own = world.links.relations["contacts", "companies"].columns()
    company_of = dict(zip(own.owner.tolist(), own.target.tolist(), strict=True))
    wrong = right = 0
    for lead, contact, main in zip(
        contacts.owner.tolist(), contacts.target.tolist(), contacts.is_main.tolist(), strict=True
    ):
        agrees = company_of.get(contact) == company_of_lead.get(lead, -1)
        wrong += main == 1 and not agrees and contact in company_of and lead in company_of_lead
        right += main == 0 and agrees
    phones = world.card_columns("contacts")["phone"]
    counted = np.unique(phones[phones > 0], return_counts=True)[1]

    assert leads.max() - leads.min() > 20 * len(leads)
    assert 0.05 < 1 - len(np.unique(contacts.owner)) / len(leads) < 0.3
    assert np.bincount(np.unique(contacts.target, return_inverse=True)[1]).max() > 40
    assert wrong > 100
    assert right > 100
    assert (counted > 1).sum() > 50
    assert {"[/x] closing", "=1+1"} <= set(world.names("leads"))
    assert {142, 143, 31000010} <= set(world.card_columns("leads")["status_id"].tolist())
    assert len(company_of_lead) < len(leads)
    quantities = world.link_columns()["quantity"]
    assert (np.nan_to_num(quantities) % 1 > 0).any()


@pytest.mark.parametrize(("text", "links"), [("1k", 1000), ("250K", 250_000), ("1.5m", 1_500_000)])
def test_sizes(text: str, links: int) -> None:
    """Sizes are numbers of links, with k and m."""
    assert links == links_of_size(text)
    with pytest.raises(SizeError):
        links_of_size("many")


def test_a_million_links() -> None:
    """An account of a million links is generated, served and walked into like a small one."""
    world = generate(1_000_000)
    with Simulator(world, rate=None) as simulator:
        headers = {"Authorization": f"Bearer {simulator.token}"}
        with httpx.Client(base_url=f"{simulator.url}/api/v4/", headers=headers) as client:
            page = client.get("leads?limit=250&page=900&with=contacts").json()
            ids = [card["id"] for card in page["_embedded"]["leads"][:50]]
            query = "&".join(f"filter[entity_id][]={id_}" for id_ in ids)
            links = client.get(f"leads/links?{query}").json()["_embedded"]["links"]

    assert len(world.links) == 1_000_000
    assert {one["entity_id"] for one in links} <= set(ids)


def start(*options: str) -> Forked:
    """The simulator as a process."""
    return Forked(
        "linkgraph.simulator",
        *options,
        environment=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_process(number: signal.Signals, tmp_path: Path) -> None:
    """A process prints its address and token, serves, and ends quietly when it is told to."""
    saved = tmp_path / "saved.json"
    with start("--size", "1k", "--rate", "none", "--save", str(saved)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().removeprefix("url ").strip()
        token = process.stdout.readline().removeprefix("token ").strip()
        response = httpx.get(f"{url}/api/v4/leads", headers={"Authorization": f"Bearer {token}"})
        with start("--port", url.rpartition(":")[2]) as second:
            refused = second.communicate(timeout=60)[1]
        process.send_signal(number)
        _, narration = process.communicate(timeout=60)

    assert response.status_code == 200
    assert process.returncode == 0
    assert "Traceback" not in narration
    assert second.returncode == 1
    assert refused.startswith("error: port ")
    assert refused.count("\n") == 1
    assert len(load_world(saved).links) == 1000
