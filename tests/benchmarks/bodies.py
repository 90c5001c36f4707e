"""Reading a full page of links, as the CRM sends it.

The promise is half of what the standard library takes to read the same JSON into dictionaries.
"""

import json
from collections.abc import Callable, Iterator

from linkgraph.amocrm import bodies
from tests.benchmarks.measures import Measure, timed

#: As many as a body that was measured held.
LINKS = 612
ROUNDS = 400


def run(links: int) -> Iterator[Measure]:
    """The best of many, by turns; `links` at most."""
    body = page(min(links, LINKS))
    # By turns, and for long: whatever else the machine does then slows both, and neither always.
    rounds = [
        (
            _seconds(lambda: bodies.envelope(body, bodies.Links)),
            _seconds(lambda: json.loads(body)),
        )
        for _ in range(ROUNDS)
    ]
    ours, theirs = (min(times) * 1000 for times in zip(*rounds, strict=True))
    yield Measure(f"a page of {LINKS} links", ours, "ms", "json.loads", theirs, theirs / 2)


def page(links: int) -> bytes:
    """The body of a list of so many links of leads to contacts."""
    told = [
        {
            "entity_id": 20_000_000 + number // 3,
            "entity_type": "leads",
            "to_entity_id": 30_000_000 + number,
            "to_entity_type": "contacts",
            "metadata": {"main_contact": number % 3 == 0},
        }
        for number in range(links)
    ]
    return json.dumps({"_total_items": links, "_embedded": {"links": told}}).encode()


def _seconds(read: Callable[[], object]) -> float:
    with timed() as watch:
        read()
    return watch.seconds
