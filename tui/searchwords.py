"""What the search says: below the cards how many they are and which keys there are, else why none.

Lines that stand in place of cards have the styles that a `FoundList` knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from linkgraph.model import EntityType
from linkgraph.plaintext import plain
from tui.shown import PLURALS

#: Said while Enter waits for its card.
TAKING = "Enter takes the best as soon as it is found · esc gives up"
_MOST = 400
"""Characters of a complaint: it may name what was typed."""


def told(
    shown: int,
    typed: str,
    *,
    is_full: bool,
    is_under_way: bool,
    has_found: bool,
    has_kinds: bool,
) -> str:
    """The line below the cards.

    Args:
        shown: how many cards are shown; where nothing is typed, those visited last.
        typed: what is looked for.
        is_full: whether more are not shown.
        is_under_way: whether more may come.
        has_found: whether some have come; until then those of an earlier text stay.
        has_kinds: whether there are several kinds to look for.
    """
    if is_under_way and not has_found:
        said = "searching …"
    elif typed:
        more = " or more" if is_full else " …" if is_under_way else ""
        said = f"{shown} found{more}" if shown else ""
    else:
        said = "visited last" if shown else ""
    keys = ["enter takes it"] if shown else []
    keys += ["ctrl+t kind"] if has_kinds else []
    return " · ".join(filter(None, (said, *keys, "esc closes")))


def nothing(typed: str, kinds: Sequence[EntityType], *, is_narrowed: bool) -> list[Text]:
    """What to look for, and how; where something was typed, that it is not there.

    `kinds` are those looked for; `is_narrowed` tells whether one could look for others too.
    """
    ways = [
        Text("a part of a name, five digits of a phone, an e-mail, an id", "muted"),
        Text("lead:123, or a card's address pasted from the CRM", "muted"),
    ]
    if not typed:
        return [Text("What to look for", "title"), *ways]
    among = "" if len(kinds) == len(EntityType) else f" among {listed(kinds)}"
    narrowed = [Text("ctrl+t looks for other kinds", "muted")] if is_narrowed else []
    return [
        Text(f"nothing found for «{plain(typed, 60)}»{among}", "title"),
        *narrowed,
        *ways,
        Text("made since the snapshot? paste its address, or mirror anew: esc, S", "muted"),
    ]


def complaint(message: str, hint: str) -> list[Text]:
    """What is wrong, and what to do."""
    words = [Text(plain(message, _MOST), "trouble")]
    return words + ([Text(f"→ {plain(hint, _MOST)}", "muted")] if hint else [])


def listed(kinds: Sequence[EntityType]) -> str:
    """Kinds of cards in words, with «and» before the last."""
    words = [PLURALS[kind] for kind in kinds]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
