"""Options that say which links and cards a walk over the graph may use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from linkgraph.index import Walk

#: What `--avoid-hubs` alone means.
HUB_LINKS = 500


class _Links(click.ParamType[int]):
    """A number of links. What follows `--avoid-hubs` is taken for one, also if it is a card."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        return self.fail(
            f"{text[:80]!r} is no number of links. Write --avoid-hubs {HUB_LINKS}, "
            "or --avoid-hubs at the end.",
            param,
            ctx,
        )


def walk_options(command: Callable[..., None]) -> Callable[..., None]:
    """`--via`, `--skip`, `--avoid-hubs`, `--open-only` and `--deleted`, as a `walk`."""

    @click.option(
        "--via",
        multiple=True,
        metavar="RELATION",
        help="Only over this kind of link (lead-contact, …); may be given again.",
    )
    @click.option(
        "--skip",
        multiple=True,
        metavar="TYPE",
        help="Not over cards of this type (element, …); may be given again.",
    )
    @click.option(
        "--avoid-hubs",
        type=_Links(),
        is_flag=False,
        flag_value=str(HUB_LINKS),
        metavar="[N]",
        help=f"Not over cards with more than N links, {HUB_LINKS} if no N is given.",
    )
    @click.option("--open-only", is_flag=True, help="Not over leads that are won or lost.")
    @click.option("--deleted", is_flag=True, help="Over deleted cards too.")
    @functools.wraps(command)
    def with_walk(
        *args: Any,
        via: tuple[str, ...],
        skip: tuple[str, ...],
        avoid_hubs: int | None,
        open_only: bool,
        deleted: bool,
        **more: Any,
    ) -> None:
        walk = _walk(via, skip, avoid_hubs, closed=not open_only, deleted=deleted)
        command(*args, walk=walk, **more)

    return with_walk


def _walk(
    via: tuple[str, ...],
    skip: tuple[str, ...],
    max_degree: int | None,
    *,
    closed: bool,
    deleted: bool,
) -> Walk:
    from linkgraph.index import Walk  # brings numpy along, which --help does without

    return Walk.of(*via, skip=skip, max_degree=max_degree, closed=closed, deleted=deleted)
