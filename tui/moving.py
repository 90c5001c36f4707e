"""The keys that move the cursor of a list: the same ones, in the same words, wherever rows are."""

from textual.binding import Binding, BindingType


def moves(owner: str) -> list[BindingType]:
    """Keys for the actions `move(by)`, `page(by)`, `first` and `last`, where `by` is 1 or -1.

    `owner` begins the ids by which a person may give them other keys.
    """

    def key(keys: str, action: str, label: str, told: str) -> Binding:
        name = f"{owner}.{label.lower().replace(' ', '-')}"
        return Binding(keys, action, label, show=False, tooltip=told, id=name)

    return [
        key("down,j", "move(1)", "Down", "One row down"),
        key("up,k", "move(-1)", "Up", "One row up"),
        key("pagedown", "page(1)", "Page down", "A page down"),
        key("pageup", "page(-1)", "Page up", "A page up"),
        key("home,g", "first", "First", "The first row"),
        key("end,G", "last", "Last", "The last row"),
    ]
