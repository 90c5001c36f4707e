"""The signs that tell types, and the words for types and relations.

Each sign is a path in a square of 16 by 16, so that a type is told without colour and without a
font that would have to hold the sign.
"""

from linkgraph.model import EntityType, Relation

#: A funnel, a person, a building, a shopping bag and a parcel.
ICONS = {
    EntityType.LEAD: "M1.6 2.4h12.8L9.7 8.5v6L6.3 12.4V8.5Z",
    EntityType.CONTACT: "M8 8a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 8 8Z"
    "M8 9.3c-3.5 0-6.2 2-6.2 4.6v.5h12.4v-.5c0-2.6-2.7-4.6-6.2-4.6Z",
    EntityType.COMPANY: "M2.5 14.5V1.6h7v4h4v8.9H9.3v-3H6.7v3Z"
    "M4.3 3.6v1.5h1.4V3.6ZM6.5 3.6v1.5h1.4V3.6Z"
    "M4.3 6.4v1.5h1.4V6.4ZM6.5 6.4v1.5h1.4V6.4Z"
    "M10.3 7.4v1.5h1.4V7.4ZM10.3 10.2v1.5h1.4v-1.5Z",
    EntityType.CUSTOMER: "M2.6 5.4h10.8l.9 9.1H1.7Z"
    "M4.9 5.4a3.1 3.9 0 0 1 6.2 0H9.7a1.7 2.4 0 0 0-3.4 0Z",
    EntityType.ELEMENT: "M8 1.2 13.7 4 8 6.8 2.3 4Z"
    "M1.7 5.1 7.4 7.9v6.8L1.7 11.9ZM14.3 5.1 8.6 7.9v6.8l5.7-2.8Z",
}

#: A star of radius 1 around (0, 0): the main contact.
STAR = "M0-1 .235-.324.951-.309.38.124.588.809 0 .4-.588.809-.38.124-.951-.309-.235-.324Z"
PLUS = "M-1 0H1M0-1V1"
CROSS = "M-.8-.8.8.8M-.8.8.8-.8"

TYPE_WORDS = {
    EntityType.LEAD: "Lead",
    EntityType.CONTACT: "Contact",
    EntityType.COMPANY: "Company",
    EntityType.CUSTOMER: "Customer",
    EntityType.ELEMENT: "Element",
}


def relation_words(relation: Relation) -> str:
    """«lead – contact»."""
    if relation.ends is None:
        return "other link"
    return " – ".join(relation.ends)
