"""A mirrored account in plain Python: what each sync must have seen, from the world's JSON alone.

Written from the tables' comments and the base relations of the question definitions, and never
from the code that mirrors: dicts, sets and loops.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

Json = dict[str, Any]

#: Types in the order in which one owns a link to another.
KINDS = ("lead", "customer", "contact", "company", "element")
SECTIONS = {
    **{"leads": "lead", "contacts": "contact", "companies": "company", "customers": "customer"},
    "catalog_elements": "element",
}
BASE_URL = "http://127.0.0.1:1"
_PAGES = {"lead": "leads", "contact": "contacts", "company": "companies", "customer": "customers"}
#: Which types a card's links tell of; on some accounts a contact tells of its leads too.
TELLS = {
    "lead": {"contact", "company", "element"},
    "customer": {"contact", "company", "element"},
    "contact": {"customer", "company", "element"},
    "company": {"lead", "customer", "contact", "element"},
    "element": set[str](),
}


class Card(NamedTuple):
    """A card as it sorts: by type, catalog and id."""

    rank: int
    catalog: int
    id: int

    @property
    def kind(self) -> str:
        """Its type."""
        return KINDS[self.rank]

    def __str__(self) -> str:
        catalog = f"{self.catalog}/" if self.kind == "element" else ""
        return f"{self.kind}:{catalog}{self.id}"


def card(kind: str, number: int, catalog: int = 0) -> Card:
    """The card of a type and id."""
    return Card(KINDS.index(kind), catalog, number)


class Told(NamedTuple):
    """What one side says of a link; None: nothing."""

    main: bool | None
    quantity: float | None
    price: int | None


NOTHING = Told(None, None, None)


@dataclass(frozen=True)
class Link:
    """One link, owner first."""

    owner: Card
    other: Card
    told: Told
    seen_from: str
    live: bool

    @property
    def relation(self) -> str:
        """Its kind."""
        return f"{self.owner.kind}_{self.other.kind}"

    @property
    def ends(self) -> tuple[Card, Card]:
        """Both cards."""
        return self.owner, self.other


@dataclass(frozen=True)
class Habits:
    """How an account answers, whatever it holds."""

    contacts_report_leads: bool = True
    reverse_metadata: bool = False
    customers_off: bool = False
    silent: frozenset[tuple[Card, Card]] = frozenset()
    """Links that the first card's links leave out, although it has them."""

    def tells(self, teller: str, told: str) -> bool:
        """Whether links of one type name cards of the other."""
        contacts = (teller, told) == ("contact", "lead") and self.contacts_report_leads
        return told in TELLS[teller] or contacts


@dataclass
class Snapshot:
    """What one sync leaves."""

    world: Json
    cards: dict[Card, Json] = field(default_factory=dict)
    """Every card with a row, tombstones among them."""
    deleted: set[Card] = field(default_factory=set)
    whole: dict[Card, bool] = field(default_factory=dict)
    """Of the cards that have links of their own: whether those were read whole."""
    reports: dict[tuple[Card, Card], Told] = field(default_factory=dict)
    """What is known, by the card that told it and the card it told of."""
    links: list[Link] = field(default_factory=list)
    unreadable: dict[Card, str] = field(default_factory=dict)
    """Cards that links name and that have no row, and why."""

    # Cards

    def live(self, kind: str) -> list[Card]:
        """Cards of a type that have a row and are not deleted, by id."""
        return sorted(c for c in self.cards if c.kind == kind and c not in self.deleted)

    def said(self, one: Card | None, name: str) -> Any:
        """What a card's row says, None without a row."""
        return None if one is None else self.cards.get(one, {}).get(name)

    def name(self, one: Card | None) -> str | None:
        """A card's name."""
        name: str | None = self.said(one, "name")
        return name

    def moment(self, one: Card | None, name: str = "created_at") -> datetime | None:
        """A moment that a card's row says (UTC, no zone)."""
        second = self.said(one, name)
        return None if second is None else datetime.fromtimestamp(second, UTC).replace(tzinfo=None)

    def user_name(self, user: int | None) -> str | None:
        """The name of a user who is listed."""
        return next((u.get("name", "") for u in self.world["users"] if u["id"] == user), None)

    def status(self, lead: Card) -> Json | None:
        """The status in which a lead stands, where the account lists it."""
        return next(
            (
                status
                for pipeline in self.world["pipelines"]
                if pipeline["id"] == self.said(lead, "pipeline_id")
                for status in pipeline["statuses"]
                if status["id"] == self.said(lead, "status_id")
            ),
            None,
        )

    def status_name(self, lead: Card) -> str | None:
        """Its name."""
        status = self.status(lead)
        return None if status is None else status.get("name", "")

    def incoming(self, lead: Card) -> bool:
        """Whether a lead stands in a status of leads that are not yet accepted."""
        status = self.status(lead)
        return status is not None and status.get("type") == 1

    def closed(self, lead: Card) -> bool:
        """Whether a lead is known to be won or lost."""
        return self.said(lead, "status_id") in (142, 143)

    # Links

    def pairs(self, owner: str, other: str) -> set[tuple[Card, Card]]:
        """Live links of two types, the owner first."""
        return {
            link.ends
            for link in self.links
            if link.live and (link.owner.kind, link.other.kind) == (owner, other)
        }

    def others(self, one: Card, kind: str) -> list[Card]:
        """The cards of a type that a card has live links to, by id."""
        around = (link.ends for link in self.links if link.live and one in link.ends)
        others = (b if a == one else a for a, b in around)
        return sorted(other for other in others if other.kind == kind)

    def link(self, a: Card, b: Card) -> Link | None:
        """The link of two cards, live or not."""
        return next((link for link in self.links if {a, b} == set(link.ends)), None)

    def main(self, owner: Card, contact: Card) -> bool | None:
        """Whether a contact is told to be a card's main one."""
        link = self.link(owner, contact)
        return None if link is None else link.told.main

    def mains(self, owner: Card) -> list[Card]:
        """The main contacts of a lead or customer."""
        return [c for c in self.others(owner, "contact") if self.main(owner, c) is True]

    def touches(self, *, closed: bool = True) -> dict[Card, dict[Card, dict[str, list[Card]]]]:
        """contact → company → via → the leads or customers that join them ([] for direct)."""
        found: dict[Card, dict[Card, dict[str, list[Card]]]] = {}
        for contact, company in self.pairs("contact", "company"):
            found.setdefault(contact, {}).setdefault(company, {})["direct"] = []
        for via in ("lead", "customer"):
            for owner, contact in sorted(self.pairs(via, "contact")):
                for same, company in self.pairs(via, "company"):
                    if owner == same and (closed or not self.closed(owner)):
                        ways = found.setdefault(contact, {}).setdefault(company, {})
                        ways.setdefault(via, []).append(owner)
        return found

    # Identifiers

    def identifiers(self) -> Iterator[tuple[Card, str, str]]:
        """Every phone and e-mail of a row: the card, «phone» or «email», the value as typed."""
        kinds = {"PHONE": "phone", "EMAIL": "email"}
        for one, said in self.cards.items():
            if one.kind in ("contact", "company"):
                for item in said.get("custom_fields_values") or ():
                    kind = kinds.get(item["field_code"])
                    for value in item["values"] if kind else ():
                        if kind and str(value["value"]).strip():
                            yield one, kind, str(value["value"])

    def has(self, one: Card, kind: str) -> bool:
        """Whether a phone or an e-mail of a card is known."""
        return any((c, k) == (one, kind) for c, k, _ in self.identifiers())


def url(one: Card) -> str | None:
    """A card's address; an element of unknown catalog has none."""
    if one.kind != "element":
        return f"{BASE_URL}/{_PAGES[one.kind]}/detail/{one.id}"
    return f"{BASE_URL}/catalogs/{one.catalog}/detail/{one.id}" if one.catalog else None


# What a sync sees ----------------------------------------------------------------------------


def synced(world: Json, habits: Habits, before: Snapshot | None = None) -> Snapshot:
    """The snapshot of an account that was mirrored `before`, or never."""
    seen = Snapshot(world)
    last = before or Snapshot({})
    present = _present(world, habits)
    gone = set(last.cards) - set(present)
    seen.cards = {one: present.get(one, last.cards.get(one, {})) for one in (*present, *gone)}
    seen.deleted = gone
    fresh = _named(_told(world, habits, present), seen)
    for one in present:
        if one.kind != "element":
            seen.whole[one] = not any(
                _missing(one, other, fresh) for other in _embedded(world, one)
            )
    seen.whole |= {one: last.whole[one] for one in gone if one in last.whole}
    seen.reports = fresh | _kept(_named(last.reports, seen), fresh, seen, habits)
    seen.links = _merged(seen)
    named = {told for _, told in seen.reports} - set(seen.cards)
    # An element told without its catalog is not noted where there are several of its id.
    several = {
        one
        for one in named
        if one.kind == "element"
        and not one.catalog
        and any(_alike(one, other) for other in present)
    }
    seen.unreadable = {one: _why(one, habits) for one in named - several}
    return seen


def _present(world: Json, habits: Habits) -> dict[Card, Json]:
    """The cards that lists show, with what the API says where the world file is silent."""
    found = {}
    for section, kind in SECTIONS.items():
        for said in world[section]:
            if said.get("is_deleted") or (kind == "customer" and habits.customers_off):
                continue
            common = {"name": "", "created_at": 0, "updated_at": 0}
            if kind != "element":
                common["responsible_user_id"] = 0
            if kind == "lead":
                common |= {"price": 0, "status_id": 0, "pipeline_id": 0}
            found[card(kind, said["id"], said.get("catalog_id", 0))] = common | said
    return found


def _linked(world: Json) -> Iterator[tuple[Card, Card, Told]]:
    for link in world["links"]:
        meta = link["metadata"] or {}
        quantity = meta.get("quantity")
        yield (
            card(SECTIONS[link["entity_type"]], link["entity_id"]),
            card(SECTIONS[link["to_entity_type"]], link["to_entity_id"], meta.get("catalog_id", 0)),
            Told(
                meta.get("main_contact"),
                None if quantity is None else float(quantity),
                meta.get("price_id"),
            ),
        )


def _told(world: Json, habits: Habits, present: dict[Card, Json]) -> dict[tuple[Card, Card], Told]:
    """What the links of the cards that can be read tell."""
    found = {}
    for owner, other, told in _linked(world):
        for teller, named in ((owner, other), (other, owner)):
            speaks = teller in present and habits.tells(teller.kind, named.kind)
            if speaks and (teller, named) not in habits.silent:
                says_all = teller == owner or habits.reverse_metadata
                found[teller, named] = told if says_all else NOTHING
    return found


def _embedded(world: Json, one: Card) -> Iterator[Card]:
    """What a card's own list entry names: all that it is linked to."""
    for owner, other, _ in _linked(world):
        if one == owner:
            yield other
        elif one == other:
            yield owner


def _missing(one: Card, other: Card, fresh: dict[tuple[Card, Card], Told]) -> bool:
    """Whether neither side's links hold what a list entry names; catalogs are not compared."""
    ends = {(a[0], a[2], b[0], b[2]) for a, b in fresh}
    here, there = (one[0], one[2]), (other[0], other[2])
    return (*here, *there) not in ends and (*there, *here) not in ends


def _named(reports: dict[tuple[Card, Card], Told], seen: Snapshot) -> dict[tuple[Card, Card], Told]:
    """Elements told without a catalog, in the one catalog that has such an element."""
    found = {}
    for (teller, told), said in reports.items():
        place = told
        if told.kind == "element" and not told.catalog:
            homes = [c for c in seen.cards if c.kind == "element" and c.id == told.id]
            if len(homes) == 1:
                place = homes[0]
        if place == told or (teller, place) not in reports:
            found[teller, place] = said
    return found


def _kept(
    old: dict[tuple[Card, Card], Told],
    fresh: dict[tuple[Card, Card], Told],
    seen: Snapshot,
    habits: Habits,
) -> dict[tuple[Card, Card], Told]:
    """What is still believed of what was told before: what nobody who was read whole denies."""
    hidden = habits.customers_off and not any(told.kind == "customer" for _, told in fresh)
    contacts_tell = any((a.kind, b.kind) == ("contact", "lead") for a, b in (*fresh, *old))
    kept = {}
    for (teller, told), said in old.items():
        settled = teller in seen.deleted or seen.whole.get(teller, False)
        out_of_sight = told.kind == "customer" and hidden
        if settled and not out_of_sight:
            continue
        would_tell = teller.kind in TELLS[told.kind] or (
            (told.kind, teller.kind) == ("contact", "lead") and contacts_tell
        )
        would_tell = would_tell and not (teller.kind == "customer" and hidden)
        denied = (
            told not in seen.deleted
            and seen.whole.get(told, False)
            and would_tell
            and (told, teller) not in fresh
        )
        if not denied:
            kept[teller, told] = said
    return {pair: said for pair, said in kept.items() if pair not in fresh}


def _merged(seen: Snapshot) -> list[Link]:
    """Both sides' reports in one; where both say something, the owner's stands."""
    found = []
    for owner, other in sorted({(min(pair), max(pair)) for pair in seen.reports}):
        mine, theirs = seen.reports.get((owner, other)), seen.reports.get((other, owner))
        a, b = mine or NOTHING, theirs or NOTHING
        told = Told(
            b.main if a.main is None else a.main,
            b.quantity if a.quantity is None else a.quantity,
            b.price if a.price is None else a.price,
        )
        side = "both" if mine and theirs else owner.kind if mine else other.kind
        live = not {owner, other} & seen.deleted
        found.append(Link(owner, other, told, side, live))
    return found


def _alike(one: Card, other: Card) -> bool:
    return (one.kind, one.id) == (other.kind, other.id)


def _why(one: Card, habits: Habits) -> str:
    if one.kind == "customer" and habits.customers_off:
        return "no rights"
    return "unknown catalog" if one.kind == "element" and not one.catalog else "not found"
