"""The account on the wire: itself, its users, pipelines, catalogs and events."""

from typing import Any

from msgspec import Struct, field


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


class Webhook(Struct, gc=False):
    """A webhook of the account: whom the CRM tells of changes."""

    destination: str = ""
    settings: list[str] | None = None
    """The events that it is called for, such as update_lead."""
    disabled: bool | None = None


class EventType(Struct, gc=False):
    """A type of event that the account has."""

    key: str
    type: int | str | None = None
    lang: str | None = None
