"""What became of links between two syncs."""

from datetime import datetime
from typing import Any

from tests.queries.reference.account import NOTHING, Card, Link, Snapshot, Told
from tests.queries.reference.asking import Asking, Expected, Row

#: Relations that the card at the other end tells of too.
TOLD_BY_BOTH = {"lead_company", "contact_company", "customer_company", "customer_contact"}


def link_changes(ask: Asking) -> Expected:
    """Links added, removed and changed, as far as it is proved."""
    found: list[tuple[tuple[Any, ...], Row]] = []
    ends = {link.ends for snapshot in (ask.before, ask.now) for link in snapshot.links}
    for owner, other in ends:
        old, new = _standing(ask.before, owner, other), _standing(ask.now, owner, other)
        change = _change(ask, old, new)
        link = old or new
        if change is None or link is None:
            continue
        shown = ask.values["change"] in ("any", change)
        if shown and ask.values["relation"] in ("any", link.relation):
            was, is_now = old.told if old else NOTHING, new.told if new else NOTHING
            row: Row = {
                "change": change,
                "relation": link.relation,
                "owner_ref": owner,
                "other_ref": other,
                "along_with": _along_with(ask, change, link),
                **{"old_is_main": was.main, "new_is_main": is_now.main},
                **{"old_quantity": was.quantity, "new_quantity": is_now.quantity},
                **{"old_price": was.price, "new_price": is_now.price},
                "fix": _inverse(ask, change, link, was, is_now),
            }
            far = (other.kind, other.catalog, other.id)
            found.append(((change, link.relation, owner.kind, owner.id, *far), row))
    return Expected([row for _, row in sorted(found, key=lambda pair: pair[0])])


def _standing(snapshot: Snapshot, owner: Card, other: Card) -> Link | None:
    link = snapshot.link(owner, other)
    return link if link is not None and link.live else None


def _change(ask: Asking, old: Link | None, new: Link | None) -> str | None:
    if old is None and new is not None:
        proved = _absent(ask.before, new) or any(_is_new(ask, end) for end in new.ends)
        return "added" if proved else None
    if old is not None and new is None:
        return "removed" if _absent(ask.now, old) else None
    if old is None or new is None or old.told == new.told:
        return None
    both = ask.before.whole.get(old.owner) and ask.now.whole.get(old.owner)
    return "changed" if both else None


def _absent(snapshot: Snapshot, link: Link) -> bool:
    """Whether it is proved that a link does not stand in a snapshot."""
    tellers = link.ends if link.relation in TOLD_BY_BOTH else (link.owner,)
    return any(snapshot.whole.get(one) for one in tellers) or any(
        end in snapshot.deleted for end in link.ends
    )


def _is_new(ask: Asking, one: Card) -> bool:
    """Whether a card had no row and was made after the earlier snapshot was taken."""
    created: datetime | None = ask.now.moment(one)
    return one not in ask.before.cards and created is not None and created >= ask.taken_at


def _along_with(ask: Asking, change: str, link: Link) -> str | None:
    if change == "removed" and any(end in ask.now.deleted for end in link.ends):
        return "deleted card"
    if change == "added" and any(end in ask.before.deleted for end in link.ends):
        return "restored card"
    if change == "added" and any(_is_new(ask, end) for end in link.ends):
        return "new card"
    return None


def _inverse(ask: Asking, change: str, link: Link, was: Told, is_now: Told) -> str | None:
    live = all(end in ask.now.cards and end not in ask.now.deleted for end in link.ends)
    nameless = link.other.kind == "element" and not link.other.catalog
    if not live or nameless:
        return None
    ends = f"{link.owner} {link.other}"
    if change == "added":
        return f"unlink {ends}"
    if change == "removed":
        return f"link {ends}{_words(was)}"
    if link.other.kind == "element":
        differ = [(a, b) for a, b in zip(was[1:], is_now[1:], strict=True) if a != b]
        told = all(a is not None for a, _ in differ)
        return f"link {ends}{_words(was)}" if differ and told else None
    return f"main {ends}" if was.main is True and is_now.main is not True else None


def _words(told: Told) -> str:
    words = ""
    if told.main is not None:
        words += f" main={'yes' if told.main else 'no'}"
    if told.quantity is not None:
        words += f" quantity={str(told.quantity).removesuffix('.0')}"
    return words + (f" price={told.price}" if told.price is not None else "")


def moved_contacts(ask: Asking) -> Expected:
    """Contacts that left a company, and the open leads that stayed there."""
    now, before = ask.now, ask.before
    rows: list[Row] = []
    nobody: list[Card | None] = [] if ask.values["stranded_only"] else [None]
    for contact in now.live("contact"):
        if not (now.whole.get(contact) and before.whole.get(contact)):
            continue
        was, is_now = set(before.others(contact, "company")), set(now.others(contact, "company"))
        joined = min(is_now - was, default=None)
        for former in sorted(was - is_now) if joined or ask.values["joined_none"] else ():
            leads = [
                lead
                for lead in now.others(contact, "lead")
                if lead in now.others(former, "lead") and not now.closed(lead)
            ]
            for lead in leads or nobody:
                rows.append(
                    {
                        "contact_id": contact,
                        "from_company_id": former,
                        "to_company_id": joined,
                        "stranded": len(leads),
                        "lead_id": lead,
                        "is_main": None if lead is None else now.main(lead, contact),
                        "responsible_user_id": now.said(lead, "responsible_user_id"),
                        "fix": None if lead is None else _move(now, contact, former, joined, lead),
                    }
                )
    rows.sort(
        key=lambda row: (
            *(-row["stranded"], row["contact_id"], row["from_company_id"]),
            row["lead_id"] or contact,
        )
    )
    return Expected(rows)


def _move(
    now: Snapshot, contact: Card, former: Card, joined: Card | None, lead: Card
) -> str | None:
    contacts = now.others(lead, "contact")
    plain = (
        lead in now.cards
        and now.others(lead, "company") == [former]
        and joined is not None
        and now.others(contact, "company") == [joined]
        and {former, joined} <= set(now.live("company"))
        and (contacts == [contact] or now.mains(lead) == [contact])
        and not any(former in now.others(one, "company") for one in contacts if one != contact)
    )
    return f"unlink {lead} {former}; link {lead} {joined}" if plain else None
