"""What stands below an editor that was never used: statements to begin with.

They run over every account's tables, and each shows something else: links, cards, edits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.sqlcolours import PARTS, painted


@dataclass(frozen=True, slots=True)
class Sample:
    """One statement, with what it asks."""

    asks: str
    sql: str


SAMPLES = (
    Sample(
        "How many links of each kind are there?",
        "select relation, count(*) as links\nfrom edges where is_live\n"
        "group by all order by links desc",
    ),
    Sample(
        "Which contacts have most links?",
        "select contact_id, name, count(*) as links\n"
        "from contacts join adjacency on type = 'contact' and id = contact_id\n"
        "where is_live group by all order by links desc limit 20",
    ),
    Sample(
        "What has become of the edits of links?",
        "select state, count(*) as edits, max(queued_at) as newest\nfrom edits group by state",
    ),
)
_TABLES = frozenset({"edges", "contacts", "adjacency", "edits"})


class Samples(OptionList):
    """The statements; choosing one writes it into the editor."""

    BINDING_GROUP_TITLE = "Samples"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "select", "Take", tooltip="Write it into the editor", id="sql.take-sample"
        ),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"samples--asks", *(f"sql--{part}" for part in PARTS)}
    DEFAULT_CSS = """
    Samples {
        height: 1fr;
        border: none;
        padding: 1 0 0 0;
        background: $background;
        scrollbar-size: 1 1;
        & > .option-list--option { padding: 0 2; }
        & > .option-list--option-highlighted { background: transparent; text-style: none; }
        &:focus > .option-list--option-highlighted {
            background: $block-cursor-blurred-background; color: $foreground; text-style: none;
        }
        &:focus { border: none; }
        & > .samples--asks { color: $text; text-style: bold; }
    }
    """

    @dataclass
    class Taken(Message):
        """A sample was chosen."""

        sql: str

    def __init__(self) -> None:
        super().__init__(markup=False)

    def on_mount(self) -> None:
        """Show them in the colours of the theme, whichever that is."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._paint())
        self._paint()

    def _paint(self) -> None:
        def style(part: str) -> Style:
            return self.get_component_rich_style(f"sql--{part}", partial=True)

        asks = self.get_component_rich_style("samples--asks", partial=True)
        lines = []
        for one in SAMPLES:
            parts = [Text(one.asks, asks), painted(one.sql, _TABLES, style)]
            lines.append(Text("\n").join(parts if one is SAMPLES[-1] else [*parts, Text("")]))
        chosen = self.highlighted
        self.set_options(Option(line) for line in lines)
        self.highlighted = chosen or 0

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Taken(SAMPLES[event.option_index].sql))
