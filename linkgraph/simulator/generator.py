"""Synthetic accounts of any size, the same for the same seed.

Invariant: the number of links is exactly what was asked for, and no link is made in a Python
loop: columns are drawn whole.
"""

import re

import numpy as np

from linkgraph.simulator.generated_cards import CardMakers, card_tables
from linkgraph.simulator.generated_links import Population, draw_links
from linkgraph.simulator.generated_settings import (
    ACCOUNT,
    CATALOGS,
    PIPELINES,
    USERS,
    WEBHOOKS,
)
from linkgraph.simulator.world import World

LINKS_PER_LEAD = 3.1
"""About 1.5 links a card, as card counts go: N leads, 0.8 N contacts and so on."""

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


class SizeError(ValueError):
    """A size that is no number of links."""


def links_of_size(text: str) -> int:
    """The number of links in "1k", "250k", "1.5m" or "12345"."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)", text.strip().lower())
    if match is None:
        raise SizeError(f"size {text!r} is no number of links: say 1k, 250k, 1m or 12345")
    return round(float(match[1]) * _UNITS[match[2]])


def generate(links: int, seed: int = 0, *, links_per_lead: float = LINKS_PER_LEAD) -> World:
    """An account of exactly `links` links, skewed as real ones are.

    More links a lead make fewer cards for the same links, and fewer cards without any.

    Ids are sparse (about one in thirty is a card). There are hubs, orphans, leads without
    contacts or company, main contacts of another company than the lead's, contacts shared by
    companies through leads and customers, duplicate phones, and names that break what is careless.
    """
    rng = np.random.default_rng([seed, links])
    population = Population.of_leads(max(round(links / links_per_lead), 3))
    ids = population.draw_ids(rng)
    columns = draw_links(rng, population, ids, links)
    return World(
        account=dict(ACCOUNT),
        cards=card_tables(rng, population, ids, CardMakers(seed)),
        elements=CardMakers(seed).element_tables(ids),
        links=columns,
        users=USERS,
        pipelines=PIPELINES,
        catalogs=CATALOGS,
        webhooks=WEBHOOKS,
    )
