# title: Companies that share contacts
# group: Companies
# question: Which companies are touched by the same people?
# definition: Pairs of companies (the lower id first) that at least min_shared common contacts
#   touch. A contact touches a company when it is linked to it, or when one lead or one customer is
#   linked to both. Contacts that touch more than hub_cap companies are cut: no figure counts
#   them, and they are returned beside the answer. Pairs of most common contacts come first, of
#   equals the higher jaccard, then by the ids of the companies.
# parameters:
#   min_shared integer = 2 (1..): Fewest common contacts that make a pair
#   hub_cap integer = 50 (2..): Most companies that a contact may touch before it is cut
# columns:
#   company_a_id: The company with the lower id
#   company_a_name: Its name
#   company_a_url: Its address in the CRM
#   company_b_id: The company with the higher id
#   company_b_name: Its name
#   company_b_url: Its address in the CRM
#   shared: How many contacts touch both
#   via_direct: How many of them are linked to one of the two themselves
#   via_leads: How many of them reach one of the two, or both, through a lead
#   via_customers: How many of them reach one of the two, or both, through a customer
#   jaccard: Shared contacts as a part of all that touch either company, from 0 to 1
#   first_contact_id: A sample of them: the one with the lowest id
#   first_contact_name: Its name
#   last_contact_id: And the one with the highest, if there are two or more
#   last_contact_name: Its name
# cut: Contacts that touch more than hub_cap companies
"""Pairs of companies by their common contacts, from the columns of the link index."""

import numpy as np
import pyarrow as pa

from linkgraph.index import Walk
from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.companypairs import company_pairs, cut_contacts
from queries.namedcards import named
from queries.touches import Touches


def answer(asked: Asked) -> Found:
    """The pairs, and the contacts that were cut."""
    cap = asked.integer("hub_cap")
    touches = Touches(asked.index, Walk())
    asked.go_on()
    pairs = company_pairs(asked, touches, asked.integer("min_shared"), cap)
    sizes = np.bincount(
        touches.company[touches.breadth[touches.contact] <= cap], minlength=touches.companies
    )
    jaccard = pairs.shared / (sizes[pairs.a] + sizes[pairs.b] - pairs.shared)
    # the pairs come by a and b, and a sort by these two leaves equals where they are
    order = np.lexsort((-jaccard, -pairs.shared))
    pairs, jaccard = pairs.take(order), jaccard[order]
    companies = {
        "company_a": touches.ids(EntityType.COMPANY, pairs.a),
        "company_b": touches.ids(EntityType.COMPANY, pairs.b),
    }
    last = touches.ids(EntityType.CONTACT, pairs.last)
    last[pairs.shared == 1] = 0
    contacts = {"first_contact": touches.ids(EntityType.CONTACT, pairs.first), "last_contact": last}
    table = pa.table(
        named(asked, EntityType.COMPANY, companies)
        | {
            "shared": pa.array(pairs.shared),
            "via_direct": pa.array(pairs.via_direct),
            "via_leads": pa.array(pairs.via_leads),
            "via_customers": pa.array(pairs.via_customers),
            "jaccard": pa.array(jaccard),
        }
        | named(asked, EntityType.CONTACT, contacts, urls=())
    )
    return Found(table, cut_contacts(asked, touches, cap))
