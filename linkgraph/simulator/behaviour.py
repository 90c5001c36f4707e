"""How the account behaves where the reference leaves it open, and how slow and strict it is.

Invariant: every switch is typed and an unknown one is refused, so that a test cannot silently
switch nothing. Defaults are what amocrm-api holds most likely.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec


class BehaviourError(ValueError):
    """A switch that is not there, or a value that it cannot take."""


class Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The switches (amocrm-api §9)."""

    mass_list_paged: bool = False
    """Whether link lists are paged: `page`, `limit` of 50 by default and 250 at most, `next`."""
    total_items: Literal["all", "page"] = "all"
    """What `_total_items` counts on a paged link list."""
    contacts_report_leads: bool = True
    """Whether a contact's links name its leads, which the reference omits and accounts do."""
    contacts_link_leads: bool = False
    """Whether a lead may be linked from the contact, which the reference omits."""
    reverse_metadata: bool = False
    """Whether the contact's side of a link shows `main_contact` too."""
    empty: Literal["204", "list"] = "204"
    """How a list of nothing is answered."""
    unknown_ids: Literal["ignore", "400"] = "ignore"
    """What link lists do about cards that are not there."""
    comma_ids: Literal["ignore", "refuse"] = "ignore"
    """What becomes of ids joined by commas, which only old pages document."""
    filter_addon: bool = True
    """Whether lists can be filtered; without the paid add-on filters are ignored."""
    customers_mode: Literal["segments", "periodicity", "disabled", "unavailable"] | None = None
    """The account's mode of customers; None leaves what the world says."""
    customers_off: Literal[402, 403, 204] = 402
    """The answer to customers' routes when they are off."""
    max_ids_before_504: int | None = None
    """The largest set of ids that is answered in time; a greater one ends in a gateway timeout."""
    rate: float | None = 7
    """Requests within any second; None lifts the limit."""
    rate_429: Literal["html", "json"] = "html"
    """The body of a 429: the gateway's HTML, or a problem with `retry_after`."""
    retry_after: int = 300
    """The seconds named by a 429, in the body or the header."""
    retry_after_header: bool = False
    """Whether a 429 carries a Retry-After header."""
    forbidden_after: int | None = None
    """After how many 429 the whole account answers 403."""
    latency: float = 0
    """Seconds of service time added to every answer."""
    false_204_after_page: int | None = None
    """The last page of a list that is answered; later ones pretend that there is nothing."""
    max_write: int = 250
    """Items in one write; more is a 422."""
    max_items_before_504: int | None = None
    """The most items that are written in time; a larger write ends in a gateway timeout."""
    slow_writes_apply: Literal["no", "yes", "later"] = "no"
    """What becomes of a write that timed out: nothing, all of it, or all of it afterwards."""
    later_seconds: float = 1.0
    """The seconds from a timeout to the work that is done afterwards."""
    refusals: Literal["items", "plain"] = "items"
    """Whether a refused write names its bad items, or only says that there are some."""
    partial_400: bool = False
    """Whether a refused write applies the items before the first bad one all the same."""
    relink: Literal["ok", "500"] = "ok"
    """Linking what is linked already."""
    second_company: Literal["replace", "refuse"] = "replace"
    """Linking a company to a card that has another."""
    quantity: Literal["set", "add"] = "set"
    """Linking an element that is linked already, with a quantity."""
    unlink_absent: Literal["204", "400"] = "204"
    """Unlinking what is not linked."""
    drop_every: int | None = None
    """Silently lose every n-th item of a write, and still answer that all went well."""
    first_contact_is_main: bool = False
    """Whether the first contact of a lead or customer becomes its main one unasked."""
    updated_at_moves: bool = False
    """Whether linking moves the `updated_at` of both cards."""
    webhooks_allowed: bool = True
    """Whether the token's user is an administrator, who alone may list the webhooks."""
    event_types: Literal["entity", "typed"] = "entity"
    """Whether link events are called entity_linked, or after the linked card: contact_linked."""
    event_sides: Literal["both", "one"] = "both"
    """Whether both linked cards tell of it, or only the one that the request named first."""
    unlink_value: Literal["before", "after"] = "before"
    """The array in which an unlink event names the other card."""
    events_order: Literal["newest", "oldest"] = "newest"
    """The order of events when none is asked for."""

    def changed(self, changes: Mapping[str, Any]) -> "Behaviour":
        """This behaviour with some switches set anew; BehaviourError names a bad one."""
        for name in changes:
            if name not in self.__struct_fields__:
                known = ", ".join(self.__struct_fields__)
                raise BehaviourError(f"no switch {name!r}; there are: {known}")
        wanted = {**msgspec.to_builtins(self), **changes}
        try:
            return msgspec.convert(_by_name(wanted), Behaviour, strict=False)
        except msgspec.ValidationError as error:
            reason, _, name = str(error).partition(" - at `$.")
            raise BehaviourError(f"switch {name.rstrip('`')}: {reason}") from error


def _by_name(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as their fields want them: 204 for "204", "on" for true, "none" for nothing."""
    truth = {"on": True, "off": False, "yes": True, "no": False, "true": True, "false": False}
    said: dict[str, Any] = {}
    for field in msgspec.structs.fields(Behaviour):
        value = values[field.name]
        if isinstance(value, str) and field.type is bool:
            value = truth.get(value.lower(), value)
        elif isinstance(value, str) and value.lower() in ("none", "null"):
            value = None
        elif isinstance(value, int) and isinstance(field.default, str):
            value = str(value)
        elif isinstance(value, str) and isinstance(field.default, int) and value.isdigit():
            value = int(value)
        said[field.name] = value
    return said
