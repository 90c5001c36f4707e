"""Files that are written whole or not at all: a failure leaves what stood there before."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A stream that takes the place of `target` once all is written, at once.

    A symlink stays one, a file keeps its rights, and a device or a pipe is written to as it is.

    Raises:
        LinkgraphError: it cannot be written (no such folder, no rights, disk full).
        BrokenPipeError: whoever read the pipe has seen enough, which is no failure.
    """
    try:
        place = target.resolve()
    except RuntimeError as exc:
        raise unwritable(str(target), OSError(errno.ELOOP, os.strerror(errno.ELOOP))) from exc
    try:
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                yield stream
            return
        temporary = place.with_name(f".{place.name[:60]}.{secrets.token_hex(6)}")
        try:
            with temporary.open("xb") as stream:
                if place.exists():
                    temporary.chmod(stat.S_IMODE(place.stat().st_mode))
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, place)
        finally:
            temporary.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise unwritable(str(target), exc) from exc


@contextmanager
def placed(target: Path | BinaryIO, what: str) -> Iterator[BinaryIO]:
    """The stream in which to write `what`: the target itself, or a file that takes its place.

    Raises:
        LinkgraphError: it cannot be written.
        BrokenPipeError: whoever read the stream has seen enough, which is no failure.
    """
    if isinstance(target, Path):
        with whole_file(target) as stream:
            yield stream
        return
    try:
        yield target
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise unwritable(what, exc) from exc


def unwritable(what: str, error: OSError) -> LinkgraphError:
    """What to tell of something that the disk does not take."""
    return LinkgraphError(
        f"cannot write {plain(what)}: {error.strerror or plain(error)}",
        hint="choose a place that exists, may be written to and has room",
    )
