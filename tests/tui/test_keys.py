"""No key leads nowhere, and the page of keys tells the truth."""

from tests import keys
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
