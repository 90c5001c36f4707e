"""What the API sends and takes, as typed structs.

They accept all that the reference and its examples show: missing, null and unknown keys included.
What the API says is kept, not judged: unknown entity types stay raw strings, a missing flag stays
None. Bodies of unexpected but readable shape (numbers as strings, `[]` for an empty object, as PHP
writes it) are mended in a second, slower attempt, so that the usual body pays nothing for them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from linkgraph.errors import FieldProblem
from linkgraph.model import EntityType, Ref


class LinkMetadata(Struct, gc=False):
    """What a link carries. None: not told."""

    main_contact: bool | None = None
    is_main: bool | None = None
    quantity: int | float | None = None
    catalog_id: int | None = None
    price_id: int | None = None

    @property
    def main(self) -> bool | None:
        """The main flag: read as `main_contact`, also understood under the name it is written."""
        return self.is_main if self.main_contact is None else self.main_contact


class Link(Struct, gc=False):
    """A link as the API reports it, from one side (entity-links-api).

    `entity_id` and `entity_type` are missing in single lists; the client fills them in.
    """

    to_entity_id: int
    to_entity_type: str
    entity_id: int | None = None
    entity_type: str | None = None
    metadata: LinkMetadata | None = None


class LinkSet(Struct):
    """The links of some cards, all pages of the answer together."""

    links: list[Link]
    total_items: int | None
    """`_total_items` of the first page: the whole or the page's count (amocrm-api section 1.4)."""
    pages: int
    """How many answers it took; 0 when the first said that there is nothing."""
    requested: tuple[int, ...]
    """The ids that were asked about."""
    problems: tuple[FieldProblem, ...] = ()
    """`_embedded.errors` of a write answered 200: what was refused all the same."""


class LinkItemMetadata(Struct, frozen=True, omit_defaults=True):
    """The metadata of a write. What is UNSET is not sent; `price_id` may be null."""

    catalog_id: int | UnsetType = UNSET
    quantity: int | float | UnsetType = UNSET
    is_main: bool | UnsetType = UNSET
    price_id: int | UnsetType | None = UNSET
    updated_by: int | UnsetType = UNSET


class LinkItem(Struct, frozen=True, omit_defaults=True):
    """One item of a link or unlink request. `entity_id` is for the mass routes."""

    to_entity_id: int
    to_entity_type: str
    entity_id: int | UnsetType = UNSET
    metadata: LinkItemMetadata | UnsetType | None = UNSET

    @classmethod
    def to(
        cls,
        to: Ref,
        *,
        owner: Ref | None = None,
        is_main: bool | UnsetType = UNSET,
        quantity: int | float | UnsetType = UNSET,
        price_id: int | UnsetType | None = UNSET,
        updated_by: int | UnsetType = UNSET,
    ) -> "LinkItem":
        """An item that links to a card; an element's catalog is named by itself."""
        metadata = LinkItemMetadata(
            catalog_id=to.catalog_id if to.type is EntityType.ELEMENT else UNSET,
            quantity=quantity,
            is_main=is_main,
            price_id=price_id,
            updated_by=updated_by,
        )
        return cls(
            to_entity_id=to.id,
            to_entity_type=to.type.api_name,
            entity_id=UNSET if owner is None else owner.id,
            metadata=UNSET if metadata == LinkItemMetadata() else metadata,
        )

    def unlinking(self) -> "LinkItem":
        """The same item with only what an unlink takes: unknown metadata keys are refused there."""
        if not self.metadata:
            return self
        kept = LinkItemMetadata(
            catalog_id=self.metadata.catalog_id, updated_by=self.metadata.updated_by
        )
        return msgspec.structs.replace(self, metadata=UNSET if kept == LinkItemMetadata() else kept)


class Tag(Struct, gc=False):
    """A card's tag."""

    id: int | None = None
    name: str | None = None


class EmbeddedCard(Struct, gc=False):
    """A card that another one embeds: the list's own word about a link."""

    id: int
    is_main: bool | None = None
    main_contact: bool | None = None
    metadata: LinkMetadata | None = None
    catalog_id: int | None = None
    quantity: int | float | None = None
    price_id: int | None = None


class _EmbeddedInCard(Struct):
    tags: list[Tag] | None = None
    companies: list[EmbeddedCard] | None = None
    contacts: list[EmbeddedCard] | None = None
    leads: list[EmbeddedCard] | None = None
    customers: list[EmbeddedCard] | None = None
    catalog_elements: list[EmbeddedCard] | None = None


_NULL = Raw(b"null")


class Card(Struct):
    """A lead, contact, company, customer or catalog element (amocrm-api section 6).

    Every key but the id is optional. Times are Unix seconds, prices the account's currency.
    """

    id: int
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    price: int | float | None = None
    price_with_minor_units: int | float | None = None
    next_price: int | float | None = None
    next_date: int | None = None
    ltv: int | float | None = None
    purchases_count: int | None = None
    average_check: int | float | None = None
    periodicity: int | None = None
    status_id: int | None = None
    pipeline_id: int | None = None
    loss_reason_id: int | None = None
    source_id: int | None = None
    catalog_id: int | None = None
    responsible_user_id: int | None = None
    group_id: int | None = None
    account_id: int | None = None
    created_by: int | None = None
    updated_by: int | None = None
    created_at: int | None = None
    updated_at: int | None = None
    closed_at: int | None = None
    closest_task_at: int | None = None
    score: int | float | None = None
    labor_cost: int | float | None = None
    is_deleted: bool | None = None
    is_unsorted: bool | None = None
    custom_fields_values: Raw = _NULL
    embedded: _EmbeddedInCard | None = field(name="_embedded", default=None)

    @property
    def custom_fields_json(self) -> str | None:
        """The custom fields as the JSON text that came, None where there are none."""
        text = bytes(self.custom_fields_values)
        return None if text in {b"null", b"[]"} else text.decode()

    @property
    def tags(self) -> list[Tag]:
        """The card's tags."""
        return (self.embedded and self.embedded.tags) or []

    def embedded_links(self) -> Iterator[tuple[str, int, LinkMetadata | None]]:
        """The links that the card itself names: API type name, id, metadata where it carries any.

        A customer or lead that was asked `with=contacts` names all of them, as far as is known;
        no answer tells whether the CRM cuts long lists (amocrm-api section 2).
        """
        if self.embedded is None:
            return
        for name, cards in (
            ("companies", self.embedded.companies),
            ("contacts", self.embedded.contacts),
            ("leads", self.embedded.leads),
            ("customers", self.embedded.customers),
            ("catalog_elements", self.embedded.catalog_elements),
        ):
            for card in cards or ():
                yield name, card.id, _embedded_metadata(card)


def _embedded_metadata(card: EmbeddedCard) -> LinkMetadata | None:
    told = LinkMetadata(
        main_contact=card.is_main if card.main_contact is None else card.main_contact,
        quantity=card.quantity,
        catalog_id=card.catalog_id,
        price_id=card.price_id,
    )
    if card.metadata is not None:
        told.main_contact = card.metadata.main if told.main is None else told.main
        for name in ("quantity", "catalog_id", "price_id"):
            if getattr(card.metadata, name) is not None:
                setattr(told, name, getattr(card.metadata, name))
    return None if told == LinkMetadata() else told


class CardPage(Struct):
    """A page of a list. `has_next` is the API's word: a `next` link on the account's own origin."""

    cards: list[Card]
    page: int
    has_next: bool


class ElementPage(Struct):
    """A page of a catalog's elements."""

    elements: list[Card]
    page: int
    has_next: bool


class Account(Struct):
    """The account that a token belongs to."""

    id: int
    name: str | None = None
    subdomain: str | None = None
    country: str | None = None
    currency: str | None = None
    current_user_id: int | None = None
    customers_mode: str | None = None
    """unavailable, disabled, segments, periodicity or dynamic (amocrm-api section 2)."""
    is_api_filter_enabled: bool | None = None
    """Whether the paid filter add-on is there; told only `with_=("is_api_filter_enabled",)`."""
    created_at: int | None = None
    updated_at: int | None = None


class UserRights(Struct, gc=False):
    """What a user may do, as far as this program asks."""

    is_admin: bool | None = None
    is_active: bool | None = None
    group_id: int | None = None


class User(Struct):
    """A user of the account."""

    id: int
    name: str | None = None
    email: str | None = None
    lang: str | None = None
    rights: UserRights | None = None


class Status(Struct, gc=False):
    """A status of a pipeline. `type` 1 is the incoming ("unsorted") one."""

    id: int
    name: str | None = None
    sort: int | None = None
    pipeline_id: int | None = None
    type: int | None = None
    color: str | None = None


class _Statuses(Struct):
    statuses: list[Status] | None = None


class Pipeline(Struct):
    """A pipeline of leads, with its statuses."""

    id: int
    name: str | None = None
    sort: int | None = None
    is_main: bool | None = None
    is_archive: bool | None = None
    embedded: _Statuses | None = field(name="_embedded", default=None)

    @property
    def statuses(self) -> list[Status]:
        """The pipeline's statuses, in the API's order."""
        return (self.embedded and self.embedded.statuses) or []


class Catalog(Struct):
    """A catalog (a "list") of elements."""

    id: int
    name: str | None = None
    type: str | None = None
    sort: int | None = None
    can_link_multiple: bool | None = None
    created_at: int | None = None
    updated_at: int | None = None


class Event(Struct):
    """Something that happened to a card. `entity_type` is singular here (amocrm-api section 3)."""

    id: str
    type: str
    entity_id: int | None = None
    entity_type: str | None = None
    created_by: int | None = None
    created_at: int | None = None
    value_after: Any = None
    value_before: Any = None

    def other_ends(self) -> list[tuple[str, int]]:
        """The cards at the other end of a link event: type as sent, id.

        Which array holds them, and under which key, differs: either is looked through.
        """
        ends: list[tuple[str, int]] = []
        for value in (self.value_after, self.value_before):
            for entry in value if isinstance(value, list) else [value]:
                for key in ("link", "unlink"):
                    end = _entity_of(entry, key)
                    if end is not None and end not in ends:
                        ends.append(end)
        return ends


def _entity_of(entry: Any, key: str) -> tuple[str, int] | None:
    try:
        entity = entry[key]["entity"]
        return str(entity["type"]), int(entity["id"])
    except (KeyError, TypeError, ValueError):
        return None


class EventPage(Struct):
    """A page of events, newest first as far as is known."""

    events: list[Event]
    page: int
    has_next: bool


class EventType(Struct, gc=False):
    """A type of event that the account has."""

    key: str
    type: int | str | None = None
    lang: str | None = None
