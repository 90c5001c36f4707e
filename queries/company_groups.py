# title: Groups of companies
# group: Companies
# question: Which companies belong together by the people they share?
# definition: Companies that share at least min_shared contacts with another one, in groups that
#   share more among themselves than with others; one row a company. Contacts are shared as in
#   companies-sharing-contacts; contacts that touch more than hub_cap companies are cut, count in no
#   figure, and are returned beside the answer. The groups are the communities that Leiden's
#   method finds in the graph of those pairs, weighted by the shared contacts; the same snapshot,
#   seed and other parameters give the same groups. Groups of one company are left out. The largest
#   group is number 1, of equals the one with the company of the lowest id. Rows come by
#   group, within it those of most partners first, then by id.
# parameters:
#   min_shared integer = 2 (1..): Fewest common contacts that join two companies
#   hub_cap integer = 50 (2..): Most companies that a contact may touch before it is cut
#   resolution number = 1 (0.01..100): Above 1 makes more and smaller groups, below 1 larger ones
#   seed integer = 0 (0..1000000): Of the drawing of ties
# columns:
#   group_number: The group, 1 is the largest
#   members: How many companies are in it
#   joining: How many contacts touch at least two of them
#   company_id: One of its companies
#   company_name: Its name
#   company_url: Its address in the CRM
#   partners: With how many companies of the group it shares at least min_shared contacts
#   contacts: How many contacts touch it and another company of the group
#   first_contact_id: A sample of them: the one with the lowest id
#   first_contact_name: Its name
# cut: Contacts that touch more than hub_cap companies
"""Communities of companies by their common contacts, from the columns of the link index."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linkgraph.index import Walk
from linkgraph.index.communities import communities
from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.companypairs import CompanyPairs, company_pairs, cut_contacts
from queries.namedcards import named
from queries.touches import Keys, Places, Touches


def answer(asked: Asked) -> Found:
    """A row a company, and the contacts that were cut."""
    cap = asked.integer("hub_cap")
    touches = Touches(asked.index, Walk())
    asked.go_on()
    pairs = company_pairs(asked, touches, asked.integer("min_shared"), cap)
    groups = groups_of(pairs, touches.companies, asked.integer("seed"), asked.number("resolution"))
    asked.go_on()
    people = _people(touches, groups, cap)
    within = groups[pairs.a] == groups[pairs.b]
    ends = np.concatenate([pairs.a[within], pairs.b[within]])
    partners = np.bincount(ends, minlength=touches.companies)
    company = np.flatnonzero(groups >= 0)
    company = company[np.lexsort((-partners[company], groups[company]))]
    group = groups[company]
    first = {"first_contact": touches.ids(EntityType.CONTACT, people.first[company])}
    table = pa.table(
        {
            "group_number": pa.array(group + 1),
            "members": pa.array(np.bincount(group)[group]),
            "joining": pa.array(people.joining[group]),
        }
        | named(asked, EntityType.COMPANY, {"company": touches.ids(EntityType.COMPANY, company)})
        | {
            "partners": pa.array(partners[company]),
            "contacts": pa.array(people.contacts[company]),
        }
        | named(asked, EntityType.CONTACT, first, urls=())
    )
    return Found(table, cut_contacts(asked, touches, cap))


def groups_of(pairs: CompanyPairs, companies: int, seed: int, resolution: float) -> Places:
    """[companies] the group of each, 0 is the largest; -1 for those that are in none."""
    members, ends = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    a, b = np.split(ends, 2)
    labels = communities(len(members), a, b, pairs.shared, seed=seed, resolution=resolution)
    groups = np.full(companies, -1, np.int64)
    groups[members] = np.where(np.bincount(labels)[labels] > 1, labels, -1)
    return groups


@dataclass(frozen=True, slots=True)
class _People:
    """Who holds groups together: the contacts that touch two companies of one, or more."""

    joining: Keys
    """[groups] how many they are"""
    contacts: Keys
    """[companies] how many of them touch it"""
    first: Places
    """[companies] the one of those with the lowest id"""


def _people(touches: Touches, groups: Places, hub_cap: int) -> _People:
    breadth = touches.breadth[touches.contact]
    kept = (breadth > 1) & (breadth <= hub_cap) & (groups[touches.company] >= 0)
    contact, company = touches.contact[kept], touches.company[kept]
    count = int(groups.max(initial=-1)) + 1
    meetings, meeting, times = np.unique(
        contact.astype(np.int64) * count + groups[company], return_inverse=True, return_counts=True
    )
    joins = times[meeting] > 1
    contact, company = contact[joins], company[joins]
    first = np.zeros(touches.companies, np.int64)
    first[company[::-1]] = contact[::-1]  # of several the last one stands
    return _People(
        np.bincount(meetings[times > 1] % max(count, 1), minlength=count),
        np.bincount(company, minlength=touches.companies),
        first,
    )
