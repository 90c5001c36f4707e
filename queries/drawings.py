"""Drawings of parts of the graph: the index tells what is linked, the tables what it is called."""

from collections import Counter

from sqlalchemy import Engine

from linkgraph.index import LinkIndex, Walk
from linkgraph.model import Link, Ref
from linkgraph.pictures.drawing import Drawing, DrawnCard, DrawnLink
from queries.cardlines import CardLine, card_lines
from queries.parts import Part, walk_words
from queries.quantities import quantities

#: The most cards that a picture shows unless more are asked for: as many as can be told apart.
CARDS = 120


def drawing(engine: Engine, index: LinkIndex, part: Part, walk: Walk, age: str = "") -> Drawing:
    """A part of the graph, ready to be drawn: its cards, and the links among them.

    Args:
        engine: The snapshot, for names and states.
        index: Of the same snapshot.
        part: What is drawn.
        walk: The one by which the part was found; links that it may not follow are not drawn.
        age: Of which snapshot the picture is, in words.
    """
    lines = card_lines(engine, part.rings)
    links = list(index.links_among(part.rings, walk))
    shown = _shown(index, part, links, walk)
    # A card may be linked to itself; there is no line to draw for that.
    links = [link for link in links if link.owner != link.other]
    if part.shape == "path":
        # What joins two cards that are equally far is on no shortest path, and crosses them all.
        links = [link for link in links if part.rings[link.owner] != part.rings[link.other]]
    amounts = quantities(engine, links)
    return Drawing(
        title=_title(part, lines),
        cards=tuple(
            DrawnCard(
                ref,
                line.name,
                line.url,
                note=line.note(index.degree(ref, walk)),
                ring=part.rings[ref],
                is_focus=ref in part.focus,
                hidden=index.degree(ref, walk) - shown[ref],
            )
            for ref, line in lines.items()
        ),
        links=tuple(
            DrawnLink(
                link.owner,
                link.other,
                link.relation,
                link.metadata.is_main,
                amounts.get((link.owner, link.other)),
            )
            for link in links
        ),
        shape=part.shape,
        note=" · ".join(filter(None, [part_words(part), *walk_words(walk), age])),
    )


def _shown(index: LinkIndex, part: Part, links: list[Link], walk: Walk) -> Counter[Ref]:
    """How many of the links that count in a card's degree lead to cards of the part.

    One to a named card that the walk would not have met does not count in the degree; one to the
    card itself does, once.
    """
    met = dict(zip(part.focus, index.meets(part.focus, walk), strict=True))
    return Counter(
        near
        for link in links
        for near, far in {(link.owner, link.other), (link.other, link.owner)}
        if near == far or met.get(far, True)
    )


def _title(part: Part, lines: dict[Ref, CardLine]) -> str:
    names = [lines[ref].name or str(ref) for ref in part.focus]
    match part.shape:
        case "neighbourhood":
            reach = "1 link" if part.depth == 1 else f"{part.depth} links"
            return f"{names[0]}: what lies within {reach}"
        case "component":
            return f"{names[0]}: all that is connected with it"
        case "path":
            return f"From {names[0]} to {names[1]}"


def part_words(part: Part) -> str:
    """How much of what there is a part holds."""
    things = "cards"
    if part.shape == "path":
        hops = max(part.rings.values())
        things = f"shortest paths of {hops} hop{'' if hops == 1 else 's'}"
        if part.total == 1:
            return f"1 {things.replace('paths', 'path')}"
    if not part.cut:
        return f"{part.total:,} {things}" if part.total > 1 else "1 card"
    nearest = "" if part.shape == "path" else ", the nearest first"
    return f"{part.listed:,} of {part.total:,} {things}{nearest}"
