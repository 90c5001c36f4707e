"""The list of statements that were run, to be searched and taken up again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from linkgraph.plaintext import plain
from tui.leaving import Leaving
from tui.shown import age
from tui.sqlcolours import PARTS, one_line, painted
from tui.sqlhistory import CANCELLED, Run, matching


class PastScreen(Leaving, ModalScreen[str | None]):
    """Statements, newest first; its result is the one that is taken, if any."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="past.close"),
        Binding("down", "move(1)", "Older", show=False),
        Binding("up", "move(-1)", "Newer", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "past--told",
        "past--failed",
        *(f"sql--{part}" for part in PARTS),
    }
    DEFAULT_CSS = """
    PastScreen {
        align: center middle;
        & > Vertical {
            width: 90%; max-width: 120; height: 80%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { border: none; height: 1; background: $surface; padding: 0; margin-bottom: 1; }
        & OptionList {
            height: 1fr; border: none; background: $surface; padding: 0; scrollbar-size: 1 1;
            text-wrap: nowrap; text-overflow: ellipsis;
            & > .option-list--option-highlighted {
                background: $block-cursor-background; color: $block-cursor-foreground;
                text-style: none;
            }
        }
        & #past-none { color: $text-muted; height: 1fr; display: none; }
        & VerticalScroll {
            height: auto; max-height: 45%; border-top: solid $border; scrollbar-size: 1 1;
        }
        & > .past--told { text-style: dim; }
        & > .past--failed { color: $error; }
    }
    """

    def __init__(self, runs: Sequence[Run], now: datetime, tables: Collection[str]) -> None:
        """`runs` oldest first, `now` for their ages, `tables` that are coloured."""
        super().__init__()
        self._runs = runs
        self._now = now
        self._tables = tables
        self._found: list[Run] = []

    def compose(self) -> ComposeResult:
        """Words to look for, the statements, and all of the one under the cursor."""
        with Vertical():
            yield Input(placeholder="words of a statement that was run", compact=True)
            yield OptionList(markup=False, compact=True)
            yield Static(id="past-none", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(id="past-whole", markup=False)

    def on_mount(self) -> None:
        """Begin with all of them."""
        self.query_one(OptionList).can_focus = False
        self._show("")

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _take(self) -> None:
        place = self.query_one(OptionList).highlighted
        if place is not None:
            self.dismiss(self._found[place].sql)

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index].sql)

    @on(OptionList.OptionHighlighted)
    def _tell(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._found):
            whole = painted(self._found[event.option_index].sql, self._tables, self._style)
            self.query_one("#past-whole", Static).update(whole)

    def action_move(self, by: int) -> None:
        """Go down or up in the list while the words are typed."""
        listed = self.query_one(OptionList)
        if listed.highlighted is not None:
            listed.highlighted = max(0, min(len(self._found) - 1, listed.highlighted + by))

    def _show(self, words: str) -> None:
        self._found = matching(self._runs, words)
        listed, none = self.query_one(OptionList), self.query_one("#past-none", Static)
        listed.display, none.display = bool(self._found), not self._found
        listed.set_options(Option(self._line(run)) for run in self._found)
        if self._found:
            listed.highlighted = 0
        else:
            self.query_one("#past-whole", Static).update("")
            none.update(
                Text("none has these words" if self._runs else "no statement was run yet; F5 runs")
            )

    def _line(self, run: Run) -> Text:
        when = age(run.at, self._now)
        if run.failed:
            came = "cancelled" if run.failed == CANCELLED else "failed"
            style = self._named("past--failed")
        else:
            came = f"{run.rows or 0:,}{'+' if run.more else ''}"
            style = self._named("past--told")
        line = Text(f"{when:>9}  ", self._named("past--told"), no_wrap=True, end="")
        line.append(f"{came:>10}  ", style)
        return line.append(plain(one_line(run.sql), 300))

    def _style(self, part: str) -> Style:
        return self._named(f"sql--{part}")

    def _named(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)
