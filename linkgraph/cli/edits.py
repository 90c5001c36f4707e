"""`linkgraph edits`: the group of commands that look after the queue."""

import click

from linkgraph.cli.lazily import LazyGroup

#: Where each command stands, and its line in `--help`, in the order in which they are needed.
EDIT_COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("editlist:list_", "List what is queued."),
    "import": ("editimport:import_", "Queue the edits of a file."),
    "plan": ("editplan:plan", "Show what a push would do; sends nothing."),
    "push": ("editpush:push", "Send the queue as mass requests, and verify it."),
    "undo": ("editundo:undo", "Take a push back."),
    "drop": ("editchoices:drop", "Take edits out of the queue."),
    "resolve": ("editchoices:resolve", "Decide what becomes of edits in conflict, or failed."),
    "log": ("editlog:log", "Tell what became of edits: who, when, and why."),
}


@click.group(cls=LazyGroup, listed=EDIT_COMMANDS)
def edits() -> None:
    """The queue of edits: look at it, fill it, plan, push, take back.

    Single edits are queued by linkgraph link, unlink, main and move; safe fixes by
    linkgraph health --queue-fixes, or ask QUESTION --queue-fixes. Nothing reaches the CRM before
    it is pushed.
    """
