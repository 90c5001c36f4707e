"""Pages in the person's web browser, opened without disturbing the terminal.

What opens them is a process of its own without a terminal: some browsers talk, some run in text.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

#: A browser that still runs after so many seconds has opened the page.
_PATIENCE = 10.0
_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def can_open(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a web browser to be seen: over ssh there is none as a rule."""
    if sys.platform in ("darwin", "win32") or environment.get("BROWSER"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def open_page(url: str) -> bool:
    """Open a page, in a second or a few; whether that came about. Not for the event loop."""
    if not can_open():
        return False
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            [sys.executable, "-c", _OPEN, url],
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            start_new_session=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False
    return done.returncode == 0
