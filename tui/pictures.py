"""Pictures of neighbourhoods as files that only their owner reads, for the web browser."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tui.webpages import open_page

if TYPE_CHECKING:
    from linkgraph.model import Ref
    from linkgraph.session import Session


@cache
def _folder() -> Path:
    # One a browser, readable by its owner alone; it stays, for the page may be loaded again.
    return Path(tempfile.mkdtemp(prefix="linkgraph-"))


def drawn(session: Session, ref: Ref) -> tuple[bool, str]:
    """Draw what lies around a card and open it; whether that came about, and the file.

    Raises:
        InvalidRef: the snapshot has no such card.
        LinkgraphError: the file cannot be written.
    """
    file = _folder() / f"{ref}.html".replace(":", "-").replace("/", "-")
    session.picture(file, around=ref)
    return open_page(file.as_uri()), str(file)
