"""HAL bodies: the envelope of every list, and how bytes become structs.

Invariant: a body that is not the API's is never taken for an empty list.
"""

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct, field

from linkgraph.amocrm import wire
from linkgraph.amocrm.halves import whole_pairs

T = TypeVar("T")


class Href(Struct):
    """A link of a HAL body."""

    href: str


class HalLinks(Struct):
    """The links of a list's answer, as far as they are used."""

    next: Href | None = None


class Envelope(Struct, Generic[T]):
    """The outside of a list. `T` names what is embedded."""

    page: int | None = field(name="_page", default=None)
    total_items: int | None = field(name="_total_items", default=None)
    links: HalLinks | None = field(name="_links", default=None)
    embedded: T | None = field(name="_embedded", default=None)

    @property
    def next(self) -> str | None:
        """The address of the next page, where there is one."""
        return self.links.next.href if self.links and self.links.next else None


class Links(Struct):
    """`_embedded` of the link routes. `errors` was seen on writes (amocrm-api section 1.7)."""

    links: list[wire.Link] | None = None
    errors: Any = None


class Cards(Struct):
    """`_embedded` of the entity lists: the key is the type's own."""

    leads: list[wire.Card] | None = None
    contacts: list[wire.Card] | None = None
    companies: list[wire.Card] | None = None
    customers: list[wire.Card] | None = None
    elements: list[wire.Card] | None = None

    @property
    def all(self) -> list[wire.Card]:
        """The cards, under whichever key they came."""
        return (
            self.leads or self.contacts or self.companies or self.customers or self.elements or []
        )


class Users(Struct):
    """`_embedded` of the users."""

    users: list[wire.User] | None = None


class Pipelines(Struct):
    """`_embedded` of the pipelines."""

    pipelines: list[wire.Pipeline] | None = None


class Webhooks(Struct):
    """`_embedded` of the webhooks."""

    webhooks: list[wire.Webhook] | None = None


class Catalogs(Struct):
    """`_embedded` of the catalogs."""

    catalogs: list[wire.Catalog] | None = None


class Events(Struct):
    """`_embedded` of the events."""

    events: list[wire.Event] | None = None


class EventTypes(Struct):
    """`_embedded` of the event types."""

    events_types: list[wire.EventType] | None = None


class Malformed(Exception):
    """A body that is not what was asked for. `truncated`: it may merely have been cut short."""

    def __init__(self, message: str, *, truncated: bool) -> None:
        super().__init__(message)
        self.truncated = truncated


def envelope(body: bytes, embedded: type[T]) -> Envelope[T]:
    """Read a list's answer; nothing at all and `[]` are an empty one.

    Raises:
        Malformed: no JSON, cut JSON, or JSON that is no list of the API's.
    """
    if not body.strip() or body.strip() == b"[]":
        return Envelope()
    answer = decode(body, Envelope[embedded])  # type: ignore[valid-type]
    if answer == Envelope() and b'"_embedded"' not in body and b'"_links"' not in body:
        raise Malformed("the answer is JSON, but no list of the API's", truncated=False)
    return answer


def account(body: bytes) -> wire.Account | None:
    """Read the account; None where the answer is JSON, but of something else.

    Raises:
        Malformed: no JSON, or cut JSON.
    """
    try:
        return decode(body, wire.Account)
    except Malformed as exc:
        if exc.truncated and body.strip():
            raise
    return None


def decode(body: bytes, what: type[T]) -> T:
    """Read a body as `what`, by the fast way or, where its shapes are unusual, by the mending one.

    Raises:
        Malformed: it cannot be read as that.
    """
    body = whole_pairs(body)
    try:
        return _decode(body, what, True)
    except msgspec.ValidationError:
        pass
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Malformed(f"the answer is not whole JSON: {exc}", truncated=True) from exc
    try:
        mended = msgspec.json.encode(_mend(msgspec.json.decode(body)))
        return _decode(mended, what, False)
    except msgspec.ValidationError as exc:
        raise Malformed(f"the answer is not as the API's are: {exc}", truncated=False) from exc
    except (msgspec.DecodeError, UnicodeError, OverflowError, RecursionError) as exc:
        raise Malformed(f"the answer cannot be read: {exc}", truncated=False) from exc


_DECODERS: dict[tuple[Any, bool], msgspec.json.Decoder[Any]] = {}


def _decode(body: bytes, what: type[T], strict: bool) -> T:
    decoder = _DECODERS.get((what, strict))
    if decoder is None:
        decoder = _DECODERS[what, strict] = msgspec.json.Decoder(what, strict=strict)
    read: T = decoder.decode(body)
    return read


_OBJECTS = frozenset({"_embedded", "_links", "metadata", "rights", "next"})
_VERBATIM = frozenset({"custom_fields_values", "value_after", "value_before"})
_TEXTS = frozenset({"name", "first_name", "last_name", "email", "lang", "color"})


def _mend(value: Any, key: str = "") -> Any:
    """Put right what PHP servers are known for: `[]` for an empty object, numbers for text."""
    if isinstance(value, dict):
        return {
            name: inner if name in _VERBATIM else _mend(inner, name)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return None if not value and key in _OBJECTS else [_mend(inner) for inner in value]
    if key in _TEXTS and isinstance(value, int | float):
        return str(value)
    if key == "next" and isinstance(value, str):
        return {"href": value}
    if value == "" and key not in _TEXTS:
        return None
    return value
