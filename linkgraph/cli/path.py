"""`linkgraph path`: how two cards are connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from linkgraph.cli import tables
from linkgraph.cli.options import account_options, format_option, open_session
from linkgraph.cli.output import narrate, write_json
from linkgraph.cli.walks import walk_options
from linkgraph.settings import Home

if TYPE_CHECKING:
    from linkgraph.index import Walk
    from linkgraph.index.results import Paths
    from linkgraph.model import Ref
    from queries.cardlines import CardLine

_COLUMNS = ("path", "hop", "ref", "name", "relation", "is_main", "url")
#: Paths that `--all` lists unless a limit is given.
_PATHS = 10


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--all", "all_paths", is_flag=True, help="All shortest paths, not just the first.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"Paths at most that --all lists, {_PATHS} by default; implies --all.",
)
@click.option("--max-hops", type=click.IntRange(min=0), help="No path of more links than this.")
@walk_options
@format_option
@account_options
def path(
    a: str,
    b: str,
    all_paths: bool,
    limit: int | None,
    max_hops: int | None,
    walk: Walk,
    format_: str | None,
    account: str | None,
    home: Home,
) -> None:
    """Show how cards A and B are connected: a shortest path of links.

    A and B are lead:123, contact:45, company:6, customer:7, element:CATALOG/ID or a card's address.

    That there is no path is an answer too, told with its reason on stderr: the exit code is 0.
    """
    with open_session(home, account) as session:
        start, end = session.ref(a), session.ref(b)
        ways = session.ways(start, end, walk, max_hops, limit or (_PATHS if all_paths else 1))
    found, cards, links, why = ways.found, ways.cards, ways.links, ways.why
    if format_ == "json":
        write_json(_as_json(start, end, found, cards, links, why))
    elif not tables.is_terminal():
        tables.write_rows(_COLUMNS, _rows(found, cards))
    elif found:
        from linkgraph.cli.chain import print_paths

        print_paths(found.paths, cards, links)
    narrate(_told(found, why, more="--limit N" if all_paths or limit else "--all"))


def _told(found: Paths, why: str, *, more: str) -> str:
    """What was found, in a line; `more` is the option that shows more of it."""
    from queries.ways import in_words

    return in_words(found, why) + (f"; {more} shows more" if found.cut else "")


def _rows(found: Paths, cards: dict[Ref, CardLine]) -> list[list[Any]]:
    from queries.ways import stops

    return [
        [path, hop, ref, cards[ref].name, relation, is_main, cards[ref].url]
        for path, hop, ref, relation, is_main in stops(found)
    ]


def _as_json(
    start: Ref,
    end: Ref,
    found: Paths,
    cards: dict[Ref, CardLine],
    links: dict[Ref, int],
    why: str,
) -> dict[str, Any]:
    paths: list[list[dict[str, Any]]] = [[] for _ in found]
    for row in _rows(found, cards):
        told = dict(zip(_COLUMNS, row, strict=True))
        card = cards[told["ref"]]
        paths[told.pop("path") - 1].append(
            {
                **told,
                "ref": str(card.ref),
                "is_deleted": card.is_deleted,
                "is_closed": card.is_closed,
                "is_known": card.is_known,
                "links": links[card.ref],
            }
        )
    return {
        "from": str(start),
        "to": str(end),
        "hops": found.hops,
        "total": found.total,
        "cut": found.cut,
        "why_none": why or None,
        "paths": paths,
    }
