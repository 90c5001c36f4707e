"""`linkgraph status`: what is mirrored, how old it is, and what is queued."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from linkgraph.cli import tables
from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.edits.states import State
from linkgraph.mirror.ledger import STOPPED
from linkgraph.plaintext import plain
from linkgraph.settings import Home

#: The states of edits that are not at their end, in the order in which they are told.
_WAITING = (
    *(State.QUEUED, State.PLANNED, State.SENT),
    *(State.CONFLICT, State.UNKNOWN, State.FAILED),
)
#: Those that a person decides about.
_UNDECIDED = frozenset({State.CONFLICT, State.FAILED})
#: How a push stands that is to be taken up again.
_OPEN_PUSHES = frozenset({"running", "interrupted"})


@click.command()
@click.option("-f", "--format", "format_", type=click.Choice(("text", "json")), default="text")
@account_options
def status(format_: str, account: str | None, home: Home) -> None:
    """Show what is mirrored, how old it is, how the last sync went, and what is queued."""
    with open_session(home, account) as session:
        settings = session.account.settings
        snapshot = session.snapshots.current()
        card = snapshot.card() if snapshot else None
        runs = session.runs(1)
        unfinished = (session.account.folder / "staging.duckdb").exists()
        ends = session.token_ends()
        edits = session.edit_counts()
        push = session.last_push()
    facts = {
        "account": session.account.name,
        "url": settings.url,
        "read_only": session.account.read_only,
        "rate": settings.rate if settings.rate != float("inf") else None,
        "folder": str(session.account.folder),
        "database": str(snapshot.path) if snapshot else None,
        "snapshot": snapshot.number if snapshot else None,
        "taken_at": card.taken_at + "Z" if card else None,
        "cards": card.cards if card else {},
        "links": card.edges if card else {},
        "sync_unfinished": unfinished,
        "last_error": runs[0].error if runs else None,
        "token_ends": ends.isoformat() if ends else None,
        "edits": edits,
        "last_push": push and _as_json(push),
    }
    if format_ == "json":
        sys.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
        return
    out = sys.stdout
    pace = "no limit" if facts["rate"] is None else f"{settings.rate:g} requests a second"
    out.write(f"account   {session.account.name} · {settings.url} · {pace}")
    out.write(" · read-only\n" if session.account.read_only else "\n")
    if card is None or snapshot is None:
        out.write("mirror    nothing yet: linkgraph sync\n")
    else:
        taken = datetime.fromisoformat(card.taken_at).replace(tzinfo=UTC)
        out.write(f"snapshot  {snapshot.number}, {age(datetime.now(UTC) - taken)} old\n")
        tables.write_hanging("cards     ", _counts(card.cards))
        tables.write_hanging("links     ", _counts(card.edges))
        out.write(f"database  {snapshot.path}\n")
    if unfinished:
        out.write("sync      one was stopped half-way: linkgraph sync goes on with it\n")
    _write_queue(edits, push)
    if facts["last_error"] and facts["last_error"] != STOPPED:
        narrate(f"the last sync failed: {plain(facts['last_error'], 500)}")
    if ends is not None and ends - datetime.now(UTC) < timedelta(days=14):
        narrate(f"the token ends on {ends:%Y-%m-%d}: make a new one, then account add --replace")


def _write_queue(edits: Mapping[State, int], push: Mapping[str, Any] | None) -> None:
    """Write what waits, what wants a decision, and how the last push went."""
    waiting = [f"{edits[state]:,} {state}" for state in _WAITING if state in edits]
    if waiting:
        more = "edits resolve" if _UNDECIDED & edits.keys() else "edits plan"
        sys.stdout.write(f"edits     {', '.join(waiting)}: linkgraph {more}\n")
    if push is None:
        return
    began = age(datetime.now(UTC) - push["began_at"].replace(tzinfo=UTC))
    line = f"{push['push_id']}, {began} ago by {plain(push['pushed_by'], 80)}: {push['state']}"
    sys.stdout.write(f"push      {line}\n")
    if push["state"] in _OPEN_PUSHES:
        narrate(
            f"push {push['push_id']} is under way or was broken off: "
            "linkgraph edits push goes on with it"
        )


def _as_json(push: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value.isoformat()}Z" if isinstance(value, datetime) else value
        for name, value in push.items()
    }


def age(passed: timedelta) -> str:
    """How long ago, in the largest unit that says something."""
    seconds = max(0, int(passed.total_seconds()))
    for name, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _counts(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    named = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"{total:,} ({named})" if counts else "none"
