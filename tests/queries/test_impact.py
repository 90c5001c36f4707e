"""The impact of a plan is what a second, slow and obvious implementation finds."""

from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.index import LinkIndex
from linkgraph.model import EntityType, Link, Metadata, Ref, Relation
from queries import parting
from queries.impact import Impact, LinkDelta, MainMove, impact
from queries.parting import Merge, Piece, Split
from tests.index.links import ACCOUNTS, LINKS, Account
from tests.queries.conftest import World, index_of

METADATA = st.none() | st.builds(Metadata, st.sampled_from([None, True, False]))
DELTAS = st.builds(
    lambda link, before, after: LinkDelta(link.owner, link.other, before, after),
    LINKS,
    METADATA,
    METADATA,
)
Links = dict[tuple[Ref, Ref], Metadata]
CONTACTS = {Relation.LEAD_CONTACT, Relation.CUSTOMER_CONTACT}
COMPANIES = {Relation.LEAD_COMPANY, Relation.CUSTOMER_COMPANY, Relation.CONTACT_COMPANY}
LEAD, CUSTOMER, CONTACT, COMPANY, ELEMENT = EntityType


class Slow:
    """What is linked in one state, in plain Python."""

    def __init__(self, links: Links, deleted: frozenset[Ref], known: Iterable[Ref]) -> None:
        self.links = {pair: told for pair, told in links.items() if not deleted & set(pair)}
        self.graph: nx.Graph[Ref] = nx.Graph()
        self.graph.add_nodes_from(
            ref for ref in known if ref.type is not ELEMENT and ref not in deleted
        )
        for pair in self.links:
            if not any(end.type is ELEMENT for end in pair):
                self.graph.add_edge(*pair)

    def others(self, card: Ref, relations: set[Relation]) -> set[Ref]:
        return {
            end
            for pair in self.links
            if card in pair and Relation.between(pair[0].type, pair[1].type) in relations
            for end in (pair if pair[0] == pair[1] else set(pair) - {card})
        }

    def mains(self, card: Ref) -> set[Ref]:
        contacts = self.others(card, CONTACTS) if card.type in (LEAD, CUSTOMER) else set()
        return {contact for contact in contacts if self.links[card, contact].is_main}

    def is_orphan(self, card: Ref) -> bool:
        ties = (
            CONTACTS | COMPANIES | ({Relation.CONTACT_ELEMENT} if card.type is CONTACT else set())
        )
        return card.type in (CONTACT, COMPANY, CUSTOMER) and not self.others(card, ties)


def slow(account: Account, deltas: list[LinkDelta]) -> Impact:
    """The same by the definitions, sizes of pieces in place of samples' order left to the test."""
    links = {(link.owner, link.other): link.metadata for link in account.links}
    before, after = dict(links), dict(links)
    heirs: dict[Ref, Ref] = {}
    known = set(account.all_cards)
    told: dict[tuple[Ref, Ref], LinkDelta] = {}
    for delta in deltas:
        pair = delta.owner, delta.other
        told[pair] = LinkDelta(*pair, told.get(pair, delta).before, delta.after)
    for pair, delta in told.items():
        known |= set(pair)
        for state, metadata in ((before, delta.before), (after, delta.after)):
            state.pop(pair, None)
            if metadata is not None:
                state[pair] = metadata
        becomes = delta.after is not None and bool(delta.after.is_main)
        was = delta.before is not None and bool(delta.before.is_main)
        relation = Relation.between(pair[0].type, pair[1].type)
        if becomes and not was and relation in CONTACTS and pair[1] not in account.deleted:
            heirs[pair[0]] = pair[1]
    for owner, heir in heirs.items():
        for pair, metadata in after.items():
            if pair[0] == owner and pair[1] != heir and metadata.is_main:
                after[pair] = Metadata(False)
    now, then = (Slow(state, account.deleted, known) for state in (before, after))
    cards = sorted(known - account.deleted, key=_place)
    bare = [c for c in cards if now.others(c, CONTACTS) and not then.others(c, CONTACTS)]
    moved = []
    for card in cards:
        fresh, gone = then.mains(card) - now.mains(card), now.mains(card) - then.mains(card)
        if fresh:
            was_main = min(gone, key=_place) if gone else None
            moved.append(MainMove(card, was_main, min(fresh, key=_place)))
    return Impact(
        tuple(c for c in bare if c.type is LEAD),
        tuple(c for c in bare if c.type is CUSTOMER),
        tuple(c for c in cards if then.is_orphan(c) and not now.is_orphan(c)),
        tuple(c for c in cards if now.is_orphan(c) and not then.is_orphan(c)),
        tuple(c for c in cards if now.mains(c) and not then.mains(c)),
        tuple(moved),
        tuple(
            c
            for c in cards
            if c.type in (LEAD, CUSTOMER, CONTACT)
            and len(then.others(c, COMPANIES)) > max(1, len(now.others(c, COMPANIES)))
        ),
        tuple(Split(*each) for each in _parts(now, then)),
        tuple(Merge(*each) for each in _parts(then, now)),
    )


def _parts(whole: Slow, part: Slow) -> list[tuple[int, tuple[Piece, ...]]]:
    """Components and their pieces; any card of a piece may stand for it."""
    pieces = list(nx.connected_components(part.graph))
    found = []
    for component in nx.connected_components(whole.graph):
        own = [component & piece for piece in pieces if component & piece]
        if len(own) > 1:
            parts = (Piece(len(each), min(each, key=_place)) for each in own)
            found.append((len(component), tuple(parts)))
    return found


def _place(ref: Ref) -> tuple[int, int, int]:
    return ref.type.rank, ref.catalog_id, ref.id


def _sizes(parts: Iterable[Split | Merge]) -> list[tuple[int, list[int]]]:
    return sorted((each.size, [-piece.size for piece in each.pieces]) for each in parts)


def _sorted_sizes(parts: Iterable[Split | Merge]) -> list[tuple[int, list[int]]]:
    return sorted((each.size, sorted(-piece.size for piece in each.pieces)) for each in parts)


@pytest.fixture(params=["card by card", "by a pass over all"], scope="module")
def ways(request: pytest.FixtureRequest) -> Iterable[None]:
    """Both ways in which components are found."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "by a pass over all":
            patch.setattr(parting, "_FEW", -1)
        yield


@pytest.mark.usefixtures("ways")
@settings(max_examples=60, deadline=None)
@given(ACCOUNTS, st.lists(DELTAS, max_size=12), st.data())
def test_impact_is_that_of_the_second_implementation(
    account: Account, deltas: list[LinkDelta], data: st.DataObject
) -> None:
    """Whatever the account and the plan are, with links that the snapshot has or has not."""
    if account.links:
        of = st.sampled_from(account.links)
        for link in data.draw(st.lists(of, max_size=6)):
            after = data.draw(METADATA)
            deltas.append(LinkDelta(link.owner, link.other, link.metadata, after))

    found, expected = impact(account.index(), deltas), slow(account, deltas)

    for name in Impact.__slots__:
        if name not in ("splits", "merges"):
            assert getattr(found, name) == getattr(expected, name), name
    assert _sizes(found.splits) == _sorted_sizes(expected.splits)
    assert _sizes(found.merges) == _sorted_sizes(expected.merges)
    told: list[Split | Merge] = [*found.splits, *found.merges]
    for each in told:
        assert each.size == sum(piece.size for piece in each.pieces)
        assert len({piece.sample for piece in each.pieces}) == len(each.pieces)
        touched = {end for delta in deltas for end in (delta.owner, delta.other)}
        assert {piece.sample for piece in each.pieces} <= touched


@settings(max_examples=60, deadline=None)
@given(ACCOUNTS, st.lists(DELTAS, max_size=8))
def test_the_inverse_plan_has_the_inverse_impact(account: Account, deltas: list[LinkDelta]) -> None:
    """What a plan parts, its inverse joins; whom it leaves alone, that one finds company again."""
    told = {(delta.owner, delta.other): delta for delta in deltas}
    plan = list(told.values())
    there = impact(account.index(), plan)
    back = impact(account.index(), [LinkDelta(d.owner, d.other, d.after, d.before) for d in plan])

    assert there.orphans == back.no_longer_orphans
    assert there.no_longer_orphans == back.orphans
    assert _sizes(there.splits) == _sizes(back.merges)
    assert _sizes(there.merges) == _sizes(back.splits)


def _ref(text: str) -> Ref:
    return Ref.parse(text)


def _delta(a: str, b: str, before: Metadata | None, after: Metadata | None) -> LinkDelta:
    return LinkDelta(_ref(a), _ref(b), before, after)


MAIN, PLAIN = Metadata(is_main=True), Metadata(is_main=False)


def _index(*links: tuple[str, str, Metadata]) -> LinkIndex:
    return LinkIndex.of([Link.between(_ref(a), _ref(b), told) for a, b, told in links])


def test_a_lead_loses_its_only_contact() -> None:
    """The lead, its contact, its main flag and the two pieces are told, and nothing else."""
    index = _index(("lead:1", "contact:2", MAIN), ("lead:1", "company:3", PLAIN))

    assert impact(index, [_delta("lead:1", "contact:2", MAIN, None)]) == Impact(
        leads_without_contact=(_ref("lead:1"),),
        orphans=(_ref("contact:2"),),
        main_flags_lost=(_ref("lead:1"),),
        splits=(Split(3, (Piece(2, _ref("lead:1")), Piece(1, _ref("contact:2")))),),
    )


def test_the_main_flag_moves() -> None:
    """A contact that becomes the main one takes the flag from the one that no edit names."""
    index = _index(("lead:1", "contact:2", MAIN), ("lead:1", "contact:4", PLAIN))

    assert impact(index, [_delta("lead:1", "contact:4", PLAIN, MAIN)]) == Impact(
        main_flags_moved=(MainMove(_ref("lead:1"), _ref("contact:2"), _ref("contact:4")),)
    )


def test_a_second_company_is_told() -> None:
    """Not so one that was there and goes on."""
    index = _index(("lead:1", "company:2", PLAIN))
    second = _delta("lead:1", "company:3", None, PLAIN)

    found = impact(index, [second])
    assert found.several_companies == (_ref("lead:1"),)
    assert impact(index, [second, _delta("lead:1", "company:2", PLAIN, None)]).orphans == (
        _ref("company:2"),
    )
    assert not impact(index, [_delta("lead:1", "company:2", PLAIN, PLAIN)]).several_companies


def test_catalog_elements_join_nothing() -> None:
    """A link to one saves a contact from being an orphan, as the question says, but no company."""
    index = _index(
        ("lead:1", "element:7/70", PLAIN),
        ("contact:2", "element:7/70", PLAIN),
        ("company:3", "element:7/70", PLAIN),
        ("contact:2", "company:3", PLAIN),
    )

    found = impact(
        index,
        [
            _delta("contact:2", "company:3", PLAIN, None),
            _delta("lead:1", "element:7/70", PLAIN, None),
        ],
    )
    assert found.orphans == (_ref("company:3"),)
    assert [split.size for split in found.splits] == [2]


def test_nothing_of_nothing() -> None:
    """A plan without changes, or whose changes change nothing, has no impact."""
    index = _index(("lead:1", "contact:2", MAIN))

    assert impact(index, []).is_none
    assert impact(index, [_delta("lead:1", "contact:2", MAIN, MAIN)]).is_none
    assert impact(index, [_delta("lead:8", "contact:9", None, None)]).is_none


def test_many_leaves_fall_off_at_once() -> None:
    """A component that falls into many pieces is told once, with all of them."""
    cards = range(10, 2010)
    index = LinkIndex.of([("company:1", f"contact:{card}") for card in cards])
    gone = [_delta(f"contact:{card}", "company:1", PLAIN, None) for card in cards[:1500]]

    found = impact(index, gone)
    (split,) = found.splits
    assert split.size == 2001
    assert [piece.size for piece in split.pieces] == [501] + [1] * 1500
    assert len(found.orphans) == 1500
    assert not found.merges


def test_of_a_snapshot_on_disk(tmp_path: Path) -> None:
    """Deleted cards are linked to nobody: who has only one is alone already."""
    world = World(tmp_path / "it.duckdb")
    world.card("lead:1", deleted=True)
    world.card("lead:2")
    for contact in (3, 4):
        world.card(f"contact:{contact}")
    world.link("lead:1", "contact:3", main=True)
    world.link("lead:2", "contact:3", main=True)
    world.link("lead:2", "contact:4")
    world.save()

    found = impact(
        index_of(tmp_path / "it.duckdb"),
        [
            _delta("lead:2", "contact:3", MAIN, None),
            _delta("lead:1", "contact:3", MAIN, None),
        ],
    )
    assert found.orphans == (_ref("contact:3"),)
    assert found.main_flags_lost == (_ref("lead:2"),)
    assert not found.leads_without_contact
