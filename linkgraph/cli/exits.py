"""Exit codes, and the one way in which a failure is told: a line, a remedy, no traceback."""

from enum import IntEnum

from rich.cells import cell_len

from linkgraph import errors
from linkgraph.cli.output import narrate
from linkgraph.plaintext import plain


class ExitCode(IntEnum):
    """What a command's end means. Stable: scripts depend on it."""

    OK = 0
    FAILED = 1
    """Something failed that has no code of its own."""
    USAGE = 2
    """The command line, a ref, a question or a parameter makes no sense."""
    ACCOUNT = 3
    """No account, no home, no token, or one that the CRM refuses (401)."""
    CRM = 4
    """The CRM refused, failed or could not be reached."""
    MIRROR = 5
    """Nothing mirrored, a sync that is running, or one that could not be published."""
    QUERY = 6
    """SQL that was refused or is broken."""
    STOPPED = 7
    """A query that timed out."""
    EDITS = 8
    """Edits that could not be pushed, or not all of which were verified."""
    INTERRUPTED = 130
    """Ctrl-C."""


_CODES: tuple[tuple[type[errors.LinkgraphError], ExitCode], ...] = (
    (errors.UsageError, ExitCode.USAGE),
    (errors.SettingsError, ExitCode.ACCOUNT),
    (errors.ReadOnly, ExitCode.ACCOUNT),
    (errors.Unauthorized, ExitCode.ACCOUNT),
    (errors.ApiError, ExitCode.CRM),
    (errors.EditError, ExitCode.EDITS),
    (errors.MirrorError, ExitCode.MIRROR),
    (errors.QueryStopped, ExitCode.STOPPED),
    (errors.QueryError, ExitCode.QUERY),
)


def code_of(error: errors.LinkgraphError) -> ExitCode:
    """The exit code of an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)


def tell(error: errors.LinkgraphError) -> None:
    """Say on stderr what failed, where in the SQL, and what to do next."""
    lines = [f"error: {plain(error.message, 2000)}"]
    if isinstance(error, errors.QueryError) and error.source and error.position is not None:
        lines += _marked(error.source, error.position)
    if error.hint:
        lines.append(f"  → {plain(error.hint, 2000)}")
    narrate("\n".join(lines))


def _marked(source: str, position: int) -> list[str]:
    """The line of the place, with a mark below it."""
    start = source.rfind("\n", 0, position) + 1
    end = source.find("\n", position)
    line = source[start : end if end >= 0 else len(source)].replace("\t", " ")
    offset = position - start
    cut = max(0, offset - 60)  # the place stays on the screen, however long the line
    shown = plain(line[cut : cut + 100], 400)
    before = cell_len(plain(line[cut:offset], 400))
    number = source.count("\n", 0, position) + 1
    return [f"  line {number}: {shown}", " " * (len(f"  line {number}: ") + before) + "^"]
