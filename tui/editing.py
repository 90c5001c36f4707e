"""Editing where you are: being built."""

from typing import Any


class Editing:
    """A place for what is being built."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def take_back(self) -> None:
        """Being built."""

    def queue_again(self) -> None:
        """Being built."""

    def remember(self, queued: Any, words: str) -> None:
        """Being built."""
