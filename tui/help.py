"""`?`: what the mode is for, and every key that works where the focus is, as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Markdown, Static

from linkgraph.plaintext import plain
from tui.leaving import Leaving

if TYPE_CHECKING:
    from textual.binding import ActiveBinding


class HelpScreen(Leaving, ModalScreen[None]):
    """The keys of the focused widget, of its screen and of the browser, with what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", id="help.close")
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > VerticalScroll {
            width: 90; max-width: 96%; height: auto; max-height: 92%;
            padding: 1 2; background: $surface; border: round $primary;
        }
        & Markdown { margin: 0 0 1 0; padding: 0; background: transparent; }
        & .title { color: $accent; text-style: bold; }
        & .keys { margin-bottom: 1; }
    }
    """

    def __init__(self, about: Screen[object]) -> None:
        """`about` is the screen whose keys are told."""
        super().__init__()
        self._help = getattr(about, "HELP", "") or ""
        self._groups = _grouped(about)

    def compose(self) -> ComposeResult:
        """What it is for, then the keys by group."""
        with VerticalScroll():
            if self._help:
                yield Markdown(self._help.strip())
            for title, lines in self._groups.items():
                yield Static(Text(title), classes="title", markup=False)
                yield Static(Text("\n").join(lines), classes="keys", markup=False)


def _grouped(screen: Screen[object]) -> dict[str, list[Text]]:
    """The keys that work now, by whose they are, nearest to the focus first."""
    groups: dict[str, dict[str, ActiveBinding]] = {}
    keys: dict[tuple[str, str], list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.system or not binding.description:
            continue
        title = getattr(active.node, "BINDING_GROUP_TITLE", None) or "Everywhere"
        groups.setdefault(title, {}).setdefault(binding.action, active)
        keys.setdefault((title, binding.action), []).append(screen.app.get_key_display(binding))
    told: dict[str, list[Text]] = {}
    for title, actions in groups.items():
        for action, active in actions.items():
            names = " ".join(dict.fromkeys(keys[title, action]))
            line = Text(f"{names:<14} ", style="bold", no_wrap=False)
            line.append(plain(active.tooltip or active.binding.description), "not bold")
            if not active.enabled:
                line.stylize("dim")
            told.setdefault(title, []).append(line)
    return told
