"""Sync in the browser: being built."""

from collections.abc import Sequence
from typing import Any


class Syncing:
    """A place for what is being built."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def start(self, refs: Sequence[Any] = ()) -> None:
        """Being built."""

    def stop(self) -> None:
        """Being built."""
