# title: Duplicate companies
# group: Duplicates
# question: Which companies are one firm entered twice?
# definition: Live companies that share a phone or an e-mail address, in its normalised form
#   (`identifiers.normalised`), with another one. A value that more than hub_cap live companies
#   carry is a shared line, an office's phone: it joins nobody, and is returned beside the answer.
#   Companies that share values, directly or over others, make a group; each group has one survivor:
#   the member with the most live links (of all kinds), of those the one that was created first (an
#   unknown date comes last), of those the one with the lowest id. One row for every other member.
#   Each member's way to the survivor: the fewest steps, a step joining two members that share a
#   value; of several members one step nearer the one with which it shares the most values, of those
#   the one with the lowest id. Of several shared values the first one is shown: phones before
#   e-mails, then by code point. A group is a chain when one of its members shares no value with the
#   survivor. Two names are the same when the words of one (runs of letters and digits, Unicode NFC,
#   case-folded, ё as е) are all among the words of the other; where one of them has no letter that
#   is not known.
#   The edit is proposed where it is plain: the group is no chain, the two names are not different,
#   and the duplicate has a link to move. In order: the groups with the most members first, then by
#   the survivor's id; in a group by steps, then by id.
# parameters:
#   by text = any (any | phone | email): Which values count
#   hub_cap integer = 5 (2..100): Most companies that may carry a value before it is a shared line
# columns:
#   group_number: Number of the group in this answer, from 1
#   members: How many companies the group has
#   company_id: The duplicate
#   company_name: Its name
#   company_url: Its address in the CRM
#   survivor_company_id: The company of the group that is proposed to stay
#   survivor_company_name: Its name
#   survivor_company_url: Its address in the CRM
#   kind: What it shares with the next member on its way: phone or email
#   value: The value itself, normalised
#   shared: How many values it shares with that member
#   via_company_id: That member; the survivor itself where steps is 1
#   via_company_name: Its name
#   steps: How many steps lie between it and the survivor
#   weakest: Fewest values that a step of its way rests on
#   weakest_value: The first value of that step; of several such steps the one nearest the survivor
#   chain: Whether a member of the group shares no value with the survivor
#   same_name: Whether the two names are the same; empty where that is not known
#   links: How many live links it has
#   leads: How many leads among them
#   created_at: When it was created (UTC)
#   survivor_links: How many live links the survivor has
#   survivor_leads: How many leads among them
#   survivor_created_at: When the survivor was created (UTC)
#   fix: The edit that moves its links to the survivor; empty where that is a choice
# problem: companies that are another one's duplicates
# cut: Phones and e-mails that more than hub_cap companies carry: shared lines
"""Companies entered twice: see `queries.duplicates`."""

from linkgraph.model import EntityType
from queries.asked import Asked, Found
from queries.duplicates import duplicates


def answer(asked: Asked) -> Found:
    """A row for each company that has a better one."""
    return duplicates(asked, EntityType.COMPANY, asked.text("by"), asked.integer("hub_cap"))
