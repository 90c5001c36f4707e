"""A form for the parameters of a question: a line each, checked as the library checks them.

What is typed stays text until it is read; what a parameter does not take is told beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, getters, on
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from linkgraph.errors import InvalidParameter
from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from queries.cardlines import CardLine
from queries.parameters import NEWEST, PREVIOUS, WEEKDAYS, Kind, Parameter, Value, shown
from queries.running import Stop
from tui.app import LinkgraphApp
from tui.calls import Calls
from tui.shown import card_name

if TYPE_CHECKING:
    from linkgraph.session import Session

_YES_NO = ("yes", "no")


class Choice(Widget, can_focus=True):
    """One of a few words, all of them in sight; left and right go through them."""

    BINDING_GROUP_TITLE = "Choice"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "step(1)", "Next", tooltip="Choose the next word"),
        Binding("left,h", "step(-1)", "Previous", show=False, tooltip="Choose the word before"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--chosen", "choice--other"}
    DEFAULT_CSS = """
    Choice {
        width: 1fr; height: auto; min-height: 1; padding: 0 1;
        & > .choice--other { color: $text-muted; }
        & > .choice--chosen { color: $foreground; text-style: bold; }
        &:focus > .choice--chosen {
            background: $block-cursor-background; color: $block-cursor-foreground;
        }
    }
    """
    place = reactive(0, layout=True)

    def __init__(self, words: Sequence[str], chosen: str) -> None:
        super().__init__()
        self._words = words
        if chosen in words:
            self.set_reactive(Choice.place, words.index(chosen))

    @property
    def value(self) -> str:
        """The chosen word."""
        return self._words[self.place]

    def render(self) -> RenderResult:
        """The words in a row, the chosen one with another sign than the others."""
        text = Text()
        for place, word in enumerate(self._words):
            here = place == self.place
            style = self.get_component_rich_style(f"choice--{'chosen' if here else 'other'}")
            label = f"{'●' if here else '○'}\u00a0{plain(word, 40)}".replace(" ", "\u00a0")
            text.append(label, style + Style(meta={"place": place}))
            text.append("   " if place < len(self._words) - 1 else "")
        return text

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as there is room."""
        return container.width

    def action_step(self, step: int) -> None:
        """Choose the next word, or the one before, round and round."""
        self.place = (self.place + step) % len(self._words)

    def on_click(self, event: events.Click) -> None:
        """Choose the word that is pointed at."""
        place = event.style.meta.get("place")
        if isinstance(place, int):
            self.place = place


class CardInput(Calls, Input):
    """A card: its ref or address is typed, or it is searched for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "find", "Find the card", tooltip="Search for the card", id="card.find"),
    ]
    app = getters.app(LinkgraphApp)

    class Named(Message):
        """The card that stands in the field became known."""

        def __init__(self, ref: Ref, line: CardLine) -> None:
            super().__init__()
            self.ref = ref
            self.line = line

    def __init__(self, value: str, kinds: Sequence[str]) -> None:
        super().__init__(value, placeholder="lead:123 or an address · ctrl+f finds", compact=True)
        if kinds:
            self.placeholder = f"{kinds[0]}:123 or its address · ctrl+f finds"
        self._kinds = [EntityType(kind) for kind in kinds]

    def on_mount(self) -> None:
        """Tell whose card it is."""
        self.name_card()

    def name_card(self) -> None:
        """Look up the name of the card that stands here, if it is one."""
        text = self.value.strip()

        def look(session: Session, stop: Stop) -> tuple[Ref, CardLine]:
            card = session.ref(text)
            return card, session.cards([card])[card]

        def named(found: tuple[Ref, CardLine]) -> None:
            self.post_message(self.Named(*found))

        if text:
            self.ask("name", look, named, lambda _: None, after=0.1)

    def action_find(self) -> None:
        """Search for the card."""
        from tui.search import SearchScreen

        def chosen(ref: Ref | None) -> None:
            if ref is not None:
                self.value = str(ref)
                self.cursor_position = len(self.value)

        self.app.push_screen(SearchScreen(kinds=self._kinds or None, title="Which card?"), chosen)


class ParameterField(Vertical):
    """One parameter: its name, what is given for it, and what it means or why that is refused."""

    DEFAULT_CSS = """
    ParameterField {
        height: auto; margin-bottom: 1;
        & > Horizontal { height: auto; }
        & .name { width: 20; text-style: bold; }
        & Input {
            width: 1fr; max-width: 64; height: 1; border: none !important; padding: 0 1 !important;
            background: $surface;
            &:focus { background: $block-cursor-blurred-background; }
        }
        & .card { width: auto; max-width: 40%; padding-left: 1; }
        & .meaning { color: $text-muted; padding-left: 21; }
        &.-wrong .meaning { color: $error; }
    }
    """

    def __init__(self, parameter: Parameter, text: str) -> None:
        """`text` is what is given; empty where nothing is."""
        super().__init__()
        self.parameter = parameter
        self._text = text
        self._control = self._made()

    def compose(self) -> ComposeResult:
        """The field above what it means."""
        required = " *" if self.parameter.required else ""
        name = plain(self.parameter.name.replace("_", " "), 40)
        with Horizontal():
            yield Static(Text.assemble(name, (required, "not bold")), classes="name", markup=False)
            yield self._control
            if self.parameter.kind is Kind.CARD:
                yield Static("", classes="card", markup=False)
        yield Static(self._meaning(), classes="meaning", markup=False)

    @property
    def text(self) -> str:
        """What is given, as text."""
        return self._control.value

    def read(self) -> Value | None:
        """The value that is meant; None where nothing is given for what has a default.

        Raises:
            InvalidParameter: it takes no such value, or has to be given.
        """
        text = self.text if self.parameter.kind is Kind.TEXT else self.text.strip()
        if not text and self.parameter.required:
            raise InvalidParameter(
                f"{self.parameter.name} has to be given",
                hint=f"{self.parameter.name} takes {self.parameter.allowed}",
            )
        if not text and self.parameter.kind is not Kind.TEXT:
            return None
        return self.parameter.parse(text)

    def check(self) -> bool:
        """Whether the parameter takes what is given; tells beside it why not."""
        try:
            self.read()
        except InvalidParameter as error:
            self.add_class("-wrong")
            self._tell(Text(f"✗ {plain(error.message, 200)}: {plain(error.hint, 300)}"))
            return False
        self.remove_class("-wrong")
        self._tell(self._meaning())
        return True

    def to_control(self) -> None:
        """Go to what can be typed in or chosen."""
        self._control.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A refusal holds until something else is given."""
        event.stop()
        if self.has_class("-wrong"):
            self.check()
        if isinstance(self._control, CardInput):
            self.query_one(".card", Static).update("")
            self._control.name_card()

    @on(CardInput.Named)
    def _named(self, event: CardInput.Named) -> None:
        event.stop()
        self.query_one(".card", Static).update(card_name(event.ref, event.line))

    def _made(self) -> Choice | Input:
        parameter, text = self.parameter, self._text
        if parameter.kind is Kind.BOOLEAN:
            return Choice(_YES_NO, text)
        if parameter.kind is Kind.CARD:
            return CardInput(text, parameter.choices)
        if parameter.choices:
            return Choice(parameter.choices, text)
        suggester = None
        if parameter.kind is Kind.SNAPSHOT:
            suggester = SuggestFromList([PREVIOUS, NEWEST, *WEEKDAYS], case_sensitive=False)
        return Input(text, compact=True, suggester=suggester)

    def _tell(self, text: Text) -> None:
        for told in self.query(".meaning").results(Static):
            told.update(text)

    def _meaning(self) -> Text:
        parameter = self.parameter
        text = Text(plain(parameter.meaning, 400))
        if not isinstance(self._control, Choice):
            text.append(f" · {plain(parameter.allowed, 300)}")
        if parameter.default is not None and not isinstance(self._control, Choice):
            text.append(f" · default {plain(shown(parameter.default), 60) or 'none'}")
        return text


class ParameterForm(Vertical):
    """The fields of all parameters."""

    DEFAULT_CSS = """
    ParameterForm { height: auto; }
    """

    def __init__(self, parameters: Sequence[Parameter], texts: Mapping[str, str]) -> None:
        """`texts` are given by name; the others have their defaults."""
        super().__init__()
        self._fields = [
            ParameterField(
                one, texts.get(one.name, "" if one.default is None else shown(one.default))
            )
            for one in parameters
        ]

    def compose(self) -> ComposeResult:
        """A field each."""
        yield from self._fields

    @property
    def lacks_something(self) -> bool:
        """Whether something that has to be given is not."""
        return any(one.parameter.required and not one.text.strip() for one in self._fields)

    def texts(self) -> dict[str, str]:
        """What is given, by name, as text."""
        return {one.parameter.name: one.text for one in self._fields}

    def read(self) -> dict[str, Value] | None:
        """The values that are given, by name; None where one is refused: the focus goes there."""
        wrong = [one for one in self._fields if not one.check()]
        if wrong:
            wrong[0].to_control()
            return None
        values = {one.parameter.name: one.read() for one in self._fields}
        return {name: value for name, value in values.items() if value is not None}

    def to_first(self) -> bool:
        """Go to the first field that lacks a value, else to the first; whether there is one."""
        empty = [one for one in self._fields if one.parameter.required and not one.text.strip()]
        for one in [*empty, *self._fields][:1]:
            one.to_control()
        return bool(self._fields)
