"""The words of the domain: cards, refs, links and what may be linked to what.

Pure values: nothing here reads, writes or asks anything.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from linkgraph.errors import InvalidRef


class EntityType(StrEnum):
    """The five kinds of card. The value is the word of a ref and of the tables."""

    LEAD = "lead"
    CUSTOMER = "customer"
    CONTACT = "contact"
    COMPANY = "company"
    ELEMENT = "element"

    @property
    def api_name(self) -> str:
        """The plural that the API uses in paths and in `entity_type` (entity-links-api)."""
        return _API_NAMES[self]

    @property
    def rank(self) -> int:
        """Which side owns a link: the lower rank does (design, «A link»)."""
        return _RANKS[self]

    @classmethod
    def from_api(cls, name: str) -> "EntityType | None":
        """The type for an API name, plural or singular; None for one this version does not know."""
        return _TYPE_OF_WORD.get(name)


_API_NAMES = {
    EntityType.LEAD: "leads",
    EntityType.CUSTOMER: "customers",
    EntityType.CONTACT: "contacts",
    EntityType.COMPANY: "companies",
    EntityType.ELEMENT: "catalog_elements",
}
_RANKS = {entity_type: rank for rank, entity_type in enumerate(EntityType)}
_TYPE_OF_WORD = (
    {entity_type.value: entity_type for entity_type in EntityType}
    | {name: entity_type for entity_type, name in _API_NAMES.items()}
    | {"elements": EntityType.ELEMENT, "catalog_element": EntityType.ELEMENT}
)

#: The types that have links of their own to ask for; an element's links are told by its owners.
CARD_TYPES = (EntityType.LEAD, EntityType.CUSTOMER, EntityType.CONTACT, EntityType.COMPANY)


class Relation(StrEnum):
    """The kinds of link, named owner first. `OTHER` is a pair that the reference does not list."""

    LEAD_CONTACT = "lead_contact"
    LEAD_COMPANY = "lead_company"
    CONTACT_COMPANY = "contact_company"
    CUSTOMER_CONTACT = "customer_contact"
    CUSTOMER_COMPANY = "customer_company"
    LEAD_ELEMENT = "lead_element"
    CONTACT_ELEMENT = "contact_element"
    COMPANY_ELEMENT = "company_element"
    CUSTOMER_ELEMENT = "customer_element"
    OTHER = "other"

    @property
    def ends(self) -> tuple[EntityType, EntityType] | None:
        """The owner's type and the other's; None for `OTHER`."""
        if self is Relation.OTHER:
            return None
        owner, other = self.value.split("_")
        return EntityType(owner), EntityType(other)

    @classmethod
    def between(cls, a: EntityType, b: EntityType) -> "Relation":
        """The relation of a link between two types, in whichever order they come."""
        owner, other = sorted((a, b), key=lambda entity_type: entity_type.rank)
        return _RELATIONS.get((owner, other), cls.OTHER)


_RELATIONS = {relation.ends: relation for relation in Relation if relation.ends is not None}

#: Which types each type's link routes report, by the reference; contacts report leads too on many
#: accounts, though the reference omits it (amocrm-api, section 1.2).
REPORTS: dict[EntityType, frozenset[EntityType]] = {
    EntityType.LEAD: frozenset({EntityType.CONTACT, EntityType.COMPANY, EntityType.ELEMENT}),
    EntityType.CONTACT: frozenset({EntityType.COMPANY, EntityType.CUSTOMER, EntityType.ELEMENT}),
    EntityType.COMPANY: frozenset(
        {EntityType.CONTACT, EntityType.LEAD, EntityType.CUSTOMER, EntityType.ELEMENT}
    ),
    EntityType.CUSTOMER: frozenset({EntityType.CONTACT, EntityType.COMPANY, EntityType.ELEMENT}),
    EntityType.ELEMENT: frozenset(),
}


def linkable(a: EntityType, b: EntityType) -> bool:
    """Whether a card of type `a` may be linked to one of type `b` (entity-links-api)."""
    return Relation.between(a, b) is not Relation.OTHER


@dataclass(frozen=True, slots=True)
class Ref:
    """One card. `catalog_id` is 0 for all but elements, which are known by catalog and id together.

    >>> str(Ref.parse("contacts:45"))
    'contact:45'
    >>> str(Ref.parse("element:4521/597393"))
    'element:4521/597393'
    >>> str(Ref.parse("https://example.amocrm.ru/leads/detail/7593303?compact=yes"))
    'lead:7593303'
    """

    type: EntityType
    id: int
    catalog_id: int = 0

    def __str__(self) -> str:
        if self.type is EntityType.ELEMENT:
            return f"{self.type}:{self.catalog_id}/{self.id}"
        return f"{self.type}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Read `lead:123`, `leads/123`, `element:CATALOG/ID` or the address of a card.

        Raises:
            InvalidRef: the text names no card.
        """
        word = text.strip()
        if "://" in word:
            return _parse_url(word)
        match = _REF.fullmatch(word.lower())
        entity_type = EntityType.from_api(match["type"]) if match else None
        if match is None or entity_type is None:
            raise InvalidRef(
                f"«{word[:80]}» names no card",
                hint="write lead:123, contact:45, company:6, customer:7, element:CATALOG/ID, "
                "or paste the card's address",
            )
        return _ref(word, entity_type, match["catalog"], match["id"])

    def path(self) -> str:
        """The path of the card's page in the CRM."""
        if self.type is EntityType.ELEMENT:
            return f"/catalogs/{self.catalog_id}/detail/{self.id}"
        return f"/{self.type.api_name}/detail/{self.id}"


MAX_ID = 2**63 - 1  # ids are BIGINT in the tables
_REF = re.compile(r"(?P<type>[a-z_]+)[:/](?:(?P<catalog>\d{1,19})[/:])?(?P<id>\d{1,19})", re.ASCII)
_CARD_PATH = re.compile(
    r"(?:/api/v4)?/(?:(?P<type>leads|contacts|companies|customers)/(?:detail/)?(?P<id>\d{1,19})"
    r"|catalogs/(?P<catalog>\d{1,19})/(?:detail|elements)/(?P<element>\d{1,19}))(?:/.*)?",
    re.ASCII,
)
_CRM_DOMAINS = (".amocrm.ru", ".amocrm.com", ".kommo.com")


def is_crm_host(host: str) -> bool:
    """Whether a host is one of the CRM's own, an account's subdomain (amocrm-api, section 5)."""
    return host.endswith(_CRM_DOMAINS)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: where a simulated account runs."""
    return host in {"localhost", "::1"} or re.fullmatch(r"127\.\d+\.\d+\.\d+", host) is not None


def is_card_address(text: str) -> bool:
    """Whether a text is the address of a card, of whichever account."""
    if "://" not in text:
        return False
    try:
        Ref.parse(text)
    except InvalidRef:
        return False
    return True


def _parse_url(word: str) -> Ref:
    try:
        parts = urlsplit(word)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    match = _CARD_PATH.fullmatch(parts.path) if is_crm_host(host) or is_loopback(host) else None
    if match is None:
        raise InvalidRef(
            f"«{word[:80]}» is not the address of a card",
            hint="a card's address looks like https://example.amocrm.ru/leads/detail/123 "
            "(or .amocrm.com, .kommo.com)",
        )
    if match["catalog"]:
        return _ref(word, EntityType.ELEMENT, match["catalog"], match["element"])
    entity_type = EntityType.from_api(match["type"])
    assert entity_type is not None  # the pattern lists API names only
    return _ref(word, entity_type, None, match["id"])


def _ref(word: str, entity_type: EntityType, catalog: str | None, card: str) -> Ref:
    if entity_type is EntityType.ELEMENT and catalog is None:
        raise InvalidRef(
            f"«{word[:80]}» lacks the element's catalog",
            hint="an element is known by catalog and id together: element:CATALOG/ID",
        )
    if entity_type is not EntityType.ELEMENT and catalog is not None:
        raise InvalidRef(f"«{word[:80]}»: only elements have a catalog", hint="write lead:123")
    ref = Ref(entity_type, int(card), int(catalog or 0))
    if ref.id > MAX_ID or ref.catalog_id > MAX_ID or ref.id == 0:
        raise InvalidRef(f"«{word[:80]}»: no card has such an id", hint="ids are positive integers")
    return ref


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a link carries. None means that the CRM said nothing, which is not the same as false.

    The CRM says `main_contact` when it is read and wants `is_main` when it is written.
    """

    is_main: bool | None = None
    quantity: float | None = None
    price_id: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One undirected link, owner first (`EntityType.rank`)."""

    owner: Ref
    other: Ref
    metadata: Metadata = Metadata()

    @property
    def relation(self) -> Relation:
        """What kind of link it is."""
        return Relation.between(self.owner.type, self.other.type)

    @classmethod
    def between(cls, a: Ref, b: Ref, metadata: Metadata | None = None) -> "Link":
        """The link of two cards, put owner first whichever way they come."""
        owner, other = sorted((a, b), key=lambda ref: (ref.type.rank, ref.catalog_id, ref.id))
        return cls(owner, other, metadata or Metadata())


def by_type(refs: Iterable[Ref]) -> dict[EntityType, list[Ref]]:
    """Sort refs into their types, each list without repeats and in first-seen order."""
    sorted_out: dict[EntityType, list[Ref]] = {}
    for ref in dict.fromkeys(refs):
        sorted_out.setdefault(ref.type, []).append(ref)
    return sorted_out
