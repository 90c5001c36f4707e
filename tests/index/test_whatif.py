"""What-if: the answers over planned links are those of an index built with them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.index import LinkIndex, Walk
from linkgraph.index.projected import Pair
from linkgraph.model import Link, Metadata, Ref
from tests.index.links import ACCOUNTS, LINKS, WALKS, Account

CASES = settings(max_examples=25, deadline=None)


@CASES
@given(ACCOUNTS, WALKS, st.lists(LINKS, max_size=6), st.lists(LINKS, max_size=4), st.data())
def test_what_if_is_a_rebuild(
    account: Account, walk: Walk, added: list[Link], others: list[Link], data: st.DataObject
) -> None:
    """Everything that the index answers is the same over an overlay and over a new index."""
    removed = others + data.draw(
        st.lists(st.sampled_from(account.links), max_size=5) if account.links else st.just([])
    )
    after = account.index().what_if(add=added, remove=removed)
    rebuilt = _rebuilt(account, added, removed)

    _are_equal(after, rebuilt, walk, data)


@CASES
@given(ACCOUNTS, WALKS, st.lists(LINKS, max_size=5), st.lists(LINKS, max_size=5), st.data())
def test_what_if_upon_what_if(
    account: Account, walk: Walk, first: list[Link], then: list[Link], data: st.DataObject
) -> None:
    """Edits may be laid over edits: the later word on a link counts."""
    after = account.index().what_if(add=first).what_if(remove=then)

    _are_equal(after, _rebuilt(account, first, then, remove_last=True), walk, data)


@CASES
@given(ACCOUNTS, st.lists(LINKS, max_size=6), st.data())
def test_taking_back_what_was_laid_over(
    account: Account, changed: list[Link], data: st.DataObject
) -> None:
    """The inverse of an edit gives back the answers of before it."""
    before = {(link.owner, link.other): link for link in account.links}
    new = [link for link in changed if (link.owner, link.other) not in before]
    index = account.index()
    after = index.what_if(add=new).what_if(remove=new)
    for card in account.all_cards:
        assert list(after.neighbours(card)) == list(index.neighbours(card))
    assert after.components().sizes.tolist()[: len(index.components())] == (
        index.components().sizes.tolist()
    )


def test_the_index_below_stays_as_it_is() -> None:
    """An overlay leaves the index that it was laid over alone, and knows cards that are new."""
    index = LinkIndex.of([("lead:1", "contact:2")])
    after = index.what_if(
        add=[Link.between(Ref.parse("contact:9"), Ref.parse("lead:1"), Metadata(is_main=True))],
        remove=[("contact:2", "lead:1"), ("lead:7", "contact:8")],
    )

    assert index.neighbours("lead:1").refs == [Ref.parse("contact:2")]
    assert [(n.ref, n.is_main) for n in after.neighbours("lead:1")] == [
        (Ref.parse("contact:9"), True)
    ]
    assert "contact:9" in after
    assert "contact:9" not in index
    assert "lead:7" not in after
    assert after.degree("contact:2") == 0


def _rebuilt(
    account: Account, added: list[Link], removed: list[Link], *, remove_last: bool = False
) -> LinkIndex:
    links = {(link.owner, link.other): link for link in account.links}
    steps = [(added, True), (removed, False)] if remove_last else [(removed, False), (added, True)]
    for changes, is_there in steps:
        for link in changes:
            links.pop((link.owner, link.other), None)
            if is_there:
                links[link.owner, link.other] = link
    named = {end for link in added for end in (link.owner, link.other)}
    cards = set(account.all_cards) | named
    return LinkIndex.of(links.values(), cards, deleted=account.deleted, closed=account.closed)


def _are_equal(after: LinkIndex, rebuilt: LinkIndex, walk: Walk, data: st.DataObject) -> None:
    cards = sorted(rebuilt.refs(np.arange(len(rebuilt))), key=_place)
    a, b = data.draw(st.sampled_from(cards)), data.draw(st.sampled_from(cards))
    assert len(after) == len(rebuilt)
    assert sorted(after.neighbours(a, walk), key=str) == sorted(
        rebuilt.neighbours(a, walk), key=str
    )
    path, expected = after.path(a, b, walk), rebuilt.path(a, b, walk)
    assert (path is None) == (expected is None)
    assert path is None or expected is None or len(path) == len(expected)
    assert after.paths(a, b, walk, limit=1).total == rebuilt.paths(a, b, walk, limit=1).total
    assert set(after.paths(a, b, walk, limit=10**6).paths) == set(
        rebuilt.paths(a, b, walk, limit=10**6).paths
    )
    near, expected_near = after.neighbourhood(a, 3, walk), rebuilt.neighbourhood(a, 3, walk)
    assert near.counts == expected_near.counts
    assert {(step.ref, step.depth) for step in near} == {
        (step.ref, step.depth) for step in expected_near
    }
    assert set(after.component(a, walk).refs) == set(rebuilt.component(a, walk).refs)
    assert _groups(after, walk) == _groups(rebuilt, walk)
    assert set(after.cut_points(walk)) == set(rebuilt.cut_points(walk))
    assert {
        (frozenset((bridge.inner, bridge.outer)), bridge.falls_off)
        for bridge in after.bridges(walk)
    } == {
        (frozenset((bridge.inner, bridge.outer)), bridge.falls_off)
        for bridge in rebuilt.bridges(walk)
    }
    assert sorted(map(_pair, after.projection("company", "contact", ["lead"], walk))) == sorted(
        map(_pair, rebuilt.projection("company", "contact", ["lead"], walk))
    )
    assert set(after.links_among(cards, walk)) == set(rebuilt.links_among(cards, walk))


def _groups(index: LinkIndex, walk: Walk) -> set[frozenset[Ref]]:
    labels = index.components(walk).labels
    groups: dict[int, set[Ref]] = {}
    refs = index.refs(np.arange(len(index)))
    for ref, label in zip(refs, labels.tolist(), strict=True):
        if label >= 0:
            groups.setdefault(label, set()).add(ref)
    return {frozenset(group) for group in groups.values()}


def _pair(pair: Pair) -> tuple[list[str], int]:
    return sorted(map(str, (pair.a, pair.b))), pair.weight


def _place(ref: Ref) -> tuple[int, int, int]:
    return ref.type.rank, ref.catalog_id, ref.id
