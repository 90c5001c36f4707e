"""A fault of ours never ends the browser: it is written down and told, and one goes on.

Textual ends an app at the first exception that a handler, a timer or a paint lets through, and
shows the traceback with all local values. Here the log has it, and the screen a sentence.
"""

from __future__ import annotations

import os
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import App
from textual.message import Message

if TYPE_CHECKING:
    from textual.message_pump import MessagePump as _Pump
else:
    # Textual takes the styles of a class from the first of its bases that is a node of its own.
    _Pump = object

#: The file in the account's folder that faults are written to.
LOG = "browser.log"
#: More faults than `_MOST` within so many seconds: nobody can work with that.
_WINDOW, _MOST = 10.0, 8


class Guarded(_Pump):
    """What goes on with the next message when one of its handlers has failed."""

    async def _dispatch_message(self, message: Message) -> None:
        # Left to Textual, an exception ends the loop that hands out messages: the widget is dead.
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)


class Faults(App[None]):
    """An app that outlives its faults."""

    fault_folder: Path | None = None
    """Where they are written down; None where there is no account yet."""
    _stands = False
    _faults: tuple[float, ...] = ()

    def on_ready(self) -> None:
        """The first screen stands: from now on there is something to go on with."""
        self._stands = True

    def broke(self, error: Exception) -> None:
        """Tell of a fault of ours: where it is written down, and that nothing is lost."""
        self.notify(
            _words(error, self._write_down(error)), severity="error", timeout=15, markup=False
        )

    def _handle_exception(self, error: Exception) -> None:
        if self.is_headless:  # a test has to fail of it
            super()._handle_exception(error)
        elif not self._exit:
            now = time.monotonic()
            self._faults = (*(each for each in self._faults if now - each < _WINDOW), now)
            if self._stands and len(self._faults) <= _MOST:
                self.broke(error)
            else:
                told = Text(f"linkgraph browse: {_words(error, self._write_down(error))}")
                self.exit(return_code=1, message=told)

    def _write_down(self, error: Exception) -> str:
        """Append a fault to the log; returns where that is."""
        if self.fault_folder is None:
            return "nowhere: there is no account"
        path = self.fault_folder / LOG
        written = "".join(traceback.format_exception(error))
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with open(handle, "a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{written}\n")
        except OSError:
            return "nowhere: the account's folder cannot be written"
        return str(path)


def _words(error: Exception, where: str) -> str:
    return (
        f"linkgraph has a fault ({type(error).__name__}); nothing is lost\n"
        f"→ what went wrong is written to {where}"
    )
