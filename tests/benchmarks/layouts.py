"""Laying out pictures of up to three hundred cards: two seconds is what people wait for one."""

from collections.abc import Iterator

from linkgraph.pictures.layout import layout
from tests.benchmarks.measures import Measure, timed
from tests.pictures import drawings

TARGET = 2.0
DRAWINGS = {
    "a star of 300": drawings.star(299),
    "a neighbourhood of 300": drawings.neighbourhood(300),
    "a hub among 300": drawings.hub(300),
    "a component of 300": drawings.component(300),
    "a mesh of 100": drawings.mesh(100),
}


def run(links: int) -> Iterator[Measure]:
    """Each drawing once; the size of the account is of no concern."""
    for name, drawing in DRAWINGS.items():
        with timed() as watch:
            layout(drawing)
        yield Measure(name, watch.seconds, target=TARGET)
