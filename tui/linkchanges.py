"""What one sync did to the links of the account: a list to narrow, to open and to take back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from linkgraph.errors import LinkgraphError
from linkgraph.plaintext import plain
from linkgraph.wording.numbers import counted
from tui import changerows
from tui.calls import Calls
from tui.changerows import LinkChange, Narrowed
from tui.chips import Chips
from tui.lacking import Lacking, otherwise
from tui.rowlist import RowList
from tui.rows import Row

if TYPE_CHECKING:
    from linkgraph.edits.fixes import Fixed
    from linkgraph.mirror.merge import Change
    from linkgraph.session import Session
    from queries.runner import Answer
    from queries.running import Stop

#: Links that are listed at most: to look through more there are files.
MOST = 5_000
#: Seconds for which the cursor rests on a sync before its links are asked for.
_REST = 0.12
_QUESTION = "link-changes"


@dataclass(frozen=True, slots=True)
class Compared:
    """What lies between two snapshots."""

    since: int
    until: int
    counts: Sequence[Change]
    """Of all links, by relation."""
    answer: Answer
    """The first of them, or of those that were asked for."""
    rows: Sequence[Row]


class LinkChanges(Calls, Lacking, Vertical):
    """The links that came, went or changed between two snapshots, or why there are none."""

    BINDING_GROUP_TITLE = "Changed links"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "t",
            "kinds(1)",
            "Kind",
            id="changes.kinds",
            tooltip="Show only what was added, removed or changed",
        ),
        Binding(
            "f",
            "relations(1)",
            "Links",
            id="changes.relations",
            tooltip="Show only links of one kind",
        ),
        Binding(
            "o",
            "other",
            "Other card",
            id="changes.other",
            tooltip="Open the second card of the link in Browse",
        ),
        Binding(
            "F",
            "undo",
            "Bring back",
            id="changes.undo",
            tooltip="Queue the edits that bring back what was, of the marked links or this one",
        ),
        Binding(
            "escape",
            "back",
            "Back",
            show=False,
            id="changes.back",
            tooltip="Take off marks, then filters, then go back to the syncs",
        ),
        otherwise("t,f", "changed"),
        otherwise("o,F", "link"),
    ]
    LACKS: ClassVar[dict[str, str]] = {
        "changed": "no link changed: there is nothing to narrow\n→ esc goes back to the syncs",
        "link": "no link is under the cursor\n→ esc takes the filter off, or goes to the syncs",
    }

    class Left(Message):
        """Who looked at links wants to go back to the syncs."""

    headline = query_one("#headline", Static)
    reason = query_one("#reason", Static)
    kinds = query_one("#kinds", Chips)
    relations = query_one("#relations", Chips)
    more = query_one("#more", Static)
    links = query_one("#links", RowList)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.compared: Compared | None = None
        self._narrowed = Narrowed()

    def compose(self) -> ComposeResult:
        """What it is of, the filters, and the links or why there are none."""
        yield Static(id="headline", markup=False)
        yield Chips(id="kinds")
        yield Chips(id="relations")
        yield Static(id="reason", markup=False)
        yield RowList(changerows.draw, id="links", marks=True)
        yield Static(id="more", markup=False)

    # What is shown

    def explain(self, head: Text, text: str) -> None:
        """Say in the place of links why there are none."""
        self.stop("links")
        self.compared = None
        self.add_class("-explaining")
        self.headline.update(head)
        self.reason.update(Text(text))
        if self.links.has_focus:
            self.post_message(self.Left())
        self.links.show([])

    def compare(self, head: Text, since: int, until: int) -> None:
        """Show what lies between two snapshots, from the beginning."""
        self.headline.update(head)
        self._narrowed = Narrowed()
        self._read(since, until)

    def _read(self, since: int, until: int) -> None:
        narrowed = self._narrowed

        def read(session: Session, stop: Stop) -> Compared:
            asked = {"change": narrowed.change, "relation": narrowed.relation}
            answer = session.ask(_QUESTION, asked, since=since, until=until, limit=MOST, stop=stop)
            counts = session.change_counts(since, until, stop=stop)
            return Compared(since, until, counts, answer, changerows.rows_of(answer))

        self.ask("links", read, self._show, self._cannot, after=_REST)

    def _show(self, compared: Compared) -> None:
        self.compared = compared
        self.remove_class("-explaining")
        self._list()

    def _cannot(self, error: LinkgraphError) -> None:
        hint = f"\n→ {plain(error.hint, 300)}" if error.hint else ""
        self.explain(Text("These cannot be compared", "bold"), plain(error.message, 500) + hint)

    def _list(self) -> None:
        """List what is asked for of what was read."""
        compared, narrowed = self.compared, self._narrowed
        if compared is None:
            return
        counts = compared.counts
        self.kinds.show(
            changerows.change_chips(counts, narrowed.relation), f"change {narrowed.change}"
        )
        self.relations.show(
            changerows.relation_chips(counts, narrowed.change), f"relation {narrowed.relation}"
        )
        self.relations.display = len(counts) > 1
        rows = [row for row in compared.rows if narrowed.holds(row)]
        empty = "No such link." if counts else "No link changed."
        self.links.show(rows, empty=Text(f"\n  {empty}", "dim"))
        left = compared.answer.not_shown
        self.more.display = left > 0
        self.more.update(
            Text(
                f"{counted(left, 'more link')}: narrow them by t and f, or write them to a file: "
                f"linkgraph changes --since {compared.since} --until {compared.until} "
                "-o changes.xlsx"
            )
        )
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense here."""
        if action in ("kinds", "relations"):
            return self.compared is not None and bool(self.compared.counts)
        if action in ("other", "undo"):
            return self.links.current is not None
        return True

    def action_kinds(self, by: int) -> None:
        """Go on to the next kind of change."""
        self.kinds.step(by)

    def action_relations(self, by: int) -> None:
        """Go on to the next kind of link."""
        self.relations.step(by)

    @on(Chips.Picked)
    def _picked(self, event: Chips.Picked) -> None:
        event.stop()
        of, _, key = event.key.partition(" ")
        now = self._narrowed
        if of == "change":
            self._narrow(Narrowed(key, now.relation))
        else:
            self._narrow(Narrowed(now.change, key))

    def _narrow(self, narrowed: Narrowed) -> None:
        self._narrowed = narrowed
        compared = self.compared
        # Of more than are listed, others may be among those that were not read.
        if compared is not None and (compared.answer.not_shown or self._was_narrowed):
            self._read(compared.since, compared.until)
        self._list()

    @property
    def _was_narrowed(self) -> bool:
        """Whether what was read is a part of all."""
        assert self.compared is not None
        return self.compared.answer.total < sum(
            one.added + one.removed + one.changed for one in self.compared.counts
        )

    @on(RowList.Chosen)
    def _enter_card(self, event: RowList.Chosen) -> None:
        event.stop()
        value: LinkChange = event.row.value
        self.app.open_card(value.owner)

    def action_other(self) -> None:
        """Open the second card of the link."""
        if self.links.current is not None:
            value: LinkChange = self.links.current.value
            self.app.open_card(value.other)

    def action_back(self) -> None:
        """Take off marks, then filters, then go back to the syncs."""
        if self.links.clear_marks():
            return
        if self._narrowed != Narrowed():
            self._narrow(Narrowed())
            return
        self.post_message(self.Left())

    # The inverse

    def action_undo(self) -> None:
        """Queue the edits that bring back what was."""
        compared = self.compared
        values: list[LinkChange] = [row.value for row in self.links.chosen]
        if compared is None or not values:
            return
        if self.app.status.read_only:
            self.app.say("this account is read-only: nothing is queued", severity="warning")
            return
        places = [value.place for value in values if value.fix]
        if not places:
            self.app.say(_NO_WAY_BACK, severity="warning")
            return
        part = compared.answer.only(places)
        without = len(values) - len(places)

        def queue(session: Session, stop: Stop) -> Fixed:
            return session.queue_fixes([part])

        self.ask("queue", queue, lambda fixed: self._queued(fixed, without))

    def _queued(self, fixed: Fixed, without: int) -> None:
        app, new = self.app, fixed.new
        what = str(new[0].edit) if len(new) == 1 else counted(len(new), "edit")
        words = [f"queued: {what}" if new else "nothing new was queued"]
        words += [
            f"not queued: {refused.fix}: {refused.reason}"
            for refused in (*fixed.refused, *fixed.contradictory)[:3]
        ]
        if without:
            words.append(f"{counted(without, 'link')} without a plain way back")
        if new:
            app.editing.remember(fixed.queued, words[0])
            words.append("→ u takes it back; nothing is sent before you push")
        app.say("\n".join(words), severity="warning" if fixed.refused else "information")
        self.links.clear_marks()
        app.queue_changed.publish(None)

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """What can be done with the links."""
        if self.compared is not None and self.links.current is not None:
            yield (
                "changes: Bring back what was",
                "Queue the edits that bring back what was",
                self.action_undo,
            )


_NO_WAY_BACK = (
    "there is no plain way back: a card is deleted, or what the link carried is not known"
)
