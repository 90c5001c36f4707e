"""A question on a page: what it asks, its parameters, what exactly it means, what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from queries.question import Question
from tui.calls import GROUP
from tui.parameterform import ParameterForm

#: Seconds that a question is to be looked at before its page is made: one may run through the list.
_PAUSE = 0.04


class QuestionPage(VerticalScroll, can_focus=False):
    """The page of one question at a time."""

    BINDING_GROUP_TITLE = "Question"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+j,ctrl+enter", "ask", "Ask", id="page.ask", tooltip="Ask it so"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    DEFAULT_CSS = """
    QuestionPage {
        padding: 1 2;
        scrollbar-size-vertical: 1;
        scrollbar-color: $border;
        scrollbar-background: $background;
        & > * { height: auto; margin-bottom: 1; max-width: 110; }
        & > .title { text-style: bold; color: $primary; margin-bottom: 0; }
        & > .name { color: $text-muted; }
        & > .heading { color: $accent; text-style: bold; margin-bottom: 0; }
        & > .quiet { color: $text-muted; }
        & > .failed { color: $error; }
        & > Button { width: auto; min-width: 12; }
    }
    """

    class Asked(Message):
        """The question is to be asked with what the form says."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.question: Question | None = None
        self.form = ParameterForm((), {})
        self._newest: list[Widget] = []
        self._stands = False
        """Whether what is shown is mounted"""
        self._is_awaited = False
        """Whether to go to the form when it is"""
        self._putting = asyncio.Lock()

    def show(self, question: Question, texts: Mapping[str, str]) -> None:
        """Show a question with what is given for its parameters, by name."""
        self.question = question
        self.form = ParameterForm(question.parameters, texts)
        self._replace(self._about(question))

    def show_broken(self, name: str, error: LinkgraphError) -> None:
        """Show why a question cannot be asked."""
        self.question = None
        self.form = ParameterForm((), {})
        self._replace([_static(plain(name, 80), "title"), _failure(error)])

    def tell(self, error: LinkgraphError | None) -> None:
        """Tell why there is no answer; None takes it back."""
        for old in self.query(".failed"):
            old.remove()
        if error is not None:
            told = _failure(error)
            self.mount(told, before=self.query_one("#ask"))
            told.scroll_visible()

    def to_form(self) -> None:
        """Go to the first field that matters, or to the button; once they stand."""
        self._is_awaited = not self._stands
        if self._stands and not self.form.to_first():
            for button in self.query("#ask"):
                button.focus()

    def action_ask(self) -> None:
        """Ask the question."""
        if self.question is not None:
            self.post_message(self.Asked())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_ask()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_ask()

    def _replace(self, parts: list[Widget]) -> None:
        self._newest, self._stands, self._is_awaited = parts, False, False

        async def replace() -> None:
            await asyncio.sleep(_PAUSE)
            # What has begun is not broken off: whoever waits for widgets to go ends with their
            # tasks when it is cancelled, and Textual's app is one of those that wait.
            await asyncio.shield(self._put(parts))

        work: Any = replace  # of what `run_worker` takes the checker finds two readings
        self.run_worker(work, group=f"{GROUP} page", exclusive=True)

    async def _put(self, parts: list[Widget]) -> None:
        async with self._putting:
            if parts is not self._newest or not self.is_attached:
                return
            await self.remove_children()
            await self.mount_all(parts)
            self.scroll_home(animate=False)
            if parts is self._newest:
                self._stands = True
                if self._is_awaited:
                    self.to_form()

    def _about(self, question: Question) -> list[Widget]:
        parts: list[Widget] = [
            _static(question.title, "title"),
            _static(f"{question.group} · {question.name}", "name"),
        ]
        if question.text != question.title:
            parts.append(_static(question.text))
        parts.append(self.form)
        parts.append(Button(Text("Ask  ⏎"), variant="primary", id="ask", compact=True))
        if question.definition and question.definition != question.text:
            parts += [_static("What it means", "heading"), _static(question.definition, "quiet")]
        if question.columns:
            width = max(len(column.name) for column in question.columns)
            lines = [
                Text.assemble((f"{plain(column.name):<{width}}  ", "bold"), plain(column.meaning))
                for column in question.columns
            ]
            parts.append(_static("What comes back", "heading"))
            parts.append(Static(Text("\n").join(lines), classes="quiet", markup=False))
        if question.cut_meaning:
            parts.append(_static(f"Left out, counted and named: {question.cut_meaning}", "quiet"))
        if question.path is not None:
            parts.append(_static(f"Its file: {question.path}", "quiet"))
        return parts

    def compose(self) -> ComposeResult:
        """Nothing before a question is shown."""
        return ()


def _static(text: str, classes: str = "") -> Static:
    return Static(Text(plain(text, 4000)), classes=classes, markup=False)


def _failure(error: LinkgraphError) -> Static:
    """Why there is no answer, and what to do next."""
    hint = f"\n→ {plain(error.hint, 1000)}" if error.hint else ""
    return Static(Text(f"✗ {plain(error.message, 1000)}{hint}"), classes="failed", markup=False)
