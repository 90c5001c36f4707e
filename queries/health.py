"""The health of an account: every problem question asked of one snapshot, and what changed.

A question that fails is told of in its line; the others are asked all the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import pyarrow as pa

from linkgraph.errors import InvalidParameter, LinkgraphError, QueryStopped
from linkgraph.mirror.snapshots import Snapshot
from linkgraph.plaintext import plain
from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.figures import Figure, Figures, keep, kept
from queries.question import Question
from queries.runner import Answer, ask
from queries.running import Stop

#: How many rows of each question a report shows, unless asked for more or fewer.
WORST = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one problem question found."""

    question: Question
    answer: Answer | None
    """Its first rows, which are the worst; None where it could not be answered."""
    error: str = ""
    """Why it could not."""
    is_idle: bool = False
    """Whether that is no failure: it compares two snapshots, and only one is kept."""
    before: Figure | None = None
    """What the same question finds in the snapshot before; None where that is not known."""

    @property
    def name(self) -> str:
        """The question's name."""
        return self.question.name

    @property
    def words(self) -> str:
        """What its rows are called, in the plural."""
        return self.question.problem or self.question.title

    @property
    def figure(self) -> Figure | None:
        """It in numbers."""
        return None if self.answer is None else Figure(self.answer.total, self.answer.fixes)

    @property
    def count(self) -> int | None:
        """All its rows, shown or not; None where it could not be answered."""
        return None if self.answer is None else self.answer.total

    @property
    def fixes(self) -> int:
        """Rows that propose an edit, shown or not."""
        return 0 if self.answer is None else self.answer.fixes

    @property
    def change(self) -> int | None:
        """How many more rows than in the snapshot before; None where that is not known."""
        if self.count is None or self.before is None:
            return None
        return self.count - self.before.count

    @property
    def cut(self) -> int:
        """How many cards the question's hub cap left out."""
        cut = None if self.answer is None else self.answer.cut
        return 0 if cut is None else cut.count

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return 0.0 if self.answer is None else self.answer.seconds


@dataclass(frozen=True, slots=True)
class Health:
    """The report of an account."""

    account: str
    url: str
    """The account's address."""
    snapshot: int
    taken_at: datetime
    """When the sync that made the snapshot began to read (UTC)."""
    findings: tuple[Finding, ...]
    """By group, as the catalogue orders them."""
    compared: int | None = None
    """Number of the snapshot that the changes are counted from; None where none are told."""
    uncompared: str = ""
    """Why none are, where that is a failure."""

    @property
    def figures(self) -> Figures:
        """The report in numbers."""
        return Figures(
            {each.name: each.figure for each in self.findings if each.figure is not None},
            {each.name: each.error for each in self.findings if each.error and not each.is_idle},
        )

    @property
    def problems(self) -> int:
        """Rows of all questions."""
        return self.figures.problems

    @property
    def fixes(self) -> int:
        """Rows of all questions that propose an edit."""
        return self.figures.fixes

    @property
    def change(self) -> int | None:
        """How many more problems than in the snapshot before; None where a part is not known."""
        changes = [each.change for each in self.findings if not each.is_idle]
        known = [change for change in changes if change is not None]
        return sum(known) if self.compared is not None and len(known) == len(changes) else None

    def groups(self) -> Iterator[tuple[str, list[Finding]]]:
        """The findings by the groups of their questions."""
        for group, findings in groupby(self.findings, key=lambda each: each.question.group):
            yield group, list(findings)

    def since(self, snapshot: int, before: Figures) -> "Health":
        """The report, with what changed since an earlier snapshot."""
        findings = (replace(each, before=before.found.get(each.name)) for each in self.findings)
        return replace(self, findings=tuple(findings), compared=snapshot)


def examine(
    sources: Sources,
    catalogue: Catalogue,
    worst: int = WORST,
    *,
    account: str = "",
    timeout: float | None = None,
    stop: Stop | None = None,
) -> Health:
    """Ask every problem question, with its defaults.

    Args:
        sources: The snapshot.
        catalogue: The questions.
        worst: Most rows of each that the report keeps.
        account: What the report calls the account.
        timeout: Seconds after which a question is given up.
        stop: Stops the whole from another thread.

    Raises:
        QueryStopped: it was stopped.
    """
    with sources.engine.connect() as connection:
        (row,) = connection.exec_driver_sql("select snapshot, taken_at, base_url from meta").all()
    number, taken_at, url = row
    findings = tuple(_asked(sources, catalogue.problems(), worst, timeout, stop or Stop()))
    return Health(account, url, number, taken_at, findings)


def figures_of(
    snapshot: Snapshot,
    catalogue: Catalogue,
    open_sources: Callable[[], Sources],
    *,
    timeout: float | None = None,
    stop: Stop | None = None,
) -> Figures:
    """What the problem questions find in a snapshot, in numbers: those kept with it, else counted.

    Raises:
        QueryStopped: it was stopped.
        SnapshotTooNew, SnapshotUnusable: the snapshot cannot be read.
    """
    questions = catalogue.problems()
    known = kept(snapshot, questions)
    missing = [question for question in questions if question.name not in known]
    if not missing:
        return Figures(known)
    found = list(_asked(open_sources(), missing, 0, timeout, stop or Stop()))
    keep_findings(snapshot, found)
    counted = {each.name: each.figure for each in found if each.figure is not None}
    failed = {each.name: each.error for each in found if each.error and not each.is_idle}
    return Figures(known | counted, failed)


def keep_findings(snapshot: Snapshot, findings: Iterable[Finding]) -> None:
    """Keep what was counted with its snapshot."""
    keep(snapshot, ((each.question, each.figure) for each in findings if each.figure is not None))


def one_line(figures: Figures) -> str:
    """The report in a line: `1,284 problems, 412 safe fixes: linkgraph health`."""
    if figures.failed and not figures.found:
        return "the problems could not be counted: linkgraph health"
    parts = [told(figures.problems, "problem") if figures.problems else "no problems found"]
    if figures.problems:
        parts.append(told(figures.fixes, "safe fix", "es") if figures.fixes else "no safe fixes")
    if figures.failed:
        parts.append(f"{told(len(figures.failed), 'question')} failed")
    more = ": linkgraph health" if figures.problems or figures.failed else ""
    return f"{', '.join(parts)}{more}"


def told(count: int, word: str, plural: str = "s") -> str:
    """A number and its noun: `1 problem`, `1,284 problems`."""
    return f"{count:,} {word}{'' if count == 1 else plural}"


def signed(change: int | None) -> str:
    """A change with its sign: `+12`, `−3`; nothing where none is known, or nothing changed."""
    return f"{'+' if change > 0 else '−'}{abs(change):,}" if change else ""


def _asked(
    sources: Sources, questions: Iterable[Question], worst: int, timeout: float | None, stop: Stop
) -> Iterator[Finding]:
    for question in questions:
        if stop.asked:
            raise QueryStopped("the report was cancelled")
        yield _finding(sources, question, worst, timeout, stop)


def _finding(
    sources: Sources, question: Question, worst: int, timeout: float | None, stop: Stop
) -> Finding:
    try:
        answer = ask(sources, question, limit=worst, timeout=timeout, stop=stop)
        return Finding(question, _alone(answer))
    except LinkgraphError as error:
        if stop.asked:
            raise
        idle = question.compares and isinstance(error, InvalidParameter)
        return Finding(question, None, plain(error.message, 1000), idle)
    except Exception as error:  # a report of many is not to fall with one; `ask` shows it whole
        return Finding(question, None, plain(f"{type(error).__name__}: {error}", 1000))


def _alone(answer: Answer) -> Answer:
    """An answer without the rows that it does not show: a slice holds the memory of all."""
    cut = answer.cut and replace(answer.cut, table=_copied(answer.cut.table))
    return replace(answer, table=_copied(answer.table), cut=cut)


def _copied(table: pa.Table) -> pa.Table:
    return table.take(pa.array(range(table.num_rows), pa.int64()))
