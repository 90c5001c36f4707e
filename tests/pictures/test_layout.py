"""Nothing lies over anything else, neighbours are near, and chance has no part in it."""

from itertools import pairwise

import numpy as np
import pytest

from linkgraph.model import EntityType, Ref
from linkgraph.pictures.drawing import Drawing, DrawnCard
from linkgraph.pictures.layout import Layout, layout
from linkgraph.pictures.spacing import overlaps
from tests.pictures import drawings

DRAWINGS = {
    "nothing": Drawing("Nothing", (), (), "component"),
    "one card": drawings.star(0),
    "two cards": drawings.path(2),
    "a path of 5": drawings.path(5),
    "a path of 30": drawings.path(30),
    "several paths": drawings.paths(),
    "a star of 2": drawings.star(1),
    "a star of 30": drawings.star(29),
    "a star of 300": drawings.star(299),
    "a neighbourhood of 12": drawings.neighbourhood(12),
    "a neighbourhood of 30": drawings.neighbourhood(30),
    "a neighbourhood of 100": drawings.neighbourhood(100),
    "a neighbourhood of 300": drawings.neighbourhood(300),
    "a hub among 300": drawings.hub(300),
    "a component of 30": drawings.component(30),
    "a component of 100": drawings.component(100),
    "a component of 300": drawings.component(300),
    "a mesh of 100": drawings.mesh(100),
    "a what-if": drawings.what_if(),
}


@pytest.fixture(scope="module")
def layouts() -> dict[str, Layout]:
    """Every drawing laid out; how long that takes is measured by `tests.benchmarks.layouts`."""
    return {name: layout(drawing) for name, drawing in DRAWINGS.items()}


def extents(found: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Centres and sizes of the boxes."""
    centres = np.array(found.centres).reshape(-1, 2)
    return centres, np.array([(box.width, box.height) for box in found.boxes]).reshape(-1, 2)


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_card_lies_over_another(name: str, layouts: dict[str, Layout]) -> None:
    """Between any two cards, with all that is written in them, there is room, and all is framed."""
    found = layouts[name]
    centres, sizes = extents(found)

    assert not overlaps(centres, sizes, gap=8)
    assert (centres - sizes / 2 >= -0.01).all()
    assert (centres + sizes / 2 <= np.array([found.width, found.height]) + 0.01).all()


@pytest.mark.parametrize("name", DRAWINGS)
def test_pictures_are_as_large_as_they_need_to_be(name: str, layouts: dict[str, Layout]) -> None:
    """Cards are not strewn: they fill a fair share of the frame, which is no strip."""
    found = layouts[name]
    _, sizes = extents(found)
    if len(sizes) < 10 or "path" in name:
        return

    assert sizes.prod(axis=1).sum() / (found.width * found.height) > 0.07
    assert 0.5 < found.width / found.height < 4


@pytest.mark.parametrize("name", ["a neighbourhood of 30", "a component of 100"])
def test_the_same_drawing_gives_the_same_picture(name: str, layouts: dict[str, Layout]) -> None:
    """Nothing is left to chance, nor depends on what was drawn before."""
    assert layout(DRAWINGS[name]) == layouts[name]


def test_a_path_goes_from_left_to_right(layouts: dict[str, Layout]) -> None:
    """Each card of a path stands to the right of the one before, all at one height."""
    places = layouts["a path of 5"].centres

    assert all(a[0] < b[0] for a, b in pairwise(places))
    assert len({round(y, 6) for _, y in places}) == 1


def test_paths_stand_in_columns(layouts: dict[str, Layout]) -> None:
    """Cards at one distance stand below each other."""
    cards = DRAWINGS["several paths"].cards
    columns: dict[int, set[float]] = {}
    for card, (x, _) in zip(cards, layouts["several paths"].centres, strict=True):
        columns.setdefault(card.ring, set()).add(round(x, 6))

    assert [len(columns[ring]) for ring in sorted(columns)] == [1, 1, 1, 1, 1]
    assert sorted(columns) == sorted(columns, key=lambda ring: min(columns[ring]))


def test_leaves_go_round_their_hub(layouts: dict[str, Layout]) -> None:
    """A hub stands in the middle of its leaves, which are on few rings."""
    found = layouts["a star of 300"]
    places = np.array(found.centres)
    hub = places[0]

    assert np.abs(hub - np.array([found.width, found.height]) / 2).max() < 40
    assert (places[1:, 0] < hub[0]).mean() == pytest.approx(0.5, abs=0.05)
    assert (places[1:, 1] < hub[1]).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", ["a neighbourhood of 100", "a component of 300"])
def test_linked_cards_are_near(name: str, layouts: dict[str, Layout]) -> None:
    """Links are on the whole much shorter than the way between any two cards."""
    places = np.array(layouts[name].centres)
    ends = np.array(DRAWINGS[name].pairs)
    linked = np.hypot(*(places[ends[:, 0]] - places[ends[:, 1]]).T).mean()
    any_two = np.hypot(*(places[:, None] - places[None, :]).reshape(-1, 2).T).mean()

    assert linked < any_two * 0.6


def test_lines_start_and_end_at_their_cards(layouts: dict[str, Layout]) -> None:
    """Every line runs from the centre of its one card to that of its other."""
    for name, found in layouts.items():
        for (a, b), curve in zip(DRAWINGS[name].pairs, found.curves, strict=True):
            assert curve.start == pytest.approx(found.centres[a])
            assert curve.end == pytest.approx(found.centres[b])


def test_cards_without_links_are_drawn_too() -> None:
    """Cards that nothing links stand side by side."""
    cards = tuple(DrawnCard(Ref(EntityType.LEAD, n), f"Lead {n}", None) for n in range(1, 41))
    found = layout(Drawing("Loose", cards, (), "component"))

    assert not overlaps(*extents(found), gap=8)
    assert 0.7 < found.width / found.height < 3
