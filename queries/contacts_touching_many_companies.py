# title: Contacts that touch several companies
# group: Contacts
# question: Who works with more than one company?
# definition: Contacts that touch at least min_companies distinct companies, one row for each
#   company that is not their own. A contact touches a company when it is linked to it, or when
#   one lead or one customer is linked to both. Its own company is the one it is linked to itself;
#   should the account show several, the one with the lowest id. A lead whose status is not known,
#   or whose card cannot be read, is not taken for a closed one. Contacts of most companies come
#   first, then by their ids; their companies by leads, then by customers, the most first, then by
#   id.
# parameters:
#   min_companies integer = 2 (2..): Fewest companies that make a contact worth listing
#   closed_leads boolean = yes: Whether leads that are won or lost count too
# columns:
#   contact_id: The contact
#   contact_name: Its name
#   contact_url: Its address in the CRM
#   companies: How many companies it touches, its own included
#   own_company_id: The company it is linked to itself, if any
#   own_company_name: Its name
#   other_company_id: Another company that it touches
#   other_company_name: Its name
#   other_company_url: Its address in the CRM
#   leads: How many leads join it to that other company
#   customers: How many customers join it to that other company
#   last_lead_at: When the newest of those leads was created (UTC)
"""Contacts with the other companies that they touch, from the columns of the link index."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkgraph.index import Walk
from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.namedcards import named
from queries.touches import BY_CUSTOMER, BY_LEAD, DIRECT, Keys, Places, Routes, Touches

Bools = NDArray[np.bool_]

_CREATED = """
select lead_id, epoch_us(created_at) as created_at from leads where created_at is not null
"""
#: Stands for a moment that is not known: before all others.
_NEVER = np.iinfo(np.int64).min


def answer(asked: Asked) -> Found:
    """A row for each company that is not the contact's own."""
    touches = Touches(asked.index, Walk(closed=asked.flag("closed_leads")))
    own, broad = _own(touches), touches.breadth >= asked.integer("min_companies")

    def listed(contact: Places, company: Places) -> Bools:
        others: Bools = broad[contact] & (own[contact] != company)
        return others

    asked.go_on()
    rows = np.flatnonzero(listed(touches.contact, touches.company))
    contact, company = touches.contact[rows], touches.company[rows]
    leads, customers = touches.count(BY_LEAD)[rows], touches.count(BY_CUSTOMER)[rows]
    routes = touches.routes(BY_LEAD)
    routes = routes.take(np.flatnonzero(listed(routes.contact, routes.company)))
    latest = np.full(len(rows), _NEVER)
    latest[leads > 0] = _latest(asked, touches, routes)
    asked.go_on()
    # touches come by contact and company: a sort by the rest leaves equals where they are
    order = np.lexsort((-customers, -leads, contact, -touches.breadth[contact]))
    contact, company = contact[order], company[order]
    leads, customers, latest = leads[order], customers[order], latest[order]
    companies = {
        "own_company": touches.ids(EntityType.COMPANY, own[contact]) * (own[contact] >= 0),
        "other_company": touches.ids(EntityType.COMPANY, company),
    }
    people = {"contact": touches.ids(EntityType.CONTACT, contact)}
    moments = pa.array(latest, mask=latest == _NEVER).cast(pa.timestamp("us"))
    table = pa.table(
        named(asked, EntityType.CONTACT, people)
        | {"companies": pa.array(touches.breadth[contact])}
        | named(asked, EntityType.COMPANY, companies, urls=("other_company",))
        | {
            "leads": pa.array(leads),
            "customers": pa.array(customers),
            "last_lead_at": moments,
        }
    )
    return Found(table)


def _own(touches: Touches) -> Places:
    """[contacts] the company of each, of several the one with the lowest id; -1 for none."""
    own: Places = np.full(touches.size(EntityType.CONTACT), -1, np.int32)
    direct = np.flatnonzero(touches.ways & DIRECT)[::-1]
    own[touches.contact[direct]] = touches.company[direct]  # of several the last one stands
    return own


def _latest(asked: Asked, touches: Touches, routes: Routes) -> Keys:
    """When the newest lead of each touch that comes by these routes was created, in µs."""
    rows = asked.sql(_CREATED).combine_chunks()
    leads = touches.places(EntityType.LEAD, rows.column("lead_id").to_numpy())
    known = leads >= 0
    created = np.full(touches.size(EntityType.LEAD), _NEVER)
    created[leads[known]] = rows.column("created_at").to_numpy()[known]
    keys = touches.keys(routes.contact, routes.company)
    order = np.argsort(keys)
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    return np.maximum.reduceat(created[routes.card[order]], starts) if len(starts) else starts
