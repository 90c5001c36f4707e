"""A full mirror costs what the formula says, and hardly a request more."""

import time
from math import ceil
from pathlib import Path

import pytest

from linkgraph.amocrm import Address, AmoClient, Pacer, largest_batch
from linkgraph.mirror.sync import Plan, sync
from linkgraph.model import CARD_TYPES
from linkgraph.simulator import Simulator, generate, load_world
from tests.mirror.accounts import Account, expected_edges, mirrored_edges


def _bulk(account: Account) -> int:
    """Pages of 250 and batches as large as ids of this length allow, over the four types."""
    requests = 0
    for kind in CARD_TYPES:
        ids = [card["id"] for card in account.world.to_dict()[kind.api_name]]
        batch = largest_batch(kind, ids, 0)
        requests += ceil(len(ids) / 250) + (ceil(len(ids) / batch) if batch else 0)
    return requests


def _mirrored_at_cost(account: Account) -> None:
    report = account.sync()
    extra = report.extra
    beside = extra.fixed + extra.speculative + extra.calibrating
    assert beside < 30
    assert extra.repairing == 0
    assert report.requests == len(account.asked())
    elements = [line for line in account.asked() if "/elements?" in line]
    assert report.requests - beside - len(elements) <= 1.02 * _bulk(account)
    assert mirrored_edges(report.snapshot) == expected_edges(account.world)


def test_cost_of_a_full_mirror(tmp_path: Path) -> None:
    """Twenty thousand cards: pages and batches by the formula, all else apart and under 30."""
    _mirrored_at_cost(Account(generate(30_000, seed=5), tmp_path))


@pytest.mark.slow
def test_cost_of_a_full_mirror_of_a_hundred_thousand_cards(tmp_path: Path) -> None:
    """A hundred thousand cards: the same, within two per cent."""
    account = Account(generate(150_000, seed=6), tmp_path)
    assert sum(len(table) for table in account.world.cards.values()) >= 99_000
    _mirrored_at_cost(account)


@pytest.mark.slow
def test_one_long_list_fills_the_pace(tmp_path: Path) -> None:
    """An account of leads alone is read with several requests in flight: page after page in turn,
    with the links of each behind it, would take the latency as many times as there are pages."""
    pages, latency = 40, 0.3
    world = load_world({"leads": [{"id": 10_000_000 + 7 * n} for n in range(250 * pages)]})
    with Simulator(world, rate=None, latency=latency) as simulator:
        client = AmoClient(Address.parse(simulator.url), simulator.token, pacer=Pacer(float("inf")))
        began = time.monotonic()
        sync(client, Plan(tmp_path, "RU", keep=1, max_removals=0.2))
        seconds = time.monotonic() - began
    # Two requests for each page, eight in flight: a quarter of this, and the rest is the machine's.
    assert seconds < 0.9 * pages * latency


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
