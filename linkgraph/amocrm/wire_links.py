"""Links on the wire: as lists report them, and as writes send them (entity-links-api)."""

import msgspec
from msgspec import UNSET, Struct, UnsetType

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
