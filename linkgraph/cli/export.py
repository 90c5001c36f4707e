"""`linkgraph export`: the mirror's tables, its graph, or pictures of it, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.cli.walks import walk_options
from linkgraph.errors import UsageError
from linkgraph.plaintext import plain
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.index import Walk
    from linkgraph.pictures.drawing import Drawing
    from linkgraph.session import Session
    from queries.parts import PartOf

_GRAPH = ".graphml"
_PICTURES = (".svg", ".html")


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(("parquet", "csv")),
    help="Of the tables' files; Parquet by default.",
)
@click.option("-t", "--table", "names", multiple=True, help="Only this table; may be given again.")
@click.option("--around", metavar="REF", help="What lies within --depth links of a card.")
@click.option("--depth", type=click.IntRange(min=0), help="How far --around goes; 2 by default.")
@click.option("--component", metavar="REF", help="All that is connected with a card.")
@click.option(
    "--path",
    nargs=2,
    metavar="A B",
    help="The shortest paths between two cards; fails where there is none.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Cards at most, the nearest first; 120 by default in a picture.",
)
@walk_options
@account_options
def export(
    target: Path,
    format_: str | None,
    names: tuple[str, ...],
    around: str | None,
    depth: int | None,
    component: str | None,
    path: tuple[str, str] | None,
    limit: int | None,
    walk: Walk,
    account: str | None,
    home: Home,
) -> None:
    """Write the snapshot to TARGET: its tables, its graph, or a picture of a part of it.

    \b
    FOLDER        the tables, a Parquet or CSV file each
    FILE.graphml  the graph for Gephi, yEd or networkx, or a part of it
    FILE.svg      a picture of a part: --around, --component or --path
    FILE.html     the same as a page to walk about in

    Where no path joins the cards of --path there is nothing to write: the exit code is 1, where
    `linkgraph path`, for which that is an answer, ends with 0.
    """
    of: PartOf = {"walk": walk}
    if around is not None:
        of["around"] = around
    if component is not None:
        of["component"] = component
    if path is not None:
        of["path"] = path
    if depth is not None:
        of["depth"] = depth
    if limit is not None:
        of["limit"] = limit
    kind = target.suffix.lower()
    _refuse_misfits(target, of, tables=format_ is not None or bool(names))
    with open_session(home, account) as session:
        if kind in _PICTURES:
            _tell_picture(target, session.picture(target, **of))
        elif kind == _GRAPH:
            cards, links = session.export_graph(target, **of)
            narrate(f"{plain(target)}: {counted(cards, 'card')}, {counted(links, 'link')}")
        else:
            _export_tables(session, target, format_ or "parquet", names)


def _refuse_misfits(target: Path, of: PartOf, *, tables: bool) -> None:
    """Refuse options that the target has no use for, rather than forget them in silence.

    Raises:
        UsageError: there are some.
    """
    from linkgraph.index import Walk

    is_file = target.suffix.lower() in (_GRAPH, *_PICTURES)
    if is_file and tables:
        raise UsageError(
            f"{plain(target)} is one file, and tables were asked for",
            hint="for tables name a folder: linkgraph export FOLDER -t edges",
        )
    if not is_file and (len(of) > 1 or of["walk"] != Walk()):
        raise UsageError(
            f"{plain(target)} would be a folder of whole tables, and a part was asked for",
            hint="for a part of the graph end the name in .graphml, .svg or .html",
        )
    if "depth" in of and "around" not in of:
        raise UsageError("a depth was given, and no card", hint="around which: --around REF")
    if "limit" in of and not {"around", "component", "path"} & set(of):
        raise UsageError(
            "a limit was given, and no card from which the nearest are counted",
            hint="say what is wanted: --around REF, --component REF or --path A B",
        )


def _export_tables(session: Session, folder: Path, format_: str, names: tuple[str, ...]) -> None:
    from linkgraph.graphing import EXPORTED

    for name, rows in session.export(folder, format_, names or EXPORTED).items():
        narrate(f"{folder / name}.{format_}: {rows:,} rows")


def _tell_picture(target: Path, drawing: Drawing) -> None:
    """Say what the picture shows, and how to look at it."""
    links = counted(len(drawing.links), "link")
    narrate(f"{plain(target)}: {counted(len(drawing.cards), 'card')}, {links}")
    narrate(f"  {plain(drawing.title, 500)}")
    narrate(f"  {plain(drawing.note, 500)}")
    narrate(f"open it in a browser: {target.resolve().as_uri()}")
