"""Cards on the wire, with the links that they embed (amocrm-api section 6)."""

from collections.abc import Iterator

from msgspec import Raw, Struct, field

from linkgraph.amocrm.wire_links import LinkMetadata


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
