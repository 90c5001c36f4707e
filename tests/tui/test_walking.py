"""Trails, history and pin: one always comes back to where one was."""

from collections.abc import Callable
from functools import reduce

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.model import Ref
from tui.walking import HISTORY, LONGEST, Narrowing, Sort, Walking

CARDS = st.sampled_from([Ref.parse(f"lead:{n}") for n in range(1, 5)] + [Ref.parse("element:7/1")])
Step = Callable[[Walking], Walking]
STEPS: st.SearchStrategy[Step] = st.one_of(
    CARDS.map(lambda ref: lambda walking: walking.step_in(ref)),
    st.integers(1, 3).map(lambda steps: lambda walking: walking.back(steps)),
    st.lists(CARDS, min_size=1, max_size=4).map(lambda way: lambda walking: walking.jump(way)),
    st.sampled_from([Walking.earlier, Walking.later]),
    CARDS.map(lambda ref: lambda walking: walking.stand(ref, 3)),
    CARDS.map(lambda ref: lambda walking: walking.pinned(ref)),
    st.just(lambda walking: walking.narrow(Narrowing("lead_contact", "a"))),
    st.sampled_from(list(Sort)).map(lambda sort: lambda walking: walking.sorted_by(sort)),
)
WALKS = st.lists(STEPS, max_size=30).map(
    lambda steps: reduce(lambda walking, step: step(walking), steps, Walking())
)
LAWS = settings(max_examples=60, deadline=None)


@LAWS
@given(WALKS, CARDS, CARDS)
def test_back_undoes_a_step(walking: Walking, at: Ref, card: Ref) -> None:
    """Who steps in and back stands where he stood, on the same card under the cursor."""
    before = walking.stand(at, 5)
    if len(before.trail) < LONGEST:
        assert before.step_in(card).back().trail == before.trail


@LAWS
@given(WALKS, CARDS)
def test_history_leads_back_and_forward(walking: Walking, card: Ref) -> None:
    """Earlier and later undo each other; a step taken on the way ends what was later."""
    gone = walking.step_in(card)

    assert gone.earlier().later() == gone
    assert not gone.has_later
    if walking.place < HISTORY - 1:
        assert gone.earlier().trail == walking.trail
    if walking.has_earlier:
        assert walking.earlier().later().trail == walking.trail


@LAWS
@given(WALKS)
def test_a_walk_is_kept_as_it_is(walking: Walking) -> None:
    """What is written into a file comes back the same, and stays within its bounds."""
    kept = msgspec.json.encode(msgspec.to_builtins(walking))

    assert msgspec.json.decode(kept, type=Walking) == walking
    assert len(walking.trails) <= HISTORY
    assert all(1 <= len(trail) <= LONGEST for trail in walking.trails)
    assert walking.trail[0].ref is None


def test_a_long_walk_is_bounded() -> None:
    """Where a trail begins and what is nearest stays; the oldest between goes."""
    walking = Walking()
    for number in range(1, 200):
        walking = walking.step_in(Ref.parse(f"lead:{number}"))

    assert len(walking.trail) == LONGEST
    assert len(walking.trails) == HISTORY
    assert walking.trail[0].ref is None
    assert [ref.id for ref in walking.way] == list(range(200 - LONGEST + 1, 200))


@pytest.mark.parametrize(
    "kept", [{"trails": []}, {"trails": [[]]}, {"place": 7}, {"place": -1}, {"sort": "by colour"}]
)
def test_nonsense_is_refused(kept: dict[str, object]) -> None:
    """A state file that says what cannot be is told from one that can."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(kept, Walking)


def test_sorts_go_round() -> None:
    """One key leads through all ways of sorting."""
    sorts = [Sort.USUAL]
    for _ in range(len(Sort)):
        sorts.append(sorts[-1].next)

    assert set(sorts) == set(Sort)
    assert sorts[-1] is Sort.USUAL
