"""The keys of the browser as a table for its page, read from the bindings themselves.

`python -m tests.keys` writes them into docs/browser.md; `tests/tui/test_keys.py` holds them true.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen

import tui
from tests.readme import ROOT

PAGE = ROOT / "docs" / "browser.md"
_BLOCK = re.compile(
    r"(<!-- keys: written by python -m tests.keys -->\n).*?(<!-- end of keys -->)", re.DOTALL
)
#: Keys whose names in code are not what stands on a keyboard.
_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "space": "space",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}


def own_bindings() -> Iterator[tuple[type[DOMNode], Binding]]:
    """Every binding that a class of the browser declares itself, by class."""
    seen: set[type] = set()
    for found in pkgutil.iter_modules(tui.__path__):
        module = importlib.import_module(f"tui.{found.name}")
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if not own or not issubclass(kind, DOMNode) or kind in seen:
                continue
            seen.add(kind)
            for binding in Binding.make_bindings(vars(kind).get("BINDINGS", ())):
                yield kind, binding


def table() -> str:
    """The keys, by where they work; several keys of one action in one line."""
    places: dict[str, dict[tuple[str, str], list[str]]] = {}
    for kind, binding in own_bindings():
        if binding.system or not (binding.tooltip or binding.description):
            continue
        told = binding.tooltip or binding.description
        actions = places.setdefault(_place(kind), {})
        actions.setdefault((binding.action, told), []).append(_key(binding.key))
    lines = []
    for place in sorted(places, key=lambda name: (name != "Everywhere", name)):
        lines += [f"**{place}**", "", "| keys | |", "| --- | --- |"]
        for (_, told), keys in places[place].items():
            lines.append(f"| {' '.join(f'`{key}`' for key in dict.fromkeys(keys))} | {told} |")
        lines.append("")
    return "\n".join(lines)


def _place(kind: type[DOMNode]) -> str:
    if issubclass(kind, App):
        return "Everywhere"
    title = getattr(kind, "BINDING_GROUP_TITLE", None)
    if title:
        return str(title)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__.removesuffix("Screen")).lower()
    return f"{words.capitalize()} (dialog)" if issubclass(kind, ModalScreen) else words.capitalize()


def _key(name: str) -> str:
    parts = name.split("+")
    key = _NAMES.get(parts[-1], parts[-1])
    return "+".join([*parts[:-1], key]).replace("|", "\\|")


def page() -> str:
    """The page with its table of keys as they are now."""
    return _BLOCK.sub(
        lambda match: f"{match[1]}\n{table()}\n{match[2]}", PAGE.read_text(encoding="utf-8")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
