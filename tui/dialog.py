"""What dialogs look like: a box in the middle, as wide as its words, over the screen below.

A dialog says only what is its own, such as another width; its rules go before these.
"""

from __future__ import annotations

from textual.screen import ModalScreen, ScreenResultType

from tui.leaving import Leaving


class Dialog(Leaving, ModalScreen[ScreenResultType]):
    """A question or something to read, in one `Vertical`; dismissed with its answer."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 96%; height: auto; max-height: 90%;
            padding: 1 2; background: $surface; border: round $primary;
        }
    }
    """
