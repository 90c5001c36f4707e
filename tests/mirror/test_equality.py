"""The mirror equals the account, however the account answers."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from linkgraph.simulator import load_world
from tests.mirror.accounts import Account, assert_mirrors, mirrored_cards, mirrored_edges, rows
from tests.mirror.worlds import Json, random_change, worlds

BEHAVIOURS = st.fixed_dictionaries(
    {
        "contacts_report_leads": st.booleans(),
        "mass_list_paged": st.booleans(),
        "total_items": st.sampled_from(["all", "page"]),
        "empty": st.sampled_from(["204", "list"]),
        "reverse_metadata": st.booleans(),
        "filter_addon": st.booleans(),
    }
)
SOME = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an account too slow to be shrunk often
)


@settings(SOME, max_examples=4)
@given(world=worlds(), behaviour=BEHAVIOURS)
def test_mirror_equals_world(world: Json, behaviour: dict[str, Any]) -> None:
    """Pairs, relations, main flags, quantities, prices, catalogs and cards are the account's."""
    with TemporaryDirectory() as folder:
        account = Account(world, Path(folder), **behaviour)
        report = account.sync()
        assert_mirrors(report.snapshot, account.world)
        assert report.not_whole == 0
        assert report.unproved == ()
        reports = behaviour["contacts_report_leads"]
        seen = {row[0] for row in rows(report.snapshot, "select seen_from from lead_contacts")}
        assert seen <= ({"both"} if reports else {"lead"})


@settings(SOME, max_examples=4)
@given(world=worlds(), behaviour=BEHAVIOURS, data=st.data())
def test_second_sync_tells_what_changed(
    world: Json, behaviour: dict[str, Any], data: st.DataObject
) -> None:
    """After any changes the next snapshot equals the new account, and its changes are exact."""
    with TemporaryDirectory() as folder:
        account = Account(world, Path(folder), **behaviour)
        before = mirrored_edges(account.sync().snapshot)
        known = mirrored_cards(account.current)
        for _ in range(data.draw(st.integers(1, 6))):
            random_change(data, account.world)
        report = account.sync()
        assert_mirrors(report.snapshot, account.world)
        after = mirrored_edges(report.snapshot)
        assert known - mirrored_cards(report.snapshot) == mirrored_cards(
            report.snapshot, deleted=True
        )
        told = {
            change.relation: (change.added, change.removed, change.changed)
            for change in report.changes
            if change.added or change.removed or change.changed
        }
        assert told == _changes(before, after)


def _changes(before: set[Any], after: set[Any]) -> dict[str, tuple[int, int, int]]:
    old, new = ({edge[:4]: edge[4:] for edge in edges} for edges in (before, after))
    counts: dict[str, list[int]] = {}
    for key in old.keys() | new.keys():
        if key not in old or key not in new or old[key] != new[key]:
            kind = 0 if key not in old else 1 if key not in new else 2
            counts.setdefault(key[0], [0, 0, 0])[kind] += 1
    return {relation: (c[0], c[1], c[2]) for relation, c in counts.items()}


@settings(SOME, max_examples=4)
@given(world=worlds(), behaviour=BEHAVIOURS, data=st.data())
def test_touched_cards_alone_bring_the_mirror_up_to_date(
    world: Json, behaviour: dict[str, Any], data: st.DataObject
) -> None:
    """A sync of the cards that changes touched gives what a full one would, and loses nothing."""
    with TemporaryDirectory() as folder:
        account = Account(world, Path(folder), **behaviour)
        account.sync()
        touched = set()
        for _ in range(data.draw(st.integers(1, 4))):
            touched.update(random_change(data, account.world))
        refs = [_ref(*card) for card in sorted(touched)]
        if refs:
            account.sync(*refs)
            assert_mirrors(account.current, account.world)
        again = account.sync()
        assert not any(change.added or change.removed or change.changed for change in again.changes)


def _ref(section: str, catalog: int, card_id: int) -> str:
    return f"element:{catalog}/{card_id}" if catalog else f"{section}:{card_id}"


def test_syncing_again_changes_nothing(tmp_path: Path) -> None:
    """A sync of an account in which nothing happened adds, removes and changes nothing."""
    account = Account(_trade(), tmp_path)
    account.begin()
    before = _everything(account)
    report = account.sync()
    assert [(c.added, c.removed, c.changed) for c in report.changes if c.added or c.removed] == []
    assert _everything(account) == before


def test_reading_all_cards_by_name_is_a_full_sync(tmp_path: Path) -> None:
    """A partial sync of everything leaves the same mirror as a full one."""
    partial, full = Account(_trade(), tmp_path / "a"), Account(_trade(), tmp_path / "b")
    for account in (partial, full):
        account.begin()
        account.world.unlink("leads", 1, "contacts", 5)
        account.world.link("leads", 2, "companies", 9)
        account.world.remove_card("contacts", 6)
    everything = ["lead:1", "lead:2", "contact:5", "contact:6", "company:9", "customer:3"]
    partial.sync(*everything, "element:4521/7", "element:4533/7")
    full.sync()
    assert _everything(partial) == _everything(full)
    assert_mirrors(partial.current, partial.world)


def test_order_of_disjoint_partial_syncs_does_not_matter(tmp_path: Path) -> None:
    """Two syncs of different cards leave the same mirror in either order."""
    found = []
    for name, order in (("a", ("lead:1", "customer:3")), ("b", ("customer:3", "lead:1"))):
        account = Account(_trade(), tmp_path / name)
        account.begin()
        account.world.unlink("leads", 1, "contacts", 5)
        account.world.unlink("customers", 3, "contacts", 5)
        for ref in order:
            account.sync(ref)
        found.append(_everything(account))
    assert found[0] == found[1]


def test_customers_that_are_switched_off_are_not_gone(tmp_path: Path) -> None:
    """An account that hides its customers keeps them in the mirror, with all their links."""
    account = Account(_trade(), tmp_path)
    account.begin()
    cards, edges = mirrored_cards(account.current), mirrored_edges(account.current)
    account.behave(customers_mode="disabled", customers_off=204)
    for link in account.world.to_dict()["links"]:  # an account without customers tells of none
        if link["entity_type"] == "customers":
            account.world.unlink("customers", 3, link["to_entity_type"], link["to_entity_id"])
    account.sync()
    assert (mirrored_cards(account.current), mirrored_edges(account.current)) == (cards, edges)
    account.sync("contact:5", "customer:3")
    assert (mirrored_cards(account.current), mirrored_edges(account.current)) == (cards, edges)
    assert not account.asked(path="/customers/3")


@pytest.mark.parametrize("status", [400, 402, 403, 404, 426])
def test_customers_off_answer_in_many_ways(status: int, tmp_path: Path) -> None:
    """However a feature that is off answers, the rest is mirrored and nothing of it is gone."""
    account = Account(_trade(), tmp_path)
    account.begin()
    cards = mirrored_cards(account.current)
    account.fault("status", r"GET /api/v4/customers\?", status=status, body="json")
    account.sync()
    assert mirrored_cards(account.current) == cards


def test_customers_never_seen_are_named_but_not_asked_for(tmp_path: Path) -> None:
    """Customers that were always off are told of by their contacts alone, and cost no request."""
    account = Account(_trade(), tmp_path, customers_mode="unavailable")
    report = account.sync()
    unreadable = rows(report.snapshot, "select entity_type, entity_id, reason from unreadable")
    assert unreadable == [("customer", 3, "no rights")]
    assert not account.asked(path="/customers/3")
    assert rows(report.snapshot, "select contact_id, seen_from from customer_contacts") == [
        (5, "contact")
    ]


def test_forbidden_catalogs_lose_no_elements(tmp_path: Path) -> None:
    """Where the list of catalogs is refused, elements and their links stay as they were."""
    account = Account(_trade(), tmp_path)
    account.begin()
    edges = mirrored_edges(account.current)
    account.fault("status", "GET /api/v4/catalogs", status=403, times=None)
    report = account.sync()
    assert mirrored_edges(report.snapshot) == edges
    assert len(account.asked(path="/catalogs")) == 1
    assert not [line for line in account.asked() if "/elements" in line]


def test_elements_of_a_removed_catalog_become_tombstones(tmp_path: Path) -> None:
    """A catalog that is no longer listed takes its elements with it."""
    account = Account(_trade(), tmp_path)
    account.begin()
    account.world.catalogs = [one for one in account.world.catalogs if one["id"] != 4533]
    account.world.elements.pop(4533)
    account.world.unlink("leads", 2, "catalog_elements", 7, 4533)
    report = account.sync()
    assert mirrored_cards(report.snapshot, deleted=True) == {("element", 4533, 7)}


def test_element_without_its_catalog_is_looked_up(tmp_path: Path) -> None:
    """An element told without its catalog gets the one it is in, or stands in catalog 0."""
    world = _trade()
    world["catalog_elements"].append({"id": 8, "catalog_id": 4533})
    for element in (7, 8):
        world["links"].append(
            {
                "entity_type": "companies",
                "entity_id": 9,
                "to_entity_type": "catalog_elements",
                "to_entity_id": element,
                "metadata": {"quantity": 1},
            }
        )
    account = Account(world, tmp_path)
    report = account.sync()
    links = rows(
        report.snapshot,
        "select element_id, catalog_id from element_links where owner_type = 'company' order by 1",
    )
    assert links == [(7, 0), (8, 4533)]
    again = account.sync()
    assert not any(change.added or change.removed for change in again.changes)


def _everything(account: Account) -> list[object]:
    tables = {
        "edges": "* exclude (seen_from)",
        "adjacency": "*",
        "cards": "*",
        "identifiers": "*",
        "unreadable": "* exclude (seen_at)",
    }
    return [
        rows(account.current, f"select {columns} from {table} order by all")
        for table, columns in tables.items()
    ]


def _trade() -> Json:
    def link(a: str, i: int, b: str, j: int, **metadata: Any) -> Json:
        names = ("entity_type", "entity_id", "to_entity_type", "to_entity_id", "metadata")
        return dict(zip(names, (a, i, b, j, metadata or None), strict=True))

    return {
        "leads": [{"id": 1}, {"id": 2}],
        "contacts": [{"id": 5}, {"id": 6}],
        "companies": [{"id": 9}],
        "customers": [{"id": 3}],
        "catalogs": [{"id": 4521}, {"id": 4533}],
        "catalog_elements": [{"id": 7, "catalog_id": 4521}, {"id": 7, "catalog_id": 4533}],
        "links": [
            link("leads", 1, "contacts", 5, main_contact=True),
            link("leads", 1, "contacts", 6, main_contact=False),
            link("leads", 1, "companies", 9),
            link("contacts", 5, "companies", 9),
            link("customers", 3, "contacts", 5, main_contact=True),
            link("customers", 3, "companies", 9),
            link("leads", 1, "catalog_elements", 7, catalog_id=4521, quantity=2),
            link("leads", 2, "catalog_elements", 7, catalog_id=4533, quantity=0.5, price_id=77),
        ],
    }


def test_world_of_the_tests_is_a_world() -> None:
    """The account used above is one that the simulator takes."""
    assert len(load_world(_trade()).links) == 8
