"""The list of questions: in groups, with how many problems each finds, narrowed as one types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from linkgraph.plaintext import plain
from queries.catalogue import Catalogue
from queries.question import Question

#: Of a number that is being counted, and of one that could not be.
COUNTING, FAILED = "…", "✗"
#: Columns of a line that are not its own: blanks at both ends and before it, and the scrollbar.
_EDGES = 5
#: Questions whose files do not hold together.
_BROKEN = "Cannot be asked"


class QuestionList(OptionList):
    """The questions; headings between them cannot be chosen."""

    BINDING_GROUP_TITLE = "Questions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Ask", id="questions.choose", tooltip="Ask this question"),
        Binding("right,l", "look", "Look", id="questions.look", tooltip="Set its parameters"),
        Binding("f", "narrow", "Filter", id="questions.filter", tooltip="Narrow the list"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
        Binding("escape", "widen", "Show all", show=False, tooltip="Clear the filter"),
    ]

    @dataclass
    class Asked(Message):
        """Something else was asked of the list than to choose: «look», «narrow» or «widen»."""

        what: str

    def action_look(self) -> None:
        """Go to the question's page."""
        self.post_message(self.Asked("look"))

    def action_narrow(self) -> None:
        """Go to the filter."""
        self.post_message(self.Asked("narrow"))

    def action_widen(self) -> None:
        """Show all questions again."""
        self.post_message(self.Asked("widen"))


class FilterInput(Input):
    """What narrows the list; up and down go through the list meanwhile."""

    BINDING_GROUP_TITLE = "Filter"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "To the list", show=False),
        Binding("escape", "leave", "Clear", tooltip="Clear the filter, and back to the list"),
    ]

    class Left(Message):
        """One is through with the filter."""

    def action_leave(self) -> None:
        """Clear it, and go back to the list."""
        self.value = ""
        self.post_message(self.Left())


class CatalogueList(Vertical):
    """The filter above the list."""

    DEFAULT_CSS = """
    CatalogueList {
        & > FilterInput {
            height: 1; border: none !important; padding: 0 1 !important; background: $surface;
            &:focus { background: $block-cursor-blurred-background; }
        }
        & > QuestionList {
            height: 1fr; border: none; padding: 0; background: $background;
            &:focus { border: none; background-tint: transparent; }
            scrollbar-size-vertical: 1;
            scrollbar-color: $border;
            scrollbar-background: $background;
            & > .option-list--option { padding: 0 1; }
            & > .option-list--option-disabled { color: $accent; text-style: bold; }
            & > .option-list--option-highlighted {
                background: $block-cursor-blurred-background;
            }
            &:focus > .option-list--option-highlighted {
                background: $block-cursor-background; color: $block-cursor-foreground;
            }
        }
    }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor is on another question."""

        name: str

    @dataclass
    class Chosen(Message):
        """A question is to be asked."""

        name: str

    @dataclass
    class LookedAt(Message):
        """A question's page is to be gone to."""

        name: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._catalogue = Catalogue({})
        self._counts: Mapping[str, str] = {}
        self._current = ""
        self._width = 0

    def compose(self) -> ComposeResult:
        """The filter above the list."""
        yield FilterInput(placeholder="f filters the questions", compact=True)
        yield QuestionList(markup=False)

    # What its screen asks

    def fill(self, catalogue: Catalogue, current: str = "") -> None:
        """List the questions; the cursor goes to the one that is named, or the first."""
        self._catalogue = catalogue
        self._current = current
        self._list()
        self.post_message(self.Highlighted(self._current))

    def count(self, counts: Mapping[str, str]) -> None:
        """Tell beside problem questions what they find, by name."""
        self._counts = counts
        self._list()

    @property
    def current(self) -> str:
        """The name of the question that the cursor is on; empty where there is none."""
        return self._current

    def go_to(self, name: str) -> None:
        """Put the cursor on a question."""
        self._current = name
        self.query_one(FilterInput).value = ""
        self._list()

    def to_list(self) -> None:
        """Go to the list."""
        self.query_one(QuestionList).focus()

    # What keys ask

    def on_resize(self) -> None:
        """Numbers stand at the right edge."""
        if self.content_size.width != self._width:
            self._width = self.content_size.width
            self._list()

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._current = self._best(event.value.casefold().split()) or self._current
        self._list()
        self.post_message(self.Highlighted(self._current))

    @on(Input.Submitted)
    def _picked(self, event: Input.Submitted) -> None:
        event.stop()
        if self._current:
            self.post_message(self.Chosen(self._current))

    @on(FilterInput.Left)
    def _left(self, event: FilterInput.Left) -> None:
        event.stop()
        self.to_list()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        name = event.option.id or ""
        if name and name != self._current:
            self._current = name
            self.post_message(self.Highlighted(name))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id:
            self.post_message(self.Chosen(event.option.id))

    @on(QuestionList.Asked)
    def _do(self, event: QuestionList.Asked) -> None:
        event.stop()
        if event.what == "narrow":
            self.query_one(FilterInput).focus()
        elif event.what == "widen":
            self.query_one(FilterInput).value = ""
        elif self._current:
            self.post_message(self.LookedAt(self._current))

    # Within

    def _best(self, words: list[str]) -> str:
        """The question that is meant: by its title as typed, else by the words of its title."""
        if not words:
            return ""
        titles = {one.name: one.title.casefold() for one in self._catalogue}
        as_typed = [name for name, title in titles.items() if " ".join(words) in title]
        by_words = [name for name, title in titles.items() if all(word in title for word in words)]
        found = as_typed or by_words
        return self._current if self._current in found else next(iter(found), "")

    def _list(self) -> None:
        """Fill the list anew, and keep the cursor where it was as far as that is still there."""
        words = self.query_one(FilterInput).value.casefold().split()
        options: list[Option] = []
        for group, questions in self._catalogue.groups().items():
            fitting = [one for one in questions if _fits(one, group, words)]
            if fitting:
                options.append(Option(Text(plain(group, 60)), disabled=True))
                options += [Option(self._line(one), id=one.name) for one in fitting]
        broken = [name for name in self._catalogue.broken if all(word in name for word in words)]
        if broken:
            options.append(Option(Text(_BROKEN), disabled=True))
            options += [Option(Text(f"  {plain(name, 80)}"), id=name) for name in broken]
        listed = self.query_one(QuestionList)
        names = [option.id for option in options]
        if self._current not in names:
            self._current = next((name for name in names if name), "")
        with self.prevent(OptionList.OptionHighlighted):
            listed.set_options(options)
            if self._current:
                listed.highlighted = names.index(self._current)

    def _line(self, question: Question) -> Text:
        """The title, and at the right edge how many problems there are."""
        told = self._counts.get(question.name, "")
        room = max(self._width - _EDGES - (cell_len(told) + 1 if told else 0), 8)
        title = plain(question.title, 200)
        cut = title if cell_len(title) <= room else f"{set_cell_size(title, room - 1).rstrip()}…"
        text = Text(f"  {set_cell_size(cut, room)}", no_wrap=True, end="")
        if told:
            text.append(f" {told}", "dim" if told in ("0", COUNTING) else "bold")
        return text


def _fits(question: Question, group: str, words: list[str]) -> bool:
    """Whether all words stand somewhere in what a question says of itself."""
    said = f"{question.name} {question.title} {group} {question.text} {question.problem or ''}"
    return all(word in said.casefold() for word in words)
