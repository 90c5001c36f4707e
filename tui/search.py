"""Search: being built."""

from typing import Any

from textual.screen import ModalScreen


class SearchScreen(ModalScreen[Any]):
    """A place for what is being built."""
