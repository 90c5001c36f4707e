"""A widget of ready lines, for what is read and not typed into: repainted without any layout.

Lines are rich texts whose styles are names of component classes without their prefix («muted»);
the theme gives them their colours. Too long a line is cut with an ellipsis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Span, Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from linkgraph.model import EntityType

#: The styles that a line may name.
STYLES = (
    *("muted", "title", "accent", "good", "bad", "warn", "struck"),
    *(kind.value for kind in EntityType),
)


class Lines(Widget):
    """Some lines; what does not fit below is not seen."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{style}" for style in STYLES}
    DEFAULT_CSS = """
    Lines {
        height: 1fr;
        & > .lines--muted { color: $text-muted; }
        & > .lines--title { text-style: bold; }
        & > .lines--accent { color: $accent; }
        & > .lines--good { color: $success; }
        & > .lines--bad { color: $error; }
        & > .lines--warn { color: $warning; }
        & > .lines--struck { color: $text-muted; text-style: strike; }
        & > .lines--lead { color: $primary; }
        & > .lines--customer { color: $secondary; }
        & > .lines--contact { color: $success; }
        & > .lines--company { color: $warning; }
        & > .lines--element { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Text] = ()
        self._base = Style()

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "\n".join(line.plain for line in self._lines)

    def show(self, lines: Sequence[Text]) -> None:
        """Show other lines; only those that differ are painted, and the layout stays as it is."""
        before, self._lines = self._lines, lines
        changed = [
            y
            for y, (old, new) in enumerate(zip_longest(before, lines))
            if old is None or new is None or old.style != new.style or old != new
        ]
        if changed:
            first, last = changed[0], changed[-1]
            self.refresh(Region(0, first, self.size.width, last - first + 1))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines."""
        self._base = self.rich_style  # takes longer to find out than a line does to paint
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line, as wide as the widget."""
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self._base)
        line = self._dressed(self._lines[y])
        line.truncate(width, overflow="ellipsis", pad=True)
        segments = Segment.apply_style(line.render(self.app.console), self._base)
        return Strip(segments, width)

    def _dressed(self, line: Text) -> Text:
        whole = Span(0, len(line.plain), line.style)  # a text without spans forgets its own style
        spans = [
            Span(span.start, span.end, self._style(span.style)) for span in (whole, *line.spans)
        ]
        return Text(line.plain, spans=spans, end="", no_wrap=True)

    def _style(self, style: str | Style) -> str | Style:
        if not isinstance(style, str):
            return style
        named = [name for name in style.split() if name in STYLES]
        if not named:
            return style
        return Style.combine(ink(self.get_component_rich_style(f"lines--{name}")) for name in named)


@lru_cache(256)
def ink(style: Style) -> Style:
    """A component's style without its background: what is written on whatever lies below.

    Its partial style would not do: in that a colour such as `$text-muted` is not worked out.
    """
    return Style(
        color=style.color,
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
    )


def fit(text: str, width: int) -> str:
    """A text in exactly `width` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    missing = width - cell_len(text)
    if missing >= 0:
        return text + " " * missing
    kept, used = [], 0
    for char in text:
        used += cell_len(char)
        if used > width - 1:
            break
        kept.append(char)
    cut = "".join(kept) + "…"
    return cut + " " * (width - cell_len(cut))


def joined(parts: Iterable[Text]) -> Text:
    """Texts with dots between them."""
    line = Text()
    for number, part in enumerate(parts):
        if number:
            line.append(" · ", "muted")
        line.append_text(part)
    return line


def spread(left: Text, right: Text, width: int) -> Text:
    """Two texts at both ends of a line; the left one gives way."""
    room = width - right.cell_len
    if room < 4:
        return left
    line = left.copy()
    line.truncate(room - 2, overflow="ellipsis")
    line.append(" " * (room - line.cell_len))
    return line.append_text(right)
