"""The tables that SQL can read, as a tree, and what the one under the cursor means.

It only shows: what is chosen is told to the screen, which writes it into the editor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from linkgraph.plaintext import plain
from queries.tablelist import ColumnInfo, TableInfo

#: The most that is shown of a comment, and of the values of an enumerated type.
_COMMENT = 300

Item = TableInfo | ColumnInfo


class TableTree(Tree[Item]):
    """Tables, then views, with their columns."""

    BINDING_GROUP_TITLE = "Tables"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select_cursor",
            "Insert",
            tooltip="Write the name into the editor",
            id="sql.insert-name",
        ),
        Binding(
            "space",
            "toggle_node",
            "Open",
            show=False,
            tooltip="Open the table, or close it",
            id="sql.open-table",
        ),
        Binding("right,l", "open", "Open", show=False, tooltip="Open the table"),
        Binding("left,h", "close", "Close", show=False, tooltip="Close the table"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("home,g", "scroll_home", show=False),
        Binding("end,G", "scroll_end", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tables--type", "tables--view"}

    def __init__(self) -> None:
        super().__init__("tables")
        self.show_root = False
        self.auto_expand = False
        self.guide_depth = 2
        self.show_guides = False

    def show(self, tables: Sequence[TableInfo]) -> None:
        """Show these; those that are open stay open, and the cursor stays where it is."""
        opened = {node.data.name for node in self.root.children if node.is_expanded and node.data}
        cursor = self.cursor_node.data.name if self.cursor_node and self.cursor_node.data else ""
        self.clear()
        for table in tables:
            name = Text(plain(table.name, 80))
            node = self.root.add(name, table, expand=table.name in opened)
            for column in table.columns:
                node.add_leaf(Text(plain(column.name, 80)), column)
        self.root.expand()
        at = next(
            (node for node in self.root.children if node.data and node.data.name == cursor), None
        )
        self.call_after_refresh(self.move_cursor, at or next(iter(self.root.children), None))

    def render_label(self, node: TreeNode[Item], base_style: Style, style: Style) -> Text:
        """The name, and the type of a column."""
        item = node.data
        if isinstance(item, ColumnInfo):
            quiet = self.get_component_rich_style("tables--type", partial=True)
            return Text.assemble(
                (plain(item.name, 80), style), "  ", (plain(item.type, 40), style + quiet), end=""
            )
        sign = "▾ " if node.is_expanded else "▸ "
        label = Text.assemble((sign, base_style), (str(node.label), style), end="")
        if item is not None and item.is_view:
            quiet = self.get_component_rich_style("tables--view", partial=True)
            label.append("  view", style + quiet)
        return label

    def action_open(self) -> None:
        """Open the table; from an open one go to its first column."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded:
            self.action_cursor_down()
        elif node is not None:
            node.expand()

    def action_close(self) -> None:
        """Close the table; from a column go to its table first."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)

    async def _on_click(self, event: events.Click) -> None:
        # One click opens a table, two write a name: a click that only looks writes nothing.
        event.prevent_default()
        line = event.style.meta.get("line")
        if line is None:
            return
        self.cursor_line = line
        node = self.get_node_at_line(line)
        if event.chain == 2:
            await self.run_action("select_cursor")
        elif node is not None and node.allow_expand and event.chain == 1:
            node.toggle()


class SchemaTree(Vertical):
    """The tree of tables, with what the item under the cursor means below it."""

    DEFAULT_CSS = """
    SchemaTree {
        background: $surface;
        & > TableTree {
            height: 1fr;
            background: $surface;
            padding: 0 0 0 1;
            scrollbar-size: 1 1;
            & > .tables--type { text-style: dim; }
            & > .tables--view { text-style: italic dim; }
        }
        & > #meaning {
            height: auto;
            min-height: 3;
            max-height: 40%;
            padding: 0 1;
            border-top: solid $border;
            color: $foreground;
        }
    }
    """

    @dataclass
    class Chosen(Message):
        """A table or column was chosen."""

        name: str

    def compose(self) -> ComposeResult:
        """The tree, and the meaning below."""
        yield TableTree()
        yield Static(Text("the tables are being read …", "dim"), id="meaning", markup=False)

    def show(self, tables: Sequence[TableInfo]) -> None:
        """Show the tables there are."""
        self.query_one(TableTree).show(tables)

    def tell(self, words: str) -> None:
        """Say why there are no tables."""
        self.query_one("#meaning", Static).update(Text(plain(words, _COMMENT)))

    @on(Tree.NodeHighlighted)
    def _tell(self, event: Tree.NodeHighlighted[Item]) -> None:
        event.stop()
        self.query_one("#meaning", Static).update(meaning(event.node.data))

    @on(Tree.NodeSelected)
    def _choose(self, event: Tree.NodeSelected[Item]) -> None:
        event.stop()
        if event.node.data is not None:
            self.post_message(self.Chosen(event.node.data.name))


def meaning(item: Item | None) -> Text:
    """What a table or column means, as the snapshot tells it."""
    if item is None:
        return Text("")
    text = Text(plain(item.name, 80), "bold")
    if isinstance(item, TableInfo):
        text.append("  view" if item.is_view else "  table", "not bold dim")
    else:
        text.append(f"  {plain(item.type, 60)}", "not bold dim")
    text.append(f"\n{plain(item.comment, _COMMENT)}", "not bold")
    if isinstance(item, ColumnInfo) and item.values:
        text.append(f"\n{plain(', '.join(item.values), _COMMENT)}", "not bold dim")
    return text
