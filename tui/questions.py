"""Questions: the catalogue beside the question, its parameters and its answer.

One question is asked at a time. The last answer stays until another comes, with the parameters that
it was asked with; which question that was, and what was given, is kept between starts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from linkgraph.errors import LinkgraphError, NothingMirrored, QueryStopped, UsageError
from linkgraph.wording.numbers import counted
from queries.catalogue import Catalogue
from queries.figures import Figures
from queries.parameters import Value
from queries.question import Question
from queries.running import Stop
from queries.statements import filled_sql
from tui.answerpane import AnswerPane
from tui.app import LinkgraphApp
from tui.catalogue import COUNTING, FAILED, CatalogueList
from tui.given import Given, at_hand
from tui.grid import ResultsGrid
from tui.lacking import otherwise
from tui.modes import ModeScreen
from tui.questionpage import QuestionPage

if TYPE_CHECKING:
    from linkgraph.session import Session
    from queries.runner import Answer

#: Rows that the grid is given at most; what is more is counted, and exported all the same.
MOST = 1_000_000
#: How often the time that an answer takes is told, in seconds.
_TICK = 0.1

Place = Literal["list", "page", "answer"]


class QuestionsScreen(ModeScreen):
    """The mode «questions»."""

    MODE = "questions"
    AUTO_FOCUS = "QuestionList"
    CSS_PATH = "questions.tcss"
    app = getters.app(LinkgraphApp)
    HELP = """
### Questions

Everything that linkgraph can ask of the account. **Enter** asks; what has parameters can be set
first with **→**. In the answer, **Enter** opens the card of a cell, **Space** marks rows, and **F**
queues what they propose: nothing is sent before you push.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "stop_asking", "Stop", id="questions.stop", priority=True,
            tooltip="Stop what is being asked",
        ),
        Binding("escape,left,h", "back", "Back", id="questions.back", tooltip="Back to the list"),
        Binding("R", "again", "Ask again", id="questions.again", tooltip="Ask it once more"),
        Binding("s", "show_sql", "SQL", id="questions.sql", tooltip="Show the question's SQL"),
        otherwise("R", "again"),
    ]  # fmt: skip
    LACKS: ClassVar[dict[str, str]] = {
        "again": "nothing was asked yet\n→ enter asks the question under the cursor",
    }

    def __init__(self) -> None:
        super().__init__()
        self._catalogue = Catalogue({})
        self._given = Given()
        self._place: Place = "list"
        self._began: float | None = None
        self._timer: Timer | None = None
        self._asked: tuple[str, Mapping[str, Value]] | None = None

    def compose_body(self) -> ComposeResult:
        """The list beside the page or the answer."""
        with Horizontal(id="questions"):
            yield CatalogueList(id="catalogue")
            with ContentSwitcher(id="right", initial="page"):
                yield QuestionPage(id="page")
                yield AnswerPane(id="answer")
        yield Static("", id="asking", markup=False)

    def on_mount(self) -> None:
        """List the questions, with the one that was asked last in view."""
        self._given = self.app.state.get("questions", Given)
        self._timer = self.set_interval(_TICK, self._tell_time, pause=True)
        self.app.snapshot_changed.subscribe(self, lambda _: self._snapshot_changed())
        self.ask("catalogue", lambda session, _: session.catalogue, self._listed)
        self._count()

    @property
    def _list(self) -> CatalogueList:
        return self.query_one(CatalogueList)

    @property
    def _page(self) -> QuestionPage:
        return self.query_one(QuestionPage)

    @property
    def _pane(self) -> AnswerPane:
        return self.query_one(AnswerPane)

    # The catalogue

    def _listed(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._list.fill(catalogue, self._given.question)

    def _count(self) -> None:
        """Count the problems, where that was not done already for this snapshot."""

        def count(session: Session, stop: Stop) -> dict[str, str]:
            problems = session.catalogue.problems()
            return _told(problems, session.figures(stop=stop))

        def not_counted(error: LinkgraphError) -> None:
            self._list.count({})
            if not isinstance(error, NothingMirrored | QueryStopped):
                self.app.fail(error)

        def waiting(catalogue: Catalogue) -> None:
            self._list.count({question.name: COUNTING for question in catalogue.problems()})
            self.ask("figures", count, self._list.count, not_counted)

        self.ask("problems", lambda session, _: session.catalogue, waiting)

    @on(CatalogueList.Highlighted)
    def _highlighted(self, event: CatalogueList.Highlighted) -> None:
        event.stop()
        answer = self._pane.answer
        if answer is not None and answer.question.name == event.name:
            self._switch("answer")
        else:
            self._show_page(event.name)

    @on(CatalogueList.LookedAt)
    def _looked_at(self, event: CatalogueList.LookedAt) -> None:
        event.stop()
        self._show_page(event.name)
        self._go("page")

    @on(CatalogueList.Chosen)
    def _chosen(self, event: CatalogueList.Chosen) -> None:
        """Ask with what is given; go to the form where something is missing or refused."""
        event.stop()
        if self._page.question is None or self._page.question.name != event.name:
            self._show_page(event.name)
        if self._page.question is None or self._page.form.lacks_something or not self._ask_page():
            self._go("page")

    def _show_page(self, name: str) -> None:
        if not name:
            return
        try:
            question = self._catalogue.get(name)
        except UsageError as error:
            self._page.show_broken(name, error)
        else:
            self._page.show(question, self._given.texts(question, at_hand(self.app.state)))
        self._switch("page")

    # Asking

    @on(QuestionPage.Asked)
    def _page_asked(self, event: QuestionPage.Asked) -> None:
        event.stop()
        self._ask_page()

    def _ask_page(self) -> bool:
        """Ask the question of the page with what its form says; whether the form is right."""
        question, form = self._page.question, self._page.form
        values = form.read()
        if question is None or values is None:
            return False
        self._given.parameters[question.name] = form.texts()
        self._ask(question.name, values)
        return True

    def _ask(self, name: str, values: Mapping[str, Value]) -> None:
        self._given.question = name
        self._given.stood(name, at_hand(self.app.state))
        self.app.state.put("questions", self._given)
        self._asked = name, values
        self._page.tell(None)
        self._set_asking(True)
        self.ask(
            "answer",
            lambda session, stop: session.ask(name, values, limit=MOST, stop=stop),
            self._answered,
            partial(self._not_answered, name),
        )

    def _answered(self, answer: Answer) -> None:
        waited_for = self._list.current == answer.question.name
        self._set_asking(False)
        self._pane.show(answer)
        self._pane.check_age(self.app.status.snapshot)
        if waited_for:
            self._go("answer")
        else:
            self.app.say(f"answered: {answer.question.title}: {counted(answer.total, 'row')}")

    def _not_answered(self, name: str, error: LinkgraphError) -> None:
        self._set_asking(False)
        if self._page.question is not None and self._page.question.name == name:
            self._page.tell(error)
            self._go("page")
        else:
            self.app.fail(error)

    def _set_asking(self, asking: bool) -> None:
        self._began = time.monotonic() if asking else None
        if self._timer is not None:
            (self._timer.resume if asking else self._timer.pause)()
        self.set_class(asking, "-asking")
        self.refresh_bindings()
        self._tell_time()

    def _tell_time(self) -> None:
        if self._began is not None and self._asked is not None:
            seconds = time.monotonic() - self._began
            words = f"asking {self._asked[0]} · {seconds:.1f} s · esc stops"
            self.query_one("#asking", Static).update(Text(words))

    # Keys

    def action_stop_asking(self) -> None:
        """Stop what is being asked."""
        self.stop("answer")
        self._set_asking(False)
        self.app.say("stopped: there is no answer")

    def action_back(self) -> None:
        """Go back from the answer to the question, and from it to the list."""
        if self._place == "answer":
            self._switch("page")
            if self._pane.answer is not None:
                self._show_page(self._pane.answer.question.name)
            self._go("page")
        elif self._place == "page":
            self._go("list")

    def action_again(self) -> None:
        """Ask once more what was asked last."""
        if self._asked is not None:
            self._list.go_to(self._asked[0])
            self._ask(*self._asked)

    def action_show_sql(self) -> None:
        """Show the SQL of the question, with its parameters in it."""
        from tui.statement import StatementScreen

        question = self._page.question
        answer = self._pane.answer
        if answer is not None and (self._place == "answer" or question is None):
            question, values = answer.question, answer.parameters
        elif question is not None:
            read = self._page.form.read()
            if read is None:
                return
            values = read
        else:
            return
        try:
            sql = filled_sql(question, values)
        except LinkgraphError as error:
            self.app.say(f"{error.message}\n→ {error.hint}", severity="warning")
            return

        def carried(yes: bool | None) -> None:
            if yes:
                self.app.open_sql(sql)

        self.app.push_screen(StatementScreen(question.title, sql), carried)

    @on(events.DescendantFocus)
    def _went(self, event: events.DescendantFocus) -> None:
        """Know where one is, however one came there."""
        parts: dict[Place, Widget] = {"page": self._page, "answer": self._pane, "list": self._list}
        for place, part in parts.items():
            if part in event.widget.ancestors_with_self:
                self._place = place
        self.refresh_bindings()

    @on(ResultsGrid.CardChosen)
    def _card_chosen(self, event: ResultsGrid.CardChosen) -> None:
        event.stop()
        self.app.open_card(event.ref)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One can ask again only what was asked, and go back only from somewhere."""
        if action == "again":
            return self._asked is not None
        if action == "stop_asking":
            return self._began is not None
        if action == "back":
            return self._place != "list"
        return True

    def palette(self) -> Iterable[tuple[str, str, Callable[[], object]]]:
        """Every question, and what can be done with the answer."""
        pane = self._pane
        if pane.answer is not None:
            yield "answer: Export rows", "Write the rows to a file", pane.action_export
            yield "answer: Ask again", "Ask the same once more", self.action_again
        if pane.answer is not None and pane.answer.fixes:
            yield "answer: Queue fixes", "Queue what the rows propose", pane.action_queue_fixes
        yield "question: Show SQL", "Show the statement that answers it", self.action_show_sql
        for question in self._catalogue:
            yield (
                f"question: {question.title}",
                question.text,
                partial(self._look_at, question.name),
            )

    # Within

    def _look_at(self, name: str) -> None:
        self._list.go_to(name)
        self._show_page(name)
        self._go("page")

    def _switch(self, part: Literal["page", "answer"]) -> None:
        self.query_one(ContentSwitcher).current = part

    def _go(self, place: Place) -> None:
        """Go to the list, the question or the answer; at a narrow screen one of them is seen."""
        self._place = place
        self.set_class(place != "list", "-chosen")
        if place == "list":
            self._list.to_list()
        elif place == "page":
            self._switch("page")
            self._page.to_form()
        else:
            self._switch("answer")
            self._pane.to_rows()
        self.refresh_bindings()

    def _snapshot_changed(self) -> None:
        self._pane.check_age(self.app.status.snapshot)
        self._count()


def _told(problems: Iterable[Question], figures: Figures) -> dict[str, str]:
    """How many problems each question found, as the list tells it."""
    told = {}
    for question in problems:
        figure = figures.found.get(question.name)
        if figure is not None:
            told[question.name] = f"{figure.count:,}"
        elif question.name in figures.failed:
            told[question.name] = FAILED
    return told
