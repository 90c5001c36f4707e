"""Keys that make no sense now say what is missing, and what to do instead.

Such a key is dim, or is not told of at all; who presses it all the same is not left to wonder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

if TYPE_CHECKING:
    from textual import getters
    from textual.dom import DOMNode as _Node

    from tui.app import LinkgraphApp
else:
    _Node = object


def otherwise(keys: str, lack: str) -> Binding:
    """What keys do where the bindings before this one make no sense: they say what is missing.

    Neither the line of keys nor the help tells of it.
    """
    return Binding(keys, f"say_lack('{lack}')", "", show=False)


class Lacking(_Node):
    """A screen or widget whose keys say what they lack; before `Screen` or `Widget` among bases."""

    if TYPE_CHECKING:
        app = getters.app(lambda: LinkgraphApp)

    LACKS: ClassVar[Mapping[str, str]] = {}
    """What is missing, and what to do instead, by the name that `otherwise` was given."""

    def lack(self, name: str) -> str:
        """What is missing now."""
        return self.LACKS[name]

    def action_say_lack(self, name: str) -> None:
        """Say what is missing."""
        self.app.say(self.lack(name))
