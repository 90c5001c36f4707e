"""The rule on sending again, held against the log of all requests that an account got.

No item stands in two write requests without a refusal, or a read of its owner, between them; and a
quantity that was not refused is not said again unless its link was unlinked meanwhile.
"""

from collections.abc import Iterable

from linkgraph.edits.pushbook import Item
from linkgraph.simulator.requestlog import LoggedRequest

Key = tuple[str, str, int, str, int]
"""Verb, the owner's type and id, the other's type and id."""


def item_key(item: Item) -> Key:
    """By what an item of the log is known to be a change's."""
    owner, other = item.change.pair
    return item.verb, owner.type.api_name, owner.id, other.type.api_name, other.id


def keys_of(entry: LoggedRequest) -> list[Key]:
    """The items of a write, in their order; none of any other request."""
    _, _, _, kind, verb = (*entry["path"].split("/"), "")[:5]
    return [
        (verb, kind, one["entity_id"], one["to_entity_type"], one["to_entity_id"])
        for one in entry["items"] or ()
    ]


def sent_again_unread(log: Iterable[LoggedRequest]) -> list[Key]:
    """Items of two write requests with neither a refusal nor a read of their owner between."""
    reads: list[tuple[float, float, str, set[int]]] = []
    last: dict[Key, LoggedRequest] = {}
    found: list[Key] = []
    entries = sorted(log, key=lambda one: one["monotonic"])
    for one in entries:
        if one["method"] == "GET" and one["answered_at"] and one["path"].endswith("/links"):
            reads.append((one["monotonic"], one["answered_at"], *_cards(one)))
    for one in entries:
        for key in keys_of(one):
            earlier = last.get(key)
            last[key] = one
            if earlier is None or earlier["status"] in (400, 422, 429):
                continue
            if not any(
                earlier["monotonic"] < asked
                and answered < one["monotonic"]
                and (kind, key[2] in ids) == (key[1], True)
                for asked, answered, kind, ids in reads
            ):
                found.append(key)
    return found


def _cards(entry: LoggedRequest) -> tuple[str, set[int]]:
    """Whose links a read asked for."""
    parts = entry["path"].split("/")
    if len(parts) == 6:
        return parts[3], {int(parts[4])}
    asked = entry["query"].replace("%5B", "[").replace("%5D", "]").split("&")
    ids = [one.partition("=")[2] for one in asked if one.startswith("filter[entity_id]")]
    return parts[3], {int(one) for one in ids}


def quantities_sent_blindly(log: Iterable[LoggedRequest]) -> list[Key]:
    """Links of which a quantity was said again: not refused before, nor unlinked meanwhile."""
    said: set[Key] = set()
    found: list[Key] = []
    for entry in sorted(log, key=lambda one: one["monotonic"]):
        if entry["status"] in (400, 422, 429):
            continue
        for key, one in zip(keys_of(entry), entry["items"] or (), strict=True):
            verb, *link = key
            if verb == "unlink":
                said = {other for other in said if list(other[1:]) != link}
            elif (one.get("metadata") or {}).get("quantity") is not None:
                found += [key] if key in said else []
                said.add(key)
    return found
