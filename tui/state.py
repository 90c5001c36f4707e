"""What the browser keeps between starts: the mode, the theme, and what each mode wants kept.

Kept in the account's folder, whole or not at all, for its owner alone. A file that is missing or
broken is no matter: the browser starts as if it was the first time.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec

FILE = "browser.json"

T = TypeVar("T")


class _Kept(msgspec.Struct):
    mode: str = "browse"
    theme: str = ""
    parts: dict[str, Any] = {}


class State:
    """The state of one account's browser.

    >>> state = State(None)
    >>> state.get("browse", dict)
    {}
    """

    def __init__(self, path: Path | None) -> None:
        """`path` is the file; None keeps nothing."""
        self._path = path
        self._kept = _Kept()
        self._saved = b""
        if path is not None:
            with contextlib.suppress(OSError, msgspec.DecodeError):
                self._saved = path.read_bytes()
                self._kept = msgspec.json.decode(self._saved, type=_Kept)

    @property
    def mode(self) -> str:
        """The mode that was open last."""
        return self._kept.mode

    @mode.setter
    def mode(self, name: str) -> None:
        self._kept.mode = name

    @property
    def theme(self) -> str:
        """The theme that was chosen; empty where none was."""
        return self._kept.theme

    @theme.setter
    def theme(self, name: str) -> None:
        self._kept.theme = name

    def get(self, part: str, kind: type[T]) -> T:
        """What a mode kept under a name, as a value of `kind`; `kind()` where there is nothing."""
        try:
            kept = self._kept.parts[part]
            return kept if isinstance(kept, kind) else msgspec.convert(kept, kind)
        except (KeyError, msgspec.ValidationError):
            return kind()

    def put(self, part: str, value: object) -> None:
        """Keep a value under a name, until the next start; `save` writes it as it is then."""
        self._kept.parts[part] = value

    def save(self) -> None:
        """Write what changed since the last time.

        A disk that is full, or a value that cannot be written, takes away the comfort, not the
        work: nothing is said of it.
        """
        if self._path is None:
            return
        with contextlib.suppress(OSError, ValueError, OverflowError):
            written = msgspec.json.encode(self._kept)
            if written == self._saved:
                return
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".browser-")
            try:
                with os.fdopen(handle, "wb") as file:  # mkstemp makes it 0600
                    file.write(written)
                os.replace(name, self._path)
            except BaseException:
                os.unlink(name)
                raise
            self._saved = written
