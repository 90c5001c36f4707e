"""`linkgraph find` and `linkgraph show`: from a name to a card, from a card to its links."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from rich.style import Style
from rich.text import Text

from linkgraph.cli import tables
from linkgraph.cli.options import account_options, format_option, open_session
from linkgraph.cli.output import narrate, write_json
from linkgraph.cli.walks import walk_options
from linkgraph.errors import UsageError
from linkgraph.model import EntityType
from linkgraph.plaintext import plain
from linkgraph.settings import Home

if TYPE_CHECKING:
    from linkgraph.index import Walk
    from queries.lookup import CardView, Neighbour, Neighbours

_LIMIT = click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
#: Shown in the heading or not for people; `-f json` has them all.
_NOT_LISTED = frozenset(
    {"name", "url", "is_deleted", "read_at", "links_read_at", "links_whole", "custom_fields"}
)


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--type",
    "kinds",
    type=click.Choice([str(kind) for kind in EntityType]),
    multiple=True,
    help="Only cards of this type; may be given again.",
)
@_LIMIT
@format_option
@account_options
def find(
    text: tuple[str, ...],
    kinds: tuple[str, ...],
    limit: int,
    format_: str | None,
    account: str | None,
    home: Home,
) -> None:
    """Find cards by part of their name, phone, e-mail, id, ref or address in the CRM."""
    wanted = {EntityType(kind) for kind in kinds} or None
    with open_session(home, account) as session:
        found, total = session.find(" ".join(text), limit, wanted)
    rows = [
        [str(card.ref), card.name, card.matched, "deleted" if card.is_deleted else "", card.url]
        for card in found
    ]
    names = ["ref", "name", "found by", "", "url"]
    if format_ == "json":
        write_json(
            [
                {"ref": row[0], "name": row[1], "matched": row[2], "url": row[4]}
                | {"is_deleted": card.is_deleted}
                for row, card in zip(rows, found, strict=True)
            ]
        )
    elif tables.is_terminal():
        width = max((len(row[0] or "") for row in rows), default=0)
        console = tables.terminal()
        for row in rows:
            line = Text(f"{row[0]:<{width}}  ", style="cyan")
            line.append(plain(row[1], 80) or "—", style=Style(color="default", link=row[4]))
            line.append(f"  {row[2]}{', deleted' if row[3] else ''}", style="dim")
            console.print(line, soft_wrap=True)
    else:
        tables.write_rows([*names[:3], "deleted", "url"], rows)
    if total > len(rows):
        narrate(f"{len(rows)} of {total:,} cards; --limit N shows more")
    elif not rows:
        narrate("no card found")


@click.command()
@click.argument("ref")
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    default=1,
    help="From 2 on, a tree of all that lies within so many links.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Cards at most: of each relation, 20 by default; with --depth at each distance, 50.",
)
@walk_options
@format_option
@account_options
def show(
    ref: str,
    depth: int,
    limit: int | None,
    walk: Walk,
    format_: str | None,
    account: str | None,
    home: Home,
) -> None:
    """Show a card and its links, or with --depth what lies beyond them.

    REF is lead:123, contact:45, company:6, customer:7, element:CATALOG/ID or a card's address.
    The options that choose links and cards belong to --depth.
    """
    from linkgraph.index import Walk  # brings numpy along, which --help does without

    with open_session(home, account) as session:
        if depth > 1:
            from linkgraph.cli import surroundings

            surroundings.tell(session.surroundings(ref, depth, walk, limit or 50), format_)
            return
        if walk != Walk():
            raise UsageError(
                "options that choose links and cards were given, and nothing to walk",
                hint="how far to walk: --depth 2",
            )
        view = session.show(session.ref(ref), limit or 20)
    if format_ == "json":
        write_json(_as_json(view))
        return
    _print(view)


def _print(view: CardView) -> None:
    console = tables.terminal()
    fields = view.fields
    deleted = "  deleted" if fields.get("is_deleted") else ""
    heading = Text(str(view.ref), style="cyan bold")
    heading.append(f"  {plain(fields.get('name')) or '—'}{deleted}", style="bold default")
    console.print(heading, soft_wrap=True)
    if not fields:
        console.print(Text("  no list showed this card; links name it", style="dim"))
    if url := fields.get("url"):
        console.print(Text(f"  {url}", style="dim"), soft_wrap=True)
    for name, value in fields.items():
        if name in _NOT_LISTED or value in (None, []) or value == view.ref.id:
            continue
        console.print(Text(f"  {name:<20} {_shown(value)}"), soft_wrap=True)
    for kind, value in view.identifiers:
        console.print(Text(f"  {kind:<20} {plain(value)}"), soft_wrap=True)
    if not view.links:
        console.print(Text("  no links", style="dim"))
    for group in view.links:
        _print_group(group)
    if view.links_whole is False:
        narrate("its links could not be proved whole when they were last read")


def _print_group(group: Neighbours) -> None:
    console = tables.terminal()
    console.print(Text(f"{group.relation} ({group.total:,})", style="bold"))
    width = max(len(str(card.ref)) for card in group.cards)
    for card in group.cards:
        line = Text(f"  {'★' if card.is_main else ' '} {card.ref!s:<{width}}  ", style="cyan")
        name = plain(card.name, 80) or ("—" if card.is_known else "not in any list")
        line.append(name, style=Style(color="default", link=card.url))
        line.append(_metadata(card), style="dim")
        console.print(line, soft_wrap=True)
    if group.total > len(group.cards):
        rest = group.total - len(group.cards)
        console.print(Text(f"    … and {rest:,} more (--limit N)", style="dim"))


def _metadata(card: Neighbour) -> str:
    parts = []
    if card.quantity is not None:
        parts.append(f"× {card.quantity:g}")
    if card.price_id is not None:
        parts.append(f"price {card.price_id}")
    if card.is_deleted:
        parts.append("deleted")
    return f"  {', '.join(parts)}" if parts else ""


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix(".00")
    if isinstance(value, list):
        return plain(", ".join(map(str, value)), 1000)
    return plain(value, 1000)


def _as_json(view: CardView) -> dict[str, Any]:
    fields = {
        name: value.isoformat() + "Z" if isinstance(value, datetime) else value
        for name, value in view.fields.items()
    }
    if isinstance(fields.get("custom_fields"), str):
        fields["custom_fields"] = json.loads(fields["custom_fields"])
    return {
        "ref": str(view.ref),
        **fields,
        "identifiers": [{"kind": kind, "value": value} for kind, value in view.identifiers],
        "links": [
            {
                "relation": group.relation,
                "total": group.total,
                "cards": [
                    {
                        "ref": str(card.ref),
                        "name": card.name,
                        "url": card.url,
                        "is_main": card.is_main,
                        "quantity": card.quantity,
                        "price_id": card.price_id,
                        "is_deleted": card.is_deleted,
                        "is_known": card.is_known,
                    }
                    for card in group.cards
                ],
            }
            for group in view.links
        ],
    }
