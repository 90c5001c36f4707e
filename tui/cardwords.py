"""What a card's head and its preview say: its state in a line, its fields, its links in numbers.

Pure: values in, lines out, their styles by the names that `tui.lines` knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from rich.text import Text

from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from tui.lines import joined
from tui.linkrows import Group, Heading, LinkRow, LinkRows
from tui.shown import GLYPHS, age, name_of

if TYPE_CHECKING:
    from queries.accountnames import AccountNames
    from queries.cardlines import CardLine
    from queries.lookup import CardFacts

#: Cells of the names of fields.
_LABEL = 13
#: Custom fields that a preview shows, and what of their JSON is read: a megabyte is not.
_CUSTOM, _JSON = 12, 100_000
_WORDS = {"phone": "phone", "email": "e-mail"}
#: Fields in their order, with what they are called; the others are told elsewhere, or not at all.
_FIELDS = {
    "price": "price",
    "next_price": "next price",
    "next_date": "next date",
    "ltv": "bought for",
    "purchases_count": "purchases",
    "average_check": "on average",
    "pipeline_id": "pipeline",
    "status_id": "status",
    "catalog_id": "catalog",
    "responsible_user_id": "responsible",
    "tags": "tags",
    "created_at": "created",
    "updated_at": "updated",
    "closed_at": "closed",
}


def headline(ref: Ref, line: CardLine | None) -> Text:
    """A card's type by shape, and its name."""
    gone = line is not None and line.is_deleted
    text = Text.assemble((f"{GLYPHS[ref.type]} ", ref.type.value))
    return text.append(name_of(ref, line), "struck" if gone else "title")


def state(ref: Ref, facts: CardFacts | None, line: CardLine | None, names: AccountNames) -> Text:
    """What matters most of a card, in a line."""
    parts: list[Text] = []
    line = facts.line if facts is not None else line
    if line is not None and line.is_deleted:
        parts.append(Text("deleted", "bad"))
    if line is not None and not line.is_known:
        parts.append(Text("links name it, no list showed it", "warn"))
    if facts is not None:
        fields = facts.fields
        if status := _named("status_id", fields, names):
            style = {"won": "good", "lost": "bad"}.get(facts.line.outcome, "")
            parts.append(Text(plain(status, 40), style))
        if fields.get("price"):
            parts.append(Text(_value(fields["price"])))
        if user := _named("responsible_user_id", fields, names):
            parts.append(Text(plain(user, 40)))
        parts += [Text(plain(value, 40)) for _, value in facts.identifiers[:2]]
        if ref.type is EntityType.ELEMENT:
            parts.append(Text(plain(_named("catalog_id", {"catalog_id": ref.catalog_id}, names))))
    return joined(parts)


def sums(rows: LinkRows) -> Text:
    """How many links there are of each kind: «contacts 12 · leads 3»."""
    parts = [_count(group.heading) for group in rows.groups]
    return joined(parts) if parts else Text("no links", "muted")


def _count(heading: Heading) -> Text:
    text = Text.assemble((f"{heading.title} ", "muted"), f"{heading.total:,}")
    if heading.added:
        text.append(f" +{heading.added:,}", "good")
    if heading.removed:
        text.append(f" −{heading.removed:,}", "bad")
    return text


def details(facts: CardFacts, names: AccountNames, now: datetime) -> list[Text]:
    """A card's fields, phones and e-mails, a line each."""
    lines = [_line(_WORDS.get(kind, kind), value) for kind, value in facts.identifiers]
    for field, word in _FIELDS.items():
        value = facts.fields.get(field)
        if value in (None, [], ""):
            continue
        told = _named(field, facts.fields, names) or _value(value)
        lines.append(_line(word, told))
    lines += [_line(word, told) for word, told in _custom(facts.fields.get("custom_fields"))]
    if facts.links_read_at is not None:
        read = age(facts.links_read_at.replace(tzinfo=now.tzinfo), now)
        doubt = "" if facts.links_whole is not False else ", not proved whole"
        lines.append(_line("links read", f"{read}{'' if read == 'just now' else ' ago'}{doubt}"))
    return lines


def few_links(rows: LinkRows, lines: Mapping[Ref, CardLine], room: int) -> list[Text]:
    """The links of a card as far as `room` lines go: every relation counted, the first named."""
    shown: list[Text] = []
    left = len(rows.groups)
    for group in rows.groups:
        share = max((room - len(shown)) // left, 1)
        left -= 1
        shown += _few(group, rows, lines, share)
    return shown


def _few(group: Group, rows: LinkRows, lines: Mapping[Ref, CardLine], share: int) -> Iterable[Text]:
    heading = group.heading
    title = Text()
    if heading.kind is not None:
        title.append(f"{GLYPHS[heading.kind]} ", heading.kind.value)
    title.append_text(_count(heading))
    yield title
    count = min(len(group.places), share - 1)
    if count < len(group.places):
        count = max(share - 2, 0)
    for number in range(count):
        yield _short(rows.of(group, number), lines)
    if 0 < count < len(group.places):
        yield Text(f"  … {len(group.places) - count:,} more", "muted")


def _short(row: LinkRow, lines: Mapping[Ref, CardLine]) -> Text:
    line = lines.get(row.ref)
    kind = row.pending.kind if row.pending is not None else ""
    style = {"added": "good", "removed": "bad struck", "changed": "warn"}.get(kind, "")
    sign = {"added": "+", "removed": "−", "changed": "~"}.get(kind, " ")
    star = "★" if row.link is not None and row.link.is_main else " "
    text = Text.assemble((sign, style.replace("struck", "")), (f"{star} ", "warn"))
    if line is not None and line.is_deleted and not style:
        style = "struck"
    text.append(name_of(row.ref, line), style or ("muted" if line is None else ""))
    if line is not None and (note := line.note()):
        text.append(f"  {note}", "muted")
    return text


def _line(word: str, value: str) -> Text:
    return Text.assemble((f"{plain(word, _LABEL - 1):<{_LABEL}}", "muted"), plain(value, 300))


def _named(field: str, fields: Mapping[str, Any], names: AccountNames) -> str:
    """The name behind an id; nothing where the account has none for it."""
    value = fields.get(field)
    match field:
        case "status_id":
            return names.statuses.get((fields.get("pipeline_id") or 0, value or 0), "")
        case "pipeline_id":
            return names.pipelines.get(value or 0, "")
        case "responsible_user_id":
            return names.users.get(value or 0, "")
        case "catalog_id":
            return names.catalogs.get(value or 0, "") or f"catalog {value}"
    return ""


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix(".00")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value[:20])
    return str(value)


class _Value(msgspec.Struct):
    value: Any = None


class _Field(msgspec.Struct):
    field_name: str | None = None
    field_code: str | None = None
    values: Sequence[_Value] = ()


def _custom(text: object) -> list[tuple[str, str]]:
    """Custom fields as the API gives them; phones and e-mails are told elsewhere."""
    if not isinstance(text, str) or len(text) > _JSON:
        return []
    try:
        fields = msgspec.json.decode(text.encode("utf-8", "replace"), type=list[_Field])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return []
    told = [
        (field.field_name or "field", ", ".join(str(each.value) for each in field.values[:5]))
        for field in fields
        if field.field_code not in ("PHONE", "EMAIL")
    ]
    return told[:_CUSTOM]
