"""Cards that may be one."""

import re
import unicodedata
from collections import deque
from itertools import combinations, pairwise

from tests.queries.reference.account import Card, Snapshot
from tests.queries.reference.asking import Asking, Expected, Row, early

Value = tuple[str, str]
"""«phone» or «email», and the value made comparable; phones sort after e-mails."""


def comparable(kind: str, typed: str) -> str | None:
    """The normalised form of the few phones and e-mails that the random accounts have."""
    if kind == "email":
        text = typed.strip().lower()
        return text if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text) else None
    digits = re.sub(r"\D", "", typed)
    return f"+7{digits[1:]}" if len(digits) == 11 and digits[0] in "78" else None


def _values(now: Snapshot, kind: str) -> dict[Card, set[Value]]:
    """What identifies each live card of a type."""
    found: dict[Card, set[Value]] = {one: set() for one in now.live(kind)}
    for one, sort, typed in now.identifiers():
        value = comparable(sort, typed)
        if one in found and value is not None:
            found[one].add((sort, value))
    return found


def _first(values: set[Value]) -> Value:
    return min(values, key=lambda value: (value[0] != "phone", value[1]))


def _words(name: str | None) -> list[str] | None:
    """The words of a name in lower case, ё as е; None for a name without a letter."""
    text = unicodedata.normalize("NFC", name or "").lower().replace("ё", "е")
    words = re.findall(r"[^\W_]+", text)
    return sorted(words) if any(letter.isalpha() for letter in text) else None


def duplicate_contacts(ask: Asking) -> Expected:
    """Contacts that share a phone or an e-mail."""
    return _duplicates(ask, "contact")


def duplicate_companies(ask: Asking) -> Expected:
    """Companies that share a phone or an e-mail."""
    return _duplicates(ask, "company")


def _duplicates(ask: Asking, kind: str) -> Expected:
    now, by = ask.now, ask.values["by"]
    values = {
        one: {value for value in own if by in ("any", value[0])}
        for one, own in _values(now, kind).items()
    }
    carriers = {
        value: sorted(one for one, own in values.items() if value in own)
        for value in {value for own in values.values() for value in own}
    }
    lines = {value for value, cards in carriers.items() if len(cards) > ask.values["hub_cap"]}
    cut: list[Row] = [
        {
            "kind": value[0],
            "value": value[1],
            "contacts" if kind == "contact" else "companies": len(carriers[value]),
            f"first_{kind}_id": carriers[value][0],
        }
        for value in sorted(lines, key=lambda v: (-len(carriers[v]), v[1], v[0]))
    ]
    own = {one: mine - lines for one, mine in values.items()}
    groups = []
    for members in _groups(own):
        survivor = min(
            members, key=lambda one: (-len(_linked(now, one)), early(now.moment(one)), one)
        )
        groups.append((-len(members), survivor, members))
    rows = [
        row
        for number, (_, survivor, members) in enumerate(sorted(groups), 1)
        for row in _group(now, number, survivor, members, own)
    ]
    return Expected(rows, cut)


def _linked(now: Snapshot, one: Card) -> set[Card]:
    """What a card has live links to."""
    return {
        other
        for kind in ("lead", "customer", "contact", "company", "element")
        for other in now.others(one, kind)
        if other != one
    }


def _groups(own: dict[Card, set[Value]]) -> list[list[Card]]:
    """Cards that share a value, merged until nothing merges; none alone."""
    groups = [{one} for one in own]
    for a, b in combinations(own, 2):
        if own[a] & own[b]:
            joined = [group for group in groups if group & {a, b}]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return [sorted(group) for group in groups if len(group) > 1]


def _steps(survivor: Card, members: list[Card], own: dict[Card, set[Value]]) -> dict[Card, int]:
    steps, queue = {survivor: 0}, deque([survivor])
    while queue:
        one = queue.popleft()
        for other in members:
            if other not in steps and own[one] & own[other]:
                steps[other] = steps[one] + 1
                queue.append(other)
    return steps


def _group(
    now: Snapshot, number: int, survivor: Card, members: list[Card], own: dict[Card, set[Value]]
) -> list[Row]:
    kind = survivor.kind
    steps = _steps(survivor, members, own)
    via = {
        one: min(
            (
                other
                for other in members
                if steps[other] == steps[one] - 1 and own[one] & own[other]
            ),
            key=lambda other: (-len(own[one] & own[other]), other),
        )
        for one in members
        if one != survivor
    }
    chain = max(steps.values()) > 1
    companies = {company for one in members for company in now.others(one, "company")}
    rows: list[Row] = []
    for one in sorted(via, key=lambda one: (steps[one], one)):
        way = [one]
        while way[-1] != survivor:
            way.append(via[way[-1]])
        rests = [own[a] & own[b] for a, b in pairwise(way)]
        weakest = min(reversed(rests), key=len)
        first = _first(rests[0])
        same = _same_name(now, one, survivor)
        plain = not chain and same is not False and len(_linked(now, one)) > 0
        if kind == "contact":
            plain = plain and len(companies) < 2
        row: Row = {
            **{"group_number": number, "members": len(members)},
            **{f"{kind}_id": one, f"survivor_{kind}_id": survivor, f"via_{kind}_id": via[one]},
            **{"kind": first[0], "value": first[1], "shared": len(rests[0])},
            **{"steps": steps[one], "chain": chain, "same_name": same},
            **{"weakest": len(weakest), "weakest_value": _first(weakest)[1]},
            "fix": f"move {one} {survivor}" if plain else None,
        }
        for stem, card in (("", one), ("survivor_", survivor)):
            row |= {
                f"{stem}links": len(_linked(now, card)),
                f"{stem}leads": len(now.others(card, "lead")),
                f"{stem}created_at": now.moment(card),
            }
        if kind == "contact":
            mine, theirs = (set(now.others(card, "company")) for card in (one, survivor))
            row["same_company"] = bool(mine & theirs) if mine and theirs else None
        rows.append(row)
    return rows


def _same_name(now: Snapshot, a: Card, b: Card) -> bool | None:
    ours, theirs = _words(now.name(a)), _words(now.name(b))
    if ours is None or theirs is None:
        return None
    return set(ours) <= set(theirs) or set(theirs) <= set(ours)


def look_alikes(ask: Asking) -> Expected:
    """Pairs of namesakes that know the same cards and have no phone or e-mail in common."""
    now = ask.now
    values = _values(now, "contact")
    contacts = list(values)
    lines = {
        value
        for own in values.values()
        for value in own
        if sum(value in other for other in values.values()) > ask.values["shared_line"]
    }
    held = {
        one: now.others(one, "contact")
        for one in {
            *(lead for lead, _ in now.pairs("lead", "contact")),
            *(company for _, company in now.pairs("contact", "company")),
        }
    }
    hubs = [one for one, known in held.items() if len(known) > ask.values["hub_cap"]]
    rows: list[Row] = []
    for a, b in combinations(contacts, 2):
        key = _words(now.name(a))
        companies, leads = (
            sorted(set(now.others(a, kind)) & set(now.others(b, kind)))
            for kind in ("company", "lead")
        )
        joined = [one for one in (*companies, *leads) if one not in hubs]
        if key is None or key != _words(now.name(b)) or not joined:
            continue
        both = values[a] & values[b]
        if both - lines:
            continue
        namesakes = sum(_words(now.name(one)) == key for one in contacts)
        common, either = _linked(now, a) & _linked(now, b), _linked(now, a) | _linked(now, b)
        parts = {
            "score_name": 80 // namesakes,
            "score_company": 20 if companies else 0,
            "score_lead": 20 if leads else 0,
            "score_neighbours": 20 * len(common) // len(either),
        }
        rows.append(
            {"contact_a_id": a, "contact_b_id": b, "score": sum(parts.values())}
            | parts
            | {
                "namesakes": namesakes,
                "company_id": companies[0] if companies else None,
                "leads": len(leads),
                "lead_id": leads[0] if leads else None,
                "common_neighbours": len(common),
                "jaccard": len(common) / len(either),
                "shared_lines": len(both),
            }
        )
    rows = [row for row in rows if row["score"] >= ask.values["min_score"]]
    rows.sort(key=lambda row: (-row["score"], row["contact_a_id"], row["contact_b_id"]))
    cut: list[Row] = [{"ref": one, "contacts": len(held[one])} for one in hubs]
    cut.sort(key=lambda row: (-row["contacts"], row["ref"]))
    return Expected(rows, cut)
