"""The laws of planning: edits laid over live links, and the writes of the plan done for real.

Pure but for the last step: there the writes are done by the simulator's own rules.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linkgraph.edit import Edit, Verb
from linkgraph.edits.batches import turns
from linkgraph.edits.changes import FREEING, LINKING, Change, Habits, Way
from linkgraph.edits.entries import Origin, QueuedEdit, Source
from linkgraph.edits.live import Live
from linkgraph.edits.planning import Outline, outline
from linkgraph.edits.states import State
from linkgraph.model import EntityType, Metadata, Ref
from linkgraph.simulator import World
from linkgraph.simulator.linkrules import LinkWriter
from linkgraph.simulator.running import Running
from tests.edits.worlds import (
    ONE_COMPANY,
    PLURAL,
    WITH_MAIN,
    Pair,
    cards,
    carries,
    edits,
    kind,
    links,
    links_of,
    plain,
    world_of,
)
from tests.edits.worlds import State as Links

SOME = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    max_examples=int(os.environ.get("LINKGRAPH_TEST_EXAMPLES", "40")),
)
HABITS = st.builds(Habits, relink_refused=st.booleans(), quantity_adds=st.booleans())
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def _queued(wanted: Iterable[Edit]) -> list[QueuedEdit]:
    origin = Origin(Source.PYTHON)
    return [
        QueuedEdit(number, f"{number}", edit, State.QUEUED, "", "me", _LONG_AGO, origin)
        for number, edit in enumerate(wanted, 1)
    ]


def _live(of: Sequence[Ref], state: Links) -> Live:
    """What all cards tell: the owner what a link carries, the other end that it is there."""
    told: dict[Ref, dict[Ref, Metadata]] = {
        ref: {} for ref in of if ref.type is not EntityType.ELEMENT
    }
    for (owner, other), link in state.items():
        told[owner][other] = link
        if other in told:
            told[other][owner] = Metadata()
    return Live(told, told)


def _plan(of: Sequence[Ref], state: Links, wanted: Iterable[Edit], *habits: Habits) -> Outline:
    return outline(_queued(wanted), _live(of, state), (), *habits)


def _done(of: Sequence[Ref], state: Links, changes: Iterable[Change]) -> Links:
    """The links after the writes of a plan, in the order of its turns, by the simulator's rules."""
    world = world_of(of, state)
    for turn, found in turns(changes).items():
        items = [_item(change, turn.verb) for change in found]
        _write(world, PLURAL[str(turn.side)], turn.verb, items)
    return links_of(world)


def _write(world: World, side: str, verb: str, items: list[dict[str, Any]]) -> None:
    writer = LinkWriter(Running(world), side, None)
    if verb == "link":
        writer.link(items)
    else:
        writer.unlink(items)


def _item(change: Change, verb: str) -> dict[str, Any]:
    owner, other = change.pair
    said: dict[str, Any] = {"catalog_id": other.catalog_id} if other.catalog_id else {}
    if verb == "link":
        write = change.write
        said |= {} if write.is_main is None else {"is_main": write.is_main}
        said |= {} if write.quantity is None else {"quantity": write.quantity}
        said |= {} if write.price_id is None else {"price_id": write.price_id or None}
    return {
        "entity_id": owner.id,
        "to_entity_id": other.id,
        "to_entity_type": PLURAL[str(other.type)],
        "metadata": said,
    }


def _expected(state: Links, changes: Sequence[Change]) -> Links:
    """The links as a plan tells them: its changes, and whoever was the main contact steps down."""
    after = dict(state)
    for change in changes:
        if change.after is None:
            after.pop(change.pair, None)
        else:
            after[change.pair] = change.after
    for change in changes:
        if change.write.is_main:
            for pair, link in state.items():
                if pair[0] == change.pair[0] and pair != change.pair and pair in after:
                    told = after[pair]
                    after[pair] = Metadata(
                        False if link.is_main else told.is_main, told.quantity, told.price_id
                    )
    return after


def _as_new(after: Links, changes: Iterable[Change]) -> Links:
    """The same, where a new link whose quantity nobody names gets the CRM's: one."""
    unnamed = {
        change.pair
        for change in changes
        if change.after is not None and change.after.quantity is None
    }
    return {
        pair: Metadata(link.is_main, 1.0, link.price_id)
        if pair in unnamed and kind(pair)[1] == "element"
        else link
        for pair, link in after.items()
    }


@st.composite
def _accounts(draw: st.DrawFn) -> tuple[list[Ref], Links, list[Edit]]:
    of = draw(cards(5))
    state = draw(links(of))
    return of, state, draw(edits(of, list(state)))


@SOME
@given(account=_accounts(), habits=HABITS)
def test_the_writes_of_a_plan_do_what_it_says(
    account: tuple[list[Ref], Links, list[Edit]], habits: Habits
) -> None:
    """Done by the CRM's rules they give what the plan tells of each link, and touch no other."""
    of, state, wanted = account
    changes = _plan(of, state, wanted, habits).changes
    after = _done(of, state, changes)
    assert plain(after) == plain(_as_new(_expected(state, changes), changes))


@SOME
@given(account=_accounts(), habits=HABITS)
def test_a_plan_that_was_done_leaves_nothing_to_do(
    account: tuple[list[Ref], Links, list[Edit]], habits: Habits
) -> None:
    """The same edits planned again after it have no changes; moves aside, which take what comes."""
    of, state, wanted = account
    wanted = [edit for edit in wanted if edit.verb is not Verb.MOVE]
    after = _done(of, state, _plan(of, state, wanted, habits).changes)
    assert _plan(of, after, wanted, habits).changes == ()


@SOME
@given(account=_accounts())
def test_a_move_that_was_done_leaves_nothing_to_move(
    account: tuple[list[Ref], Links, list[Edit]],
) -> None:
    """After a move one card has no links, the other all that both had, but for companies."""
    of, state, wanted = account
    moves = [edit for edit in wanted if edit.verb is Verb.MOVE][:1]
    assume(moves)
    a, b = moves[0].a, moves[0].b
    after = _done(of, state, _plan(of, state, moves).changes)
    assert not any(a in pair for pair in after)
    far = {_far(pair, one) for pair in state for one in (a, b) if one in pair}
    kept = {ref for ref in far if ref.type is EntityType.COMPANY and str(a.type) in ONE_COMPANY}
    assert {_far(pair, b) for pair in after if b in pair} - kept == far - kept
    assert _plan(of, after, moves).changes == ()


@SOME
@given(account=_accounts(), data=st.data())
def test_the_order_of_unrelated_edits_does_not_matter(
    account: tuple[list[Ref], Links, list[Edit]], data: st.DataObject
) -> None:
    """Edits that have no card in common come to the same in any order."""
    of, state, wanted = account
    apart: list[Edit] = []
    for edit in wanted:
        named = {ref for one in apart for ref in _around(one, state)}
        if not named & _around(edit, state):
            apart.append(edit)
    other = data.draw(st.permutations(apart))
    assert _told(_plan(of, state, apart)) == _told(_plan(of, state, other))


@SOME
@given(account=_accounts())
def test_the_later_word_wins(account: tuple[list[Ref], Links, list[Edit]]) -> None:
    """Whatever was said before: what the last edit says of its link is so after the plan."""
    of, state, wanted = account
    last = next((edit for edit in reversed(wanted) if edit.verb is not Verb.MOVE), None)
    assume(last is not None)
    assert last is not None
    wanted = [*wanted[: wanted.index(last)], last]
    found = _plan(of, state, wanted)
    assume(all(one.edit.id != len(wanted) for one in found.conflicts))
    after = _done(of, state, found.changes)
    said = Metadata(is_main=True) if last.verb is Verb.MAIN else last.metadata
    pair = _pair(last, state)
    assert carries(after.get(pair), None if last.verb is Verb.UNLINK else said)


@SOME
@given(account=_accounts(), habits=HABITS)
def test_a_plan_keeps_the_rules_of_the_crm(
    account: tuple[list[Ref], Links, list[Edit]], habits: Habits
) -> None:
    """One company and one main contact where it writes any; it says nothing that is so already."""
    of, state, wanted = account
    found = _plan(of, state, wanted, habits)
    after = _expected(state, found.changes)
    for change in found.changes:
        owner = change.pair[0]
        assert change.way is not Way.LINK or change.before is None
        assert (change.way is Way.UNLINK) == (change.after is None)
        if change.before is not None and change.after is not None:
            assert plain({change.pair: change.before}) != plain({change.pair: change.after})
            if change.way is Way.RELINK:
                assert change.write.quantity != change.before.quantity or (
                    change.write.quantity is None
                )
        if kind(change.pair)[1] == "company" and kind(change.pair)[0] in ONE_COMPANY:
            if change.after is None:
                continue
            assert [pair for pair in after if pair[0] == owner and kind(pair)[1] == "company"] == [
                change.pair
            ]
        if kind(change.pair) in WITH_MAIN and change.write.is_main:
            mains = [pair for pair, link in after.items() if pair[0] == owner and link.is_main]
            assert mains == [change.pair]


@SOME
@given(account=_accounts())
def test_a_place_is_freed_before_it_is_taken(
    account: tuple[list[Ref], Links, list[Edit]],
) -> None:
    """Where a company gives way to another, its unlink has its turn first."""
    of, state, wanted = account
    changes = {change.pair: change for change in _plan(of, state, wanted).changes}
    for pair, change in changes.items():
        takes = kind(pair)[1] == "company" and kind(pair)[0] in ONE_COMPANY
        if takes and change.way is Way.LINK:
            assert change.phase == LINKING
            for far in state:
                if far[0] == pair[0] and kind(far)[1] == "company":
                    assert changes[far].phase == FREEING


@SOME
@given(account=_accounts())
def test_every_edit_is_in_one_place(account: tuple[list[Ref], Links, list[Edit]]) -> None:
    """An edit has changes, or is dropped, or in conflict, or skipped: one of these."""
    of, state, wanted = account
    found = _plan(of, state, wanted)
    changing = {edit for change in found.changes for edit in change.edits}
    dropped = {edit.id for edit, _ in found.dropped}
    others = [one.edit.id for one in found.conflicts] + [edit.id for edit, _ in found.skipped]
    places = [*changing, *dropped, *others]
    assert sorted(places) == list(range(1, len(wanted) + 1))


def _pair(edit: Edit, state: Links) -> Pair:
    return (edit.b, edit.a) if (edit.b, edit.a) in state else (edit.a, edit.b)


def _far(pair: Pair, near: Ref) -> Ref:
    return pair[1] if pair[0] == near else pair[0]


def _around(edit: Edit, state: Links) -> set[Ref]:
    """The cards of an edit; for a move also those at the far ends of the links that are to move."""
    named = {edit.a, edit.b}
    if edit.verb is Verb.MOVE:
        named |= {ref for pair in state if named & set(pair) for ref in pair}
    return named


def _told(found: Outline) -> dict[Pair, object]:
    return {
        one.pair: (one.before, one.after, one.write, one.way, one.phase, one.note)
        for one in found.changes
    }
