"""A screen answers once, and takes only itself away.

Textual takes away whatever screen is on top, once for each answer: of two quick clicks the second
would take the screen below, and an answer that comes while another mode is open would take one of
that mode's. Here a second answer is dropped, and one that comes too early waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.await_complete import AwaitComplete

from tui.faults import Guarded

if TYPE_CHECKING:
    from textual.screen import Screen

    _Screen = Screen[Any]
else:
    _Screen = object


class Leaving(Guarded, _Screen):
    """A screen that can be left; before `Screen` or `ModalScreen` among bases."""

    _has_left = False
    _waiting: tuple[Any, ...] = ()
    """The answer, while the screen is not the one on top."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Answer and go, now or when the screen is on top again; all but the first are dropped."""
        if self._has_left:
            return AwaitComplete()
        if not self.is_current:
            self._waiting = self._waiting or (result,)
            return AwaitComplete()
        self._has_left = True
        return super().dismiss(*self._waiting or (result,))

    def on_screen_resume(self) -> None:
        """Go, where that was answered while another screen was on top."""
        if self._waiting:
            self.call_later(self._answer)

    def _answer(self) -> None:
        self.dismiss()
