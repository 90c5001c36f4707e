"""No key leads nowhere, and the page of keys tells the truth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from linkgraph.model import Ref
from tests import keys
from tests.tui.driving import browsing, settled
from tui.app import LinkgraphApp


def test_the_page_lists_the_keys_that_there_are() -> None:
    """docs/browser.md has every key of every part of the browser, with what it does."""
    assert keys.PAGE.read_text(encoding="utf-8") == keys.page(), "python -m tests.keys"


def test_every_action_is_there() -> None:
    """No key leads nowhere: what it calls exists on its class, or on the browser."""
    missing = []
    for kind, binding in keys.own_bindings():
        name = binding.action.partition("(")[0]
        where = kind
        if name.startswith("app."):
            where, name = LinkgraphApp, name.removeprefix("app.")
        name = name.removeprefix("screen.")
        if not (hasattr(where, f"action_{name}") or hasattr(where, f"_action_{name}")):
            missing.append(f"{kind.__name__}: {binding.key} → {binding.action}")

    assert missing == []


async def _said(pilot: Pilot[Any], key: str) -> str:
    """What is told when a key is pressed, and nothing else."""
    pilot.app.clear_notifications()
    await pilot.press(key)
    await settled(pilot)
    return "\n".join(one.message for one in pilot.app._notifications)


@pytest.mark.parametrize(
    ("mode", "first", "told"),
    [
        (
            "edits",
            (),
            {
                "K": "no edit in conflict is marked, or under the cursor\n→ p finds",
                "D": "no edit in conflict, failed or unknown is marked",
                "Q": "no edit in conflict, failed or unknown is marked",
                "z": "nothing was pushed that could be taken back\n→ p plans",
                "R": "no push was broken off",
                "X": "no push was broken off",
            },
        ),
        ("questions", (), {"R": "nothing was asked yet\n→ enter asks"}),
        ("sql", ("escape",), {"e": "there are no rows to write to a file\n→ F5 runs"}),
        (
            "changes",
            (),
            {
                "x": "no sync of this browser is under way\n→ S begins one",
                "c": "there is no other earlier snapshot to compare this one with\n→ ",
                "space": "rows of this list are not marked\n→ ",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_key_that_can_do_nothing_says_why(
    home: Path, mode: str, first: Sequence[str], told: dict[str, str]
) -> None:
    """What is missing, and what to do instead, in every mode."""
    async with browsing(home, mode=mode) as pilot:
        await pilot.press(*first)
        await settled(pilot)
        for key, words in told.items():
            assert words in await _said(pilot, key), key


async def test_browse_says_which_key_lacks_what(home: Path) -> None:
    """By the card in focus and the link under the cursor; what can be done is not talked about."""
    async with browsing(home) as pilot:
        app: Any = pilot.app
        assert "no card is in focus\n→ step into the one" in await _said(pilot, "M")
        assert "there are no links to sort\n→ step into a card" in await _said(pilot, "o")
        app.open_card(Ref.parse("lead:101"))
        await settled(pilot)
        links = app.screen.links
        links.show(links.rows, Ref.parse("contact:201"))
        assert "→ go to one: only those carry a quantity" in await _said(pilot, "n")
        assert "there is nothing later in the history" in await _said(pilot, "right_square_bracket")
        assert "no card is pinned\n→ p pins the card" in await _said(pilot, "P")
        assert await _said(pilot, "o") == ""
        app.open_card(Ref.parse("company:301"))
        await settled(pilot)
        assert "only those have a main contact" in await _said(pilot, "m")
