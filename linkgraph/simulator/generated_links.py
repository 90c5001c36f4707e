"""The links of a generated account, drawn as columns.

Invariant: no pair is drawn twice, a lead, contact or customer has at most one company, and a
lead or customer at most one main contact.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.simulator.generated_settings import CATALOGS, PRICE_FIELDS
from linkgraph.simulator.links import Pair
from linkgraph.simulator.relation import PRICE_MISSING, PRICE_NULL, Ints, LinkColumns
from linkgraph.simulator.vocabulary import ELEMENTS

Rng = np.random.Generator
Rows = NDArray[np.int64]
"""Row numbers of cards; -1 is none."""

MEAN_GAP = 30
"""Between two ids of one type: 3 million cards lie in about 10^8 ids."""

FIRST_IDS = {
    "leads": 1_000_000,
    "contacts": 2_000_000,
    "companies": 2_500_000,
    "customers": 40_000,
    ELEMENTS: 500_000,
}

FRACTIONS = (0.5, 0.25, 1.75, 2.5, 12.125)


@dataclass(frozen=True)
class Population:
    """How many cards of each type there are."""

    leads: int
    contacts: int
    companies: int
    customers: int
    catalog_elements: int

    @classmethod
    def of_leads(cls, leads: int) -> "Population":
        """The usual proportions."""
        return cls(
            leads=leads,
            contacts=max(round(0.8 * leads), 2),
            companies=max(round(0.15 * leads), 2),
            customers=max(round(0.1 * leads), 1),
            catalog_elements=min(max(leads // 20, 6), 20_000),
        )

    def draw_ids(self, rng: Rng) -> dict[str, Ints]:
        """Sparse ascending ids of each type; element ids run through all catalogs."""
        return {
            type_: first + np.cumsum(rng.integers(1, 2 * MEAN_GAP, getattr(self, type_)))
            for type_, first in FIRST_IDS.items()
        }


class Contacts(NamedTuple):
    """Pairs of an owner (lead or customer) with a contact, sorted and each once."""

    owner: Rows
    contact: Rows
    is_main: NDArray[np.int8]


def draw_links(
    rng: Rng, population: Population, ids: dict[str, Ints], total: int
) -> dict[Pair, LinkColumns]:
    """Links of all kinds, `total` of them: elements make up the difference."""
    size = population
    company_of = _companies_of_contacts(rng, size)
    draw_contacts = _ContactDraw(rng, company_of)
    lead_contacts, lead_first = draw_contacts(size.leads, (0.12, 0.64, 0.17, 0.05, 0.02))
    lead_companies = _companies_of_owners(rng, size, company_of, lead_first, lead_contacts)
    customer_contacts, customer_first = draw_contacts(size.customers, (0.08, 0.7, 0.16, 0.06))
    customer_companies = _companies_of_owners(
        rng, size, company_of, customer_first, customer_contacts
    )
    drawn = {
        ("leads", "contacts"): lead_contacts,
        ("leads", "companies"): _singles(lead_companies),
        ("contacts", "companies"): _singles(company_of),
        ("customers", "contacts"): customer_contacts,
        ("customers", "companies"): _singles(customer_companies),
    }
    columns = {}
    left = total
    for pair, found in drawn.items():
        columns[pair] = _with_ids(found, ids, pair, left)
        left -= len(columns[pair].owner)
    return {**columns, **_element_links(rng, population, ids, left)}


def _popular(rng: Rng, size: int, count: int, skew: float) -> Rows:
    """Rows drawn so that few are drawn very often: `skew` 1 is even, more is more skewed."""
    return (size * rng.random(count) ** skew).astype(np.int64)


def _distinct(values: Ints) -> Ints:
    """Sorted values, each once: a plain sort does this ten times faster than `np.unique`."""
    ordered = np.sort(values)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _companies_of_contacts(rng: Rng, size: Population) -> Rows:
    """Each contact's company; 4 in 10 have none, and some companies have no contact."""
    ranks = rng.permutation(size.companies)
    company = ranks[_popular(rng, size.companies, size.contacts, 2.2)]
    company[rng.random(size.contacts) < 0.4] = -1
    return company


class _ContactDraw:
    """Draws the contacts of leads and customers, colleagues of each other more often than not."""

    def __init__(self, rng: Rng, company_of: Rows) -> None:
        self._rng = rng
        self._company_of = company_of
        self._ranks = rng.permutation(len(company_of))
        self._active = max(int(0.8 * len(company_of)), 1)
        self._by_company = np.argsort(company_of, kind="stable")
        self._sorted_companies = company_of[self._by_company]

    def __call__(self, owners: int, counts: tuple[float, ...]) -> tuple[Contacts, Rows]:
        """Contacts for each owner, and the first one drawn of each owner (-1 none)."""
        rng = self._rng
        how_many = rng.choice(len(counts), owners, p=counts)
        first = self._ranks[_popular(rng, self._active, owners, 1.5)]
        # One test contact is on far more cards than anyone: every account has such a hub.
        first[rng.random(owners) < 0.004] = self._ranks[0]
        first[how_many == 0] = -1
        more = np.repeat(np.arange(owners), np.maximum(how_many - 1, 0))
        others = self._colleagues(first[more])
        owner = np.concatenate([np.flatnonzero(first >= 0), more])
        contact = np.concatenate([first[first >= 0], others])
        pairs = _distinct(owner * len(self._company_of) + contact)
        owner, contact = np.divmod(pairs, len(self._company_of))
        # Some cards have contacts and nobody who is the main one.
        flagged = rng.random(owners) > 0.03
        is_main = (contact == first[owner]) & flagged[owner]
        return Contacts(owner, contact, is_main.astype(np.int8)), first

    def _colleagues(self, contacts: Rows) -> Rows:
        """For each contact someone of the same company, or, one time in three, anyone."""
        rng = self._rng
        company = self._company_of[contacts]
        start = self._sorted_companies.searchsorted(company, "left")
        end = self._sorted_companies.searchsorted(company, "right")
        offset = (rng.random(len(contacts)) * (end - start)).astype(np.int64)
        others = self._by_company[start + offset]
        anyone = self._ranks[_popular(rng, self._active, len(contacts), 1.5)]
        return np.where((company < 0) | (rng.random(len(contacts)) < 0.33), anyone, others)


def _companies_of_owners(
    rng: Rng, size: Population, company_of: Rows, first: Rows, contacts: Contacts
) -> Rows:
    """Each owner's company: mostly its first contact's, at times another contact's or anyone's."""
    owners = len(first)
    company = np.where(first >= 0, company_of[first], -1)
    # The wrong main contact: the card belongs to the company of its other contact.
    other = company_of[contacts.contact]
    differs = (other >= 0) & (other != company[contacts.owner]) & (company[contacts.owner] >= 0)
    chosen = differs & (rng.random(len(other)) < 0.5)
    company[contacts.owner[chosen]] = other[chosen]
    anyone = rng.integers(0, size.companies, owners)
    company = np.where(rng.random(owners) < 0.07, anyone, company)
    lonely = (company < 0) & (rng.random(owners) < 0.45)
    company = np.where(lonely, anyone, company)
    company[rng.random(owners) < 0.12] = -1
    return company


def _singles(company: Rows) -> Contacts:
    owner = np.flatnonzero(company >= 0)
    return Contacts(owner, company[owner], np.full(len(owner), -1, np.int8))


def _with_ids(found: Contacts, ids: dict[str, Ints], pair: Pair, most: int) -> LinkColumns:
    owner_type, target_type = pair
    owner = ids[owner_type][found.owner[:most]]
    target = ids[target_type][found.contact[:most]]
    return LinkColumns(
        owner, target, is_main=found.is_main[:most] if target_type == "contacts" else None
    )


def catalogs_of(elements: Ints) -> Ints:
    """The catalog of each element: thirds, in the order of ids."""
    keys = np.array([catalog["id"] for catalog in CATALOGS])
    catalogs: Ints = keys[np.arange(len(elements)) * len(keys) // max(len(elements), 1)]
    return catalogs


def _element_links(
    rng: Rng, population: Population, ids: dict[str, Ints], total: int
) -> dict[Pair, LinkColumns]:
    """`total` links to elements, most of them of leads."""
    shares = {"leads": 0.76, "customers": 0.12, "contacts": 0.07, "companies": 0.05}
    columns = {}
    left = total
    for owner_type, share in reversed(shares.items()):
        count = left if owner_type == "leads" else min(round(total * share), left)
        count = min(count, getattr(population, owner_type) * population.catalog_elements)
        columns[owner_type, ELEMENTS] = _elements_of(rng, ids[owner_type], ids[ELEMENTS], count)
        left -= count
    return columns


def _elements_of(rng: Rng, owners: Ints, elements: Ints, count: int) -> LinkColumns:
    pairs = np.empty(0, np.int64)
    while len(pairs) < count:
        wanted = count - len(pairs) + 8
        owner = rng.integers(0, len(owners), wanted)
        element = _popular(rng, len(elements), wanted, 2.0)
        pairs = _distinct(np.concatenate([pairs, owner * len(elements) + element]))
    if len(pairs) > count:
        pairs = np.sort(rng.choice(pairs, count, replace=False))
    owner, element = np.divmod(pairs, len(elements))
    whole = rng.integers(1, 11, count).astype(np.float64)
    quantity = np.where(rng.random(count) < 0.2, rng.choice(FRACTIONS, count), whole)
    price = rng.choice(PRICE_FIELDS, count).astype(np.int64)
    kind = rng.random(count)
    price[kind < 0.6] = PRICE_MISSING
    price[kind > 0.92] = PRICE_NULL
    return LinkColumns(
        owners[owner],
        elements[element],
        catalog=catalogs_of(elements)[element],
        quantity=quantity,
        price_id=price,
    )
