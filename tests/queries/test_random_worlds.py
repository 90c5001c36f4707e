"""Every question against a second, slow, obvious answer, on random little accounts.

The second answer is worked out from the world's JSON in plain Python (`reference/`), never from a
table, a view or the link index.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from queries.catalogue import Catalogue
from tests.queries.reference.account import synced
from tests.queries.reference.everything import REFERENCES, check, parameters
from tests.queries.reference.mirrored import assert_mirrors, mirrored, taken_at
from tests.queries.reference.worlds import story

CATALOGUE = Catalogue.load()
SHARDS = 4


def test_every_question_has_a_second_implementation() -> None:
    """No question of the library goes without."""
    assert sorted(REFERENCES) == sorted(question.name for question in CATALOGUE)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a seed cannot be shrunk
)
@given(st.integers(0, 2**40))
def test_both_answers_agree(shard: int, number: int) -> None:
    """Rows, figures, names, edits, order and what was cut are those of the definition."""
    account = story(SHARDS * number + shard)
    before = synced(account.first, account.habits)
    now = synced(account.second, account.habits, before)
    draw = Random(account.seed)
    with mirrored(account) as sources:
        assert_mirrors(sources, now)
        moment = taken_at(sources)
        for question in CATALOGUE:
            wanted = parameters(question, now, draw)
            if wanted is not None:
                check(sources, question, wanted, now, before, moment)
