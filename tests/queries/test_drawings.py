"""Drawings of parts of the graph say of each card how many of its links they do not show."""

import pytest
from sqlalchemy import Engine

from linkgraph.index import LinkIndex, Walk
from linkgraph.model import Ref
from queries.drawings import drawing
from queries.parts import around
from tests.queries.conftest import Snapshot, World

LINKS = [
    ("lead:1", "lead:1"),
    ("lead:1", "contact:1"),
    ("contact:1", "contact:1"),
    ("contact:1", "company:1"),
    ("company:1", "company:1"),
    ("company:1", "lead:2"),
]


@pytest.fixture
def engine(snapshot: Snapshot) -> Engine:
    """A line of cards, most of which are linked to themselves too."""

    def fill(world: World) -> None:
        for owner, other in LINKS:
            world.link(owner, other)

    return snapshot(fill)


def hidden(engine: Engine, depth: int, walk: Walk, **states: list[str]) -> dict[str, int]:
    """What a drawing around lead 1 hides, by card."""
    index = LinkIndex.of(LINKS, **states)
    part = around(index, Ref.parse("lead:1"), depth, walk)
    return {str(card.ref): card.hidden for card in drawing(engine, index, part, walk).cards}


def test_links_out_of_the_drawing_are_hidden(engine: Engine) -> None:
    """Each once, at the card that is drawn; a card's link to itself leads nowhere, and is none."""
    assert hidden(engine, 0, Walk()) == {"lead:1": 1}
    assert hidden(engine, 1, Walk()) == {"lead:1": 0, "contact:1": 1}
    assert hidden(engine, 2, Walk()) == {"lead:1": 0, "contact:1": 0, "company:1": 1}


@pytest.mark.parametrize("state", ["deleted", "closed"])
def test_a_named_card_that_the_walk_avoids(engine: Engine, state: str) -> None:
    """The card in the middle is there whatever it is; nobody's count is off by it."""
    walk = Walk(closed=False)

    found = hidden(engine, 1, walk, **{state: ["lead:1"]})

    assert found == {"lead:1": 0, "contact:1": 1}
