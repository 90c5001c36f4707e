"""The questions of the library, beside a graph database in Cypher and a script in networkx.

Every question with its defaults, all its rows fetched, best of three runs, in a process of its
own. The rivals (`tests.benchmarks.askers`) have a process each; their answers are held against
the library's, and a disagreement fails the run. Questions that cannot be said in Cypher have a
plain join beside them. `BENCHMARK_ACCOUNT=DIR` keeps the account there for the next run.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queries.catalogue import Catalogue
from queries.question import Question
from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.answers import Disagreement, Report, Result, compare
from tests.benchmarks.askers.asking import asked
from tests.benchmarks.askers.making import make
from tests.benchmarks.measures import Measure

#: Past this many links networkx takes gigabytes and minutes to load.
TOO_MANY_FOR_NETWORKX = 2_000_000
TIMEOUT = 120.0
"""Seconds after which an asker is stopped."""
TARGET, PAIRS_TARGET = 0.5, 1.5
"""Seconds for a question, and for one that multiplies neighbours, at up to 10 M links."""
WHOLE_GRAPH = {"islands", "glue"}
"""Questions that walk over all links; they have no target."""
JOIN = "leads ⋈ contacts, counted"


def run(links: int) -> Iterator[Measure]:
    """Each question with its ratio to each rival that can answer it, then what each process took.

    Raises:
        Disagreement: answers differ; all of them are named when everything has been measured.
    """
    with _account(links) as account:
        names = ["ladybug", *(["networkx"] if links < TOO_MANY_FOR_NETWORKX else [])]
        rivals = [asked(account, name, [], TIMEOUT) for name in names]
        join = asked(account, "linkgraph", [JOIN], TIMEOUT).results[JOIN]
        reports: list[Report] = []
        wrong: list[str] = []
        for question in Catalogue.load():
            report = asked(account, "linkgraph", [question.name], TIMEOUT)
            reports.append(report)
            yield from _measured(question, report, rivals, join)
            wrong += _disagreements(account, question.name, report, rivals)
        yield from _processes(reports, rivals)
        if wrong:
            raise Disagreement("\n".join(wrong))


@contextmanager
def _account(links: int) -> Iterator[Account]:
    kept = os.environ.get("BENCHMARK_ACCOUNT")
    if kept:
        folder = Path(kept)
        folder.mkdir(parents=True, exist_ok=True)
        found = Account(folder)
        yield found if found.is_made else make(folder, links)
        return
    with tempfile.TemporaryDirectory() as name:
        yield make(Path(name), links)


def _measured(
    question: Question, report: Report, rivals: list[Report], join: Result
) -> Iterator[Measure]:
    ours = report.results.get(question.name, Result(failed=report.died))
    if ours.best is None:
        words = f"{question.name}: {ours.failed or 'stopped'}"
        yield Measure(words, ours.stopped or 0.0, at_least=True, peak=report.peak)
        return
    beside = [
        (rival.name, rival.results[question.name])
        for rival in rivals
        if question.name in rival.results
    ]
    for name, theirs in beside or [(JOIN, join)]:
        stopped = theirs.best is None and theirs.stopped is not None
        yield Measure(
            question.name,
            ours.best,
            yardstick=f"{name}: {theirs.failed}" if theirs.failed else name,
            yard=theirs.stopped if stopped else theirs.best,
            target=_target(question),
            rows=ours.rows,
            peak=report.peak,
            cpu=min(ours.cpu, default=None),
            yard_cpu=min(theirs.cpu, default=None),
            at_least=stopped,
        )


def _target(question: Question) -> float | None:
    if any(parameter.name == "hub_cap" for parameter in question.parameters):
        return PAIRS_TARGET
    return None if question.name in WHOLE_GRAPH else TARGET


def _disagreements(
    account: Account, question: str, report: Report, rivals: list[Report]
) -> Iterator[str]:
    ours = account.answer("linkgraph", question)
    if report.results[question].best is None:
        return
    for rival in rivals:
        theirs = rival.results.get(question)
        if theirs is None or theirs.best is None:
            continue
        path = account.answer(rival.name, question)
        try:
            compare(question, ours, path, name=rival.name, rows=theirs.compared)
        except Disagreement as disagreement:
            yield str(disagreement)


def _processes(reports: list[Report], rivals: list[Report]) -> Iterator[Measure]:
    hungriest = max(reports, key=lambda report: report.peak)
    slowest = max(report.load for report in reports)
    for rival in rivals:
        if rival.missing:
            continue
        name = f"{rival.name} {rival.version}" + (f", died: {rival.died}" if rival.died else "")
        yield Measure("until it can be asked", slowest, "s", name, rival.load)
        yield Measure(
            f"peak memory ({', '.join(hungriest.results)})", hungriest.peak, "MB", name, rival.peak
        )
