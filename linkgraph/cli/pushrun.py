"""A push as a person sees it: the question before it, the progress, Ctrl-C, and the summary."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from linkgraph.cli import editplan, progress, pushprogress, tables
from linkgraph.cli.exits import ExitCode
from linkgraph.cli.output import narrate
from linkgraph.errors import NotConfirmed
from linkgraph.plaintext import plain
from linkgraph.wording import pushwords
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.plan import Plan
    from linkgraph.edits.pushbook import PushRecord
    from linkgraph.edits.pushes import Pushed
    from linkgraph.session import Session
    from queries.figures import Figures

#: Seconds in which a push that is stopped at once has tidied up.
_AT_ONCE = 10.0

F = TypeVar("F", bound=Callable[..., Any])


def approval_options(command: F) -> F:
    """`--yes` and `--unlinks`."""
    many = click.option(
        "--unlinks",
        type=click.IntRange(min=0),
        metavar="N",
        help="How many unlinks are expected, where many have to be confirmed by their number.",
    )
    yes = click.option("--yes", is_flag=True, help="Push without asking.")
    return yes(many(command))


def show(session: Session, made: Plan) -> None:
    """Show the plan that is about to be pushed; in a pipe stdout is for what becomes of it."""
    from linkgraph.wording import planwords

    if tables.is_terminal():
        editplan.show(session, made)
        return
    narrate(f"plan: {planwords.counts(made)}")
    for conflict in made.conflicts:
        narrate(
            f"left out: #{conflict.edit.id} {conflict.edit.edit}: {plain(conflict.reason, 300)}"
        )
    for edit, why in made.skipped:
        narrate(f"still queued: #{edit.id} {edit.edit}: {plain(why, 300)}")


def approve(session: Session, made: Plan, *, yes: bool, unlinks: int | None) -> None:
    """Ask whether a plan may be pushed; name the account and the numbers.

    Raises:
        NotConfirmed: it may not, or nobody is there to ask.
    """
    settings = session.account.settings
    told = pushwords.asked(made, settings.url)
    many = made.unlinks > settings.confirm_unlinks
    if unlinks is not None and unlinks != made.unlinks:
        raise NotConfirmed(
            f"{counted(made.unlinks, 'unlink')} in the plan, and {unlinks:,} were expected; "
            "nothing was sent",
            hint="look at the plan: linkgraph edits plan",
        )
    if yes and (not many or unlinks is not None):
        narrate(f"pushing: {told}")
        return
    if yes:
        raise NotConfirmed(
            f"{counted(made.unlinks, 'unlink')} are more than {settings.confirm_unlinks:,} "
            "(confirm_unlinks in config.toml); nothing was sent",
            hint=f"confirm their number: --yes --unlinks {made.unlinks}",
        )
    narrate()
    narrate(f"To push: {told}.")
    if many:
        _typed(str(made.unlinks), f"type the number of unlinks ({made.unlinks:,}) to push them")
    else:
        _agreed("push")


def resume(session: Session, left: PushRecord, *, settle_only: bool, yes: bool) -> None:
    """Take up a push that was broken off."""
    from linkgraph.edits.states import State

    waiting = left.counts.get(State.PLANNED, 0)
    narrate(pushwords.broken_off(left))
    if waiting and not settle_only and not yes:
        narrate(f"To push the rest in account {session.account.name}.")
        _agreed("go on", otherwise="linkgraph edits push --settle only finds out what was done")
    with _stoppable() as stop, pushprogress.shown() as watch:
        pushed = session.edits.resume(watch, stop, settle_only=settle_only)
    if pushed is not None:
        _tell(session, pushed, None)


def carry_out(session: Session, made: Plan) -> None:
    """Push a plan that was approved, and tell what came of it; ends with 8 if not all is so."""
    before = _figures(session)
    with _stoppable() as stop, pushprogress.shown(made.requests) as watch:
        pushed = session.edits.push(made, watch, stop)
    _tell(session, pushed, before)


def print_requests(session: Session, made: Plan) -> None:
    """Print the exact requests of a push: a line each, the body of a write as JSON."""
    count = 0
    for request in session.edits.dry_run(made):
        count += 1
        body = "" if request.items is None else json.dumps(request.items, ensure_ascii=False)
        line = f"{request.method} {made.base_url}{request.target}"
        sys.stdout.write(f"{line} {body}".rstrip() + "\n")
    narrate(f"{counted(count, 'request')}; nothing was sent")


def _tell(session: Session, pushed: Pushed, before: Figures | None) -> None:
    from linkgraph.cli import pushlines
    from linkgraph.edits.pushbook import PushState
    from linkgraph.wording import outcomewords
    from linkgraph.wording.mirrored import card_lines, compared

    outcome = pushed.outcome
    fresh = type(session)(session.account)
    with fresh:
        with progress.waiting("counting problems"):
            health = compared(fresh, before)
        pushlines.write(pushed, card_lines(fresh, outcomewords.named(outcome)), health)
    if outcome.state is PushState.INTERRUPTED:
        code = ExitCode.INTERRUPTED if _was_asked_to_stop(pushed) else ExitCode.EDITS
        raise SystemExit(code)
    if not outcome.is_clean:
        raise SystemExit(ExitCode.EDITS)


def _was_asked_to_stop(pushed: Pushed) -> bool:
    from linkgraph.edits.sending import Interrupted

    return isinstance(pushed.outcome.error, Interrupted)


def _figures(session: Session) -> Figures | None:
    """The problems as they are before; None where they cannot be counted."""
    from linkgraph.wording.mirrored import figures_of

    with progress.waiting("counting problems"):
        return figures_of(session)


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C stop the push between two requests, and the second one at once.

    At once it is, whatever holds up the tidying: the journal is written before each request leaves,
    so that a push may be cut off at any moment.
    """
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            end = threading.Timer(_AT_ONCE, os._exit, [ExitCode.INTERRUPTED])
            end.daemon = True
            end.start()
            signal.signal(signal.SIGINT, lambda *_: os._exit(ExitCode.INTERRUPTED))
            raise KeyboardInterrupt
        asked = True
        narrate("stopping after the requests that are under way; Ctrl-C again stops at once")

    usual = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: asked
    except KeyboardInterrupt:
        narrate("stopped; what was sent is found out by: linkgraph edits push")
        raise
    finally:
        if signal.getsignal(signal.SIGINT) is stop:
            signal.signal(signal.SIGINT, usual)


def _agreed(verb: str, otherwise: str = "") -> None:
    answer = _asked(f"{verb}? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise NotConfirmed("not confirmed; nothing was sent", hint=otherwise or _LATER)


def _typed(wanted: str, question: str) -> None:
    answer = _asked(f"{question}: ")
    if answer.strip().replace(",", "") != wanted:
        raise NotConfirmed(
            f"«{plain(answer.strip(), 40)}» is not that number; nothing was sent", hint=_LATER
        )


_LATER = "the plan is kept in the queue: linkgraph edits push"


def _asked(question: str) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotConfirmed(
            "nobody is there to confirm the push; nothing was sent",
            hint="say --yes to push without being asked",
        )
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()
