"""Keys and pastes are carried out one after the other, however fast they come.

Textual hands each to the widget that has the focus at that moment, while what the key before it
does may still be on its way: a paste right behind the key that opens a search would go to the list
below. Here the next one waits until the one before has gone its whole way, and whatever screen it
has opened stands.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from textual import events
from textual.app import App, ScreenStackError
from textual.message_pump import MessagePump

from tui.modes import ModeScreen

#: Seconds after which a key that has not come to its end holds up no other.
_PATIENCE = 2.0
#: Seconds in which a screen has mostly settled; one that takes longer may be left meanwhile.
_SETTLED = 1.0
#: Seconds between two looks at a screen that settles.
_LOOK_AGAIN = 0.005


class InOrder(App[None]):
    """An app whose keys wait for each other."""

    is_opening = False
    """Whether another mode is on its way: the next key is meant for it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._typed: deque[events.Key | events.Paste] = deque()
        """What has come, and waits"""
        self._is_on_its_way = False
        self._set_out = 0.0
        self._first: MessagePump = self
        """What the key on its way was handed to"""

    async def on_event(self, event: events.Event) -> None:
        """Let keys wait for the one before; everything else has its way at once."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self._is_on_its_way or time.monotonic() - self._set_out > _PATIENCE:
            await self._take_next()

    async def _take_next(self) -> None:
        self._is_on_its_way = bool(self._typed)
        if not self._typed:
            return
        event = self._typed.popleft()
        self._set_out = time.monotonic()
        try:
            self._first = self.focused or self.screen
        except ScreenStackError:
            self._first = self
        await super().on_event(event)
        if event.is_forwarded:
            self._follow(event, self._first)
        else:  # a binding that goes before all widgets has taken it
            self._arrive()

    def _follow(self, event: events.Event, pump: MessagePump) -> None:
        """Come back when a widget has done with an event, and see where it went from there."""

        def passed() -> None:
            parent = pump._parent
            if event._stop_propagation or parent is None:
                self._arrive()
            else:
                self._follow(event, parent)

        if not pump.call_later(passed):
            self._arrive()

    def _arrive(self) -> None:
        """Go on when what the key has set off has gone its way too."""
        self.call_later(self._drain, self._first)

    def _drain(self, pump: MessagePump) -> None:
        """Come back when a widget, and all that it lies in, have done with what they were told."""
        parent = pump._parent
        if parent is None or not pump.call_later(self._drain, parent):
            self._reach_screen()

    def _reach_screen(self) -> None:
        """Go on when the screen that is on top by now stands."""
        try:
            screen = self.screen
        except ScreenStackError:
            return
        if not screen.call_later(lambda: self.call_later(self._settle)):
            self.call_later(self._settle)

    async def _settle(self) -> None:
        """Go on when what the key has led to is there."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        settles = isinstance(screen, ModeScreen) and screen.is_settling
        waited = time.monotonic() - self._set_out
        if (settles or self.is_opening) and waited < _SETTLED:
            self.set_timer(_LOOK_AGAIN, self._settle)
        else:
            await self._take_next()
