"""`linkgraph edits drop` and `resolve`: what a person decides about edits in the queue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.edits.states import OPEN, State
from linkgraph.errors import UsageError
from linkgraph.plaintext import plain
from linkgraph.settings import Home
from linkgraph.wording.numbers import counted

if TYPE_CHECKING:
    from linkgraph.edits.entries import QueuedEdit
    from linkgraph.edits.queueing import Queued
    from linkgraph.session import Session

_RANGE = re.compile(r"#?(?P<first>\d{1,18})(?:-#?(?P<last>\d{1,18}))?", re.ASCII)
#: The states that want a decision.
_UNSETTLED = tuple(state.value for state in (State.CONFLICT, State.FAILED, State.UNKNOWN))
_IDS = click.argument("words", nargs=-1, metavar="[ID|ID-ID]...")


@click.command()
@_IDS
@click.option("--all", "everything", is_flag=True, help="All that a push has not taken up.")
@click.option("--last", is_flag=True, help="Take back what you queued last.")
@account_options
def drop(
    words: tuple[str, ...], everything: bool, last: bool, account: str | None, home: Home
) -> None:
    """Take edits out of the queue, by the numbers that `linkgraph edits list` shows.

    12-40 are those from 12 to 40 that are still in the queue. All stay in the journal, as dropped.
    What edits had replaced waits again only where they are taken back, with --last; once more, and
    what was queued before them is taken back.
    """
    if last:
        if words or everything:
            raise UsageError("--last says which edits already", hint="linkgraph edits drop --last")
        with open_session(home, account) as session:
            _tell_taken_back(session, session.edits.take_back(session.edits.last_queued()))
        return
    _check_choice(words, everything, "linkgraph edits drop ID…, or --all, or --last")
    with open_session(home, account) as session:
        ids = None if everything else _chosen(session, words, OPEN)
        _tell_dropped(session, session.edits.drop(ids))


@click.command()
@_IDS
@click.option("--all", "everything", is_flag=True, help="All that are in the state of --state.")
@click.option(
    "--state",
    type=click.Choice(_UNSETTLED),
    default=State.CONFLICT.value,
    show_default=True,
    help="For --all and ranges.",
)
@click.option("--keep", "way", flag_value="keep", help="Queue it again, over what has changed.")
@click.option("--drop", "way", flag_value="drop", help="Give it up.")
@click.option(
    "--requeue", "way", flag_value="requeue", help="Queue it anew, upon what the next plan finds."
)
@account_options
def resolve(
    words: tuple[str, ...],
    everything: bool,
    state: str,
    way: str | None,
    account: str | None,
    home: Home,
) -> None:
    """Decide about edits that a plan or a push could not settle.

    What changed in the CRM since an edit was queued puts it in conflict: --keep, --drop or
    --requeue it. Those that failed, or of which it is unknown whether they arrived, can be dropped
    or queued anew.
    """
    if way is None:
        raise UsageError(
            "what is to become of them is not said", hint="say --keep, --drop or --requeue"
        )
    _check_choice(words, everything, f"linkgraph edits resolve ID… --{way}, or --all")
    from linkgraph.cli import queuedlines
    from linkgraph.edits.edits import Resolution

    with open_session(home, account) as session:
        states = [State(state)]
        if everything:
            wanted = [one.id for one in session.edits.list(states=states)]
        else:
            wanted = _chosen(session, words, states)
        if not wanted:
            narrate(f"no such edit is in the state {state}")
            return
        resolved = session.edits.resolve(wanted, Resolution(way))
        if resolved.edits:
            queuedlines.tell(session, resolved)
        else:
            _tell_dropped(session, resolved.replaced)


def _tell_dropped(session: Session, dropped: Sequence[QueuedEdit]) -> None:
    from linkgraph.cli import queuedlines
    from linkgraph.cli.editrows import lines_of
    from linkgraph.wording.editwords import in_words

    lines = lines_of(session, dropped[: queuedlines.MOST])
    told = [f"dropped #{one.id}: {in_words(one.edit, lines)}" for one in dropped]
    queuedlines.tell_some(told, "edit")
    narrate(f"{counted(len(dropped), 'edit')} dropped" if dropped else "no such edit is queued")


def _tell_taken_back(session: Session, back: Queued) -> None:
    from linkgraph.cli import queuedlines
    from linkgraph.cli.editrows import lines_of
    from linkgraph.wording.editwords import in_words

    lines = lines_of(session, (*back.edits, *back.replaced)[: 2 * queuedlines.MOST])
    queuedlines.tell_some(
        [f"waits again: #{one.id} {in_words(one.edit, lines)}" for one in back.edits], "edit"
    )
    _tell_dropped(session, back.replaced)


def _check_choice(words: Sequence[str], everything: bool, hint: str) -> None:
    """Refuse numbers beside --all, and neither.

    Raises:
        UsageError: it is so.
    """
    if bool(words) == everything:
        both = "numbers and --all were both given"
        raise UsageError(both if words else "which edits is not said", hint=hint)


def _chosen(session: Session, words: Iterable[str], states: Iterable[State]) -> list[int]:
    """The numbers that were said; of ranges those that are in one of the states.

    Raises:
        UsageError: a word is neither.
    """
    ids: list[int] = []
    ranges: list[range] = []
    for word in words:
        match = _RANGE.fullmatch(word)
        if match is None:
            raise UsageError(
                f"«{plain(word, 40)}» is no edit's number", hint="for instance 12, or 12-40"
            )
        if match["last"] is None:
            ids.append(int(match["first"]))
        else:
            ranges.append(range(int(match["first"]), int(match["last"]) + 1))
    if ranges:
        there = [one.id for one in session.edits.list(states=states)]
        ids += [one for one in there if any(one in each for each in ranges)]
    return list(dict.fromkeys(ids))
