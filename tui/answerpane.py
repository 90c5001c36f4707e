"""An answer: what was asked, how many rows, what was left out, and the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from linkgraph.plaintext import plain
from linkgraph.wording import fixwords
from linkgraph.wording.numbers import counted
from queries.parameters import shown
from queries.runner import Answer
from queries.running import Stop
from tui.app import LinkgraphApp
from tui.calls import Calls
from tui.confirming import ConfirmScreen
from tui.exporting import ExportScreen, answer_writer
from tui.grid import ResultsGrid
from tui.lacking import Lacking, otherwise

if TYPE_CHECKING:
    from linkgraph.edits.fixes import Fixed
    from linkgraph.session import Session

#: Of the cards that a hub cap cut, so many are named.
_WORST = 3


class NoRows(Static, can_focus=True):
    """What is said where no row answers."""

    BINDING_GROUP_TITLE = "Answer"


class AnswerPane(Calls, Lacking, Vertical):
    """One answer at a time."""

    app = getters.app(LinkgraphApp)
    BINDING_GROUP_TITLE = "Answer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "Export", id="answer.export", tooltip="Write the rows to a file"),
        Binding(
            "F", "queue_fixes", "Queue fixes", id="answer.fixes",
            tooltip="Queue what the marked rows propose; all rows where none is marked",
        ),
        otherwise("F", "fixes"),
    ]  # fmt: skip
    LACKS: ClassVar[dict[str, str]] = {
        "fixes": "no row of this answer has a fix to queue\n"
        "→ enter on a card opens it in Browse, to edit its links there",
    }
    DEFAULT_CSS = """
    AnswerPane {
        & > .title { height: auto; max-height: 2; padding: 0 1; }
        & > .told { height: auto; max-height: 4; padding: 0 1; color: $text-muted; }
        & > .stale { height: auto; padding: 0 1; color: $warning; display: none; }
        &.-stale > .stale { display: block; }
        & > .none { height: 1fr; display: none; content-align: center middle; color: $success; }
        &.-empty > .none { display: block; }
        &.-empty > ResultsGrid { display: none; }
        & > ResultsGrid { margin-top: 1; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.answer: Answer | None = None

    def compose(self) -> ComposeResult:
        """The lines above the grid."""
        yield Static("", classes="title", markup=False)
        yield Static("", classes="told", markup=False)
        yield Static("", classes="stale", markup=False)
        yield NoRows("", classes="none", markup=False)
        yield ResultsGrid()

    @property
    def grid(self) -> ResultsGrid:
        """The rows."""
        return self.query_one(ResultsGrid)

    def show(self, answer: Answer) -> None:
        """Show an answer in the place of the one before."""
        self.answer = answer
        self.query_one(".title", Static).update(_title(answer))
        self.query_one(".told", Static).update(told_of(answer))
        self.remove_class("-stale")
        self.set_class(not answer.total, "-empty")
        self.query_one(NoRows).update(_none(answer))
        self.grid.show(
            answer.table, {column.name: column.meaning for column in answer.question.columns}
        )

    def check_age(self, newest: int | None) -> None:
        """Say so where the answer is of an older snapshot than the newest."""
        answer = self.answer
        stale = answer is not None and newest is not None and answer.snapshot != newest
        self.set_class(stale, "-stale")
        if stale and answer is not None:
            words = f"▲ of snapshot {answer.snapshot}; snapshot {newest} is here: R asks again"
            self.query_one(".stale", Static).update(Text(words))

    def to_rows(self) -> None:
        """Go to the rows."""
        if self.has_class("-empty"):
            self.query_one(NoRows).focus()
        else:
            self.grid.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Fixes can be queued where rows have some."""
        answer = self.answer
        if action == "queue_fixes":
            return answer is not None and answer.fixes > 0
        return answer is not None if action == "export" else True

    def action_export(self) -> None:
        """Write the rows of the answer to a file."""
        answer = self.answer
        if answer is not None:
            name = answer.question.name
            self.app.push_screen(ExportScreen(name, answer.total, answer_writer(answer)))

    def action_queue_fixes(self) -> None:
        """Queue what the marked rows propose; asks first before it does so for all rows."""
        answer = self.answer
        if answer is None:
            return
        if self.app.status.read_only:
            self.app.say("this account is read-only: nothing is queued", severity="warning")
            return
        marked = self.grid.marked_rows
        if marked:
            self._queue(answer.only(marked))
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                self._queue(answer)

        lines = (
            f"{counted(answer.total, 'row')}, {answer.fixes:,} with a fix; no row is marked.",
            "Nothing is sent before you push; u takes it back.",
        )
        asking = ConfirmScreen(f"Queue the fixes of all {answer.fixes:,} rows?", lines, "Queue")
        self.app.push_screen(asking, confirmed)

    def _queue(self, answer: Answer) -> None:
        name = answer.question.name

        def queue(session: Session, stop: Stop) -> Fixed:
            whole = answer
            if answer.not_shown:
                whole = session.ask(name, answer.parameters, stop=stop)
            return session.queue_fixes([whole])

        self.ask("fixes", queue, lambda fixed: self._queued(fixed, name, answer.total))

    def _queued(self, fixed: Fixed, name: str, rows: int) -> None:
        lines = [fixwords.summary(fixed, name, rows), fixwords.standing(fixed)]
        gone = len(fixed.queued.replaced) + len(fixed.queued.cancelled)
        lines += [f"{counted(gone, 'edit')} replaced or cancelled"] if gone else []
        lines += [*fixwords.reasons(fixed, 2), *fixed.queued.warnings[:2]]
        lines += ["→ u takes it back"] if fixed.new else []
        severity = "warning" if fixed.refused or fixed.contradictory else "information"
        self.app.say("\n".join(filter(None, lines)), severity=severity, timeout=10)
        self.app.editing.remember(fixed.queued, f"the fixes of {counted(rows, 'row')} of {name}")
        self.app.queue_changed.publish(None)


def rows_told(count: int, left_out: int, seconds: float) -> str:
    """How many rows there are, and how long they took: `1,204 rows · 0.31 s`; cut ones say so."""
    rows = f"{count:,} of {counted(count + left_out, 'row')}" if left_out else counted(count, "row")
    return f"{rows} · {seconds:.2f} s"


def told_of(answer: Answer) -> Text:
    """What there is to know of an answer beside its rows, a line each."""
    age = f"snapshot {answer.snapshot}"
    if answer.compared is not None:
        age += f", compared with {answer.compared}"
    text = Text(rows_told(answer.table.num_rows, answer.not_shown, answer.seconds), "bold")
    text.append(f" · {age}", "not bold")
    if answer.fixes:
        text.append(f" · {answer.fixes:,} with a fix (F)", "not bold")
    if answer.cut is not None and answer.cut.count:
        names = [f"{plain(name, 40)} ({ref})" if name else ref for name, ref in _worst(answer)]
        more = f": {', '.join(names)}{' …' if answer.cut.count > len(names) else ''}"
        said = f"{plain(answer.cut.meaning, 300)}{more if names else ''}"
        text.append(f"\nleft out: {answer.cut.count:,} · {said}", "not bold")
    if answer.note:
        text.append(f"\n{plain(answer.note, 1000)}", "not bold")
    return text


def _worst(answer: Answer) -> list[tuple[str | None, str]]:
    return [] if answer.cut is None else answer.cut.cards(_WORST)


def _title(answer: Answer) -> Text:
    text = Text(plain(answer.question.title), "bold")
    given = [
        f"{name.replace('_', ' ')} {plain(shown(value), 60) or 'none'}"
        for name, value in answer.parameters.items()
    ]
    if given:
        text.append(f"  {' · '.join(given)}", "not bold dim")
    return text


def _none(answer: Answer) -> Text:
    problem = answer.question.problem
    words = f"✓ no {plain(problem)}" if problem else "no row answers this"
    return Text(words, justify="center")
