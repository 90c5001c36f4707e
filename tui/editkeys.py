"""The keys of Edits, each with what it does, in a sentence."""

from textual.binding import Binding, BindingType

from tui.lacking import otherwise

KEYS: list[BindingType] = [
    Binding(
        "p",
        "plan",
        "Plan",
        id="edits.plan",
        tooltip="Read what is live, and show what a push would do",
    ),
    Binding(
        "d",
        "drop",
        "Drop",
        id="edits.drop",
        tooltip="Take the marked edits out of the queue, or the one under the cursor",
    ),
    Binding(
        "K",
        "resolve('keep')",
        "Keep mine",
        id="edits.keep",
        tooltip="Keep the edit in conflict, over what has changed",
    ),
    Binding(
        "D",
        "resolve('drop')",
        "Drop",
        id="edits.resolve-drop",
        show=False,
        tooltip="Give the edit up that is in conflict, failed or unknown",
    ),
    Binding(
        "Q",
        "resolve('requeue')",
        "Queue anew",
        id="edits.requeue",
        tooltip="Queue it anew, to be judged by what stands when it is planned next",
    ),
    Binding(
        "z",
        "undo",
        "Undo push",
        id="edits.undo",
        tooltip="Plan what takes the push under the cursor back (else the last one)",
    ),
    Binding(
        "R",
        "resume",
        "Take up again",
        id="edits.resume",
        tooltip="Take the push up again that was broken off",
    ),
    Binding(
        "X",
        "settle",
        "Settle only",
        id="edits.settle",
        tooltip="Find out what became of a push that was broken off, and send nothing more",
    ),
    Binding(
        "f,right,l",
        "filter(1)",
        "Filter",
        id="edits.filter",
        key_display="f",
        tooltip="Show the edits of the next state alone",
    ),
    Binding("left,h", "filter(-1)", "Filter back", show=False, tooltip="The filter before"),
    Binding("escape", "clear", "Clear", show=False, tooltip="Take marks and the filter off"),
    otherwise("K", "keep"),
    otherwise("D,Q", "decide"),
    otherwise("z", "undo"),
    otherwise("R,X", "resume"),
]

#: What is missing where a key makes no sense.
LACKS = {
    "keep": "no edit in conflict is marked, or under the cursor\n→ p finds out which are",
    "decide": "no edit in conflict, failed or unknown is marked, or under the cursor\n"
    "→ d drops one that waits",
    "undo": "nothing was pushed that could be taken back\n→ p plans what waits",
    "resume": "no push was broken off: there is none to take up\n→ p plans what waits",
    "pushing": "a push is under way\n→ only one that was broken off is taken up",
}
