"""`linkgraph status`: what is mirrored, and how old it is."""

import json
import sys
from datetime import UTC, datetime, timedelta

import click

from linkgraph.cli import tables
from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.plaintext import plain
from linkgraph.settings import Home


@click.command()
@click.option("-f", "--format", "format_", type=click.Choice(("text", "json")), default="text")
@account_options
def status(format_: str, account: str | None, home: Home) -> None:
    """Show what is mirrored, how old it is, and how the last syncs went."""
    with open_session(home, account) as session:
        settings = session.account.settings
        snapshot = session.snapshots.current()
        card = snapshot.card() if snapshot else None
        runs = session.runs(1)
        unfinished = (session.account.folder / "staging.duckdb").exists()
        ends = session.token_ends()
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
    if facts["last_error"]:
        narrate(f"the last sync failed: {plain(facts['last_error'], 500)}")
    if ends is not None and ends - datetime.now(UTC) < timedelta(days=14):
        narrate(f"the token ends on {ends:%Y-%m-%d}: make a new one, then account add --replace")


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
