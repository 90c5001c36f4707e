"""A full mirror costs what the formula says, and hardly a request more."""

from itertools import accumulate
from math import ceil
from pathlib import Path

from linkgraph.amocrm import Address, AmoClient, Pacer, largest_batch
from linkgraph.mirror.sync import Plan, sync
from linkgraph.model import CARD_TYPES
from linkgraph.simulator import LoggedRequest, Simulator, World, generate, load_world
from tests.mirror.accounts import Account, expected_edges, mirrored_edges


def bulk(world: World) -> int:
    """Pages of 250 and batches as large as ids of this length allow, over the four types."""
    requests = 0
    for kind in CARD_TYPES:
        ids = [card["id"] for card in world.to_dict()[kind.api_name]]
        batch = largest_batch(kind, ids, 0)
        requests += ceil(len(ids) / 250) + (ceil(len(ids) / batch) if batch else 0)
    return requests


def test_cost_of_a_full_mirror(tmp_path: Path) -> None:
    """Thirteen thousand cards: pages and batches by the formula, all else apart and under 30. The
    benchmarks count it of a hundred thousand, where there is more to share the odd page among."""
    account = Account(generate(20_000, seed=5), tmp_path)
    report = account.sync()
    extra = report.extra
    beside = extra.fixed + extra.speculative + extra.calibrating
    assert beside < 30
    assert extra.repairing == 0
    assert report.requests == len(account.asked())
    elements = [line for line in account.asked() if "/elements?" in line]
    assert report.requests - beside - len(elements) <= 1.02 * bulk(account.world)
    assert mirrored_edges(report.snapshot) == expected_edges(account.world)


def test_one_long_list_fills_the_pace(tmp_path: Path) -> None:
    """An account of leads alone is read with several requests in flight: page after page in turn,
    with the links of each behind it, would have one under way at a time, or two."""
    pages, latency = 12, 0.5
    world = load_world({"leads": [{"id": 10_000_000 + 7 * n} for n in range(250 * pages)]})
    with Simulator(world, rate=None, latency=latency) as simulator:
        client = AmoClient(Address.parse(simulator.url), simulator.token, pacer=Pacer(float("inf")))
        sync(client, Plan(tmp_path, "RU", keep=1, max_removals=0.2))
        asked = [one for one in simulator.requests() if one["path"].startswith("/api/v4/leads")]
    assert len(asked) >= 2 * pages
    assert most_at_once(asked) >= 4


def most_at_once(log: list[LoggedRequest]) -> int:
    """How many requests had come and were not answered yet, when they were most."""
    came = [(one["monotonic"], 1) for one in log]
    answered = [(one["answered_at"], -1) for one in log if one["answered_at"] is not None]
    return max(accumulate(step for _, step in sorted(came + answered)))


def test_cost_of_reading_a_few_cards(tmp_path: Path) -> None:
    """A sync of three cards takes a handful of requests."""
    account = Account(generate(2_000, seed=5), tmp_path)
    account.sync()
    state = account.world.to_dict()
    lead, contact = state["leads"][3]["id"], state["contacts"][3]["id"]
    element = state["catalog_elements"][0]
    catalog = element["catalog_id"]
    account.sync(f"lead:{lead}", f"contact:{contact}", f"element:{catalog}/{element['id']}")
    assert len(account.asked()) <= 9
