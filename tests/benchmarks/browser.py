"""The browser in a terminal: from a key's byte to what it leads to on the screen.

The installed program runs in a pseudo-terminal and its screen is parsed (pyte); everything is
measured from the byte written to the text that arrived. `BENCHMARK_HOME=DIR` keeps the mirrored
account there for the next run.
"""

import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from linkgraph.accounts import AccountSettings
from linkgraph.errors import SyncStopped
from linkgraph.index import store
from linkgraph.mirror.merge import merge
from linkgraph.mirror.snapshots import INDEX, SnapshotCard, Snapshots
from linkgraph.model import EntityType, Ref
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import generate
from linkgraph.syncing import SyncProcess
from tests.benchmarks.measures import Measure
from tests.benchmarks.staged import BASE_URL, stage
from tests.benchmarks.terminal import Terminal

PROGRAM = str(Path(sys.executable).with_name("linkgraph"))
ACCOUNT = "big"
STARTS, STEPS, HUBS = 5, 210, 3
APART = 40
"""Places in a hub's list from what one browser walks to what the next does"""
REST = 0.4
"""Seconds without anything new after which a screen has come to rest"""
GLANCE = 0.02
"""Seconds after which the cursor is painted, and the card under it not read yet"""
SYNCED = "200k"
"""Links of the account that is mirrored meanwhile, again and again."""
PASS, IMPORTS = "pass", "import textual.app, duckdb"
START, STEP, SEARCH, MEMORY = 1000.0, 50.0, 150.0, 250.0
"""Targets: ms beyond Python's own start, ms, ms, MB."""
RIGHT, LEFT, DOWN, ESCAPE = "\x1b[C", "\x1b[D", "\x1b[B", "\x1b"
#: The columns of the card in focus, on a screen of 120: between the trail and the preview.
FOCUS = slice(26, 81)
NAME = 12
"""Letters of a name by which it is known on the screen: the end may be cut."""

Shows = Callable[[list[str]], bool]


def run(links: int) -> Iterator[Measure]:
    """Start, step, search, the memory after that; and the same while a sync runs."""
    with _home(links) as home, Session(home.account(ACCOUNT)) as session:
        sizes = session.index.busiest(HUBS).values()
        yield Measure(f"links of the {HUBS} hubs, at least", min(sizes), "")
        yield from _started(home, session)
        quiet = _walked(home, session)
        for (what, unit), (value, target) in quiet.items():
            yield Measure(what, value, unit, target=target)
        with _syncing():
            busy = _walked(home, session)
        for (what, unit), (value, target) in busy.items():
            yard = quiet[what, unit][0]
            yield Measure(f"{what}, in a sync", value, unit, "without it", yard, target)


# An account and its home


@contextmanager
def _home(links: int) -> Iterator[Home]:
    """The home of a mirrored account."""
    kept = os.environ.get("BENCHMARK_HOME")
    if kept:
        yield _mirrored(Path(kept), links)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _mirrored(Path(folder), links)


def _mirrored(folder: Path, links: int) -> Home:
    home = Home(folder)
    if ACCOUNT in home.account_names():
        return home
    account = home.add(ACCOUNT, AccountSettings(BASE_URL), "token")
    staging = account.folder / "benchmark.duckdb"
    stage(staging, generate(links, seed=1))

    def build(target: Path) -> SnapshotCard:
        card = merge(target, staging, None, number=1, max_removals=1.0).card
        store.write(target, target.with_name(INDEX), card)
        return card

    Snapshots(account.folder).publish(1, build, keep=1)
    staging.unlink()
    return home


@contextmanager
def _syncing() -> Iterator[None]:
    """Meanwhile an account is mirrored over and over, as fast as it can be, as the browser does it.

    Its CRM would be another machine: the simulated one gives way where both want the processor.
    """
    with tempfile.TemporaryDirectory() as folder, _crm() as (url, token):
        account = Home(Path(folder)).add("beside", AccountSettings(url, rate=math.inf), token)
        done, syncs = threading.Event(), []

        def mirror() -> None:
            while not done.is_set():
                with SyncProcess.start(account) as process:
                    syncs.append(process)
                    with suppress(SyncStopped):
                        process.watch(lambda progress: None)

        with ThreadPoolExecutor(1) as pool:
            mirroring = pool.submit(mirror)
            try:
                yield
            finally:
                done.set()
                syncs[-1].stop()
                mirroring.result()


@contextmanager
def _crm() -> Iterator[tuple[str, str]]:
    """A simulated account in a process of its own; its address and token."""
    command = [sys.executable, "-m", "linkgraph.simulator", "--size", SYNCED]
    with subprocess.Popen(
        [*command, "--behaviour", "rate=none"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: os.nice(19),
    ) as crm:
        try:
            assert crm.stdout is not None
            url, token = (crm.stdout.readline().split()[1] for _ in range(2))
            yield url, token
        finally:
            crm.terminate()


# Starting


def _started(home: Home, session: Session) -> Iterator[Measure]:
    """From nothing to a card's name and those of its first links: the card that one was at."""
    hub = next(iter(session.index.busiest(1)))
    _forget(home)
    with _opened(home) as (terminal, _):
        terminal.type(RIGHT, _is_at(session, hub))
        terminal.press("q")
        terminal.process.wait()
    took = []
    for _ in range(STARTS):
        with _opened(home, _is_at(session, hub)) as (_, seconds):
            took.append(seconds)
    _forget(home)
    plain = _run(PASS)
    yield Measure(
        "start to a card, beyond Python's own",
        (median(took) - plain) * 1e3,
        "ms",
        IMPORTS,
        (_run(IMPORTS) - plain) * 1e3,
        START,
    )
    yield Measure("… Python's own start", plain * 1e3, "ms")
    yield Measure("… the slowest of them all", (max(took) - plain) * 1e3, "ms")


@contextmanager
def _opened(home: Home, shows: Shows | None = None) -> Iterator[tuple[Terminal, float]]:
    """The browser, once it shows what it is to show (its start page), and after how long."""
    command = [PROGRAM, "browse", "--home", str(home.root), "--account", ACCOUNT]
    with Terminal(command) as terminal:
        moment = terminal.until(shows or _is_start)
        yield terminal, moment - terminal.began


def _run(code: str) -> float:
    took = []
    for _ in range(STARTS):
        began = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        took.append(perf_counter() - began)
    return median(took)


def _forget(home: Home) -> None:
    """Start from the start page again."""
    (home.account(ACCOUNT).folder / "browser.json").unlink(missing_ok=True)


# Walking and searching


@dataclass
class Took:
    """Milliseconds from keys to what they lead to."""

    hubs: list[float] = field(default_factory=list)
    """Into the busiest cards, not looked at before"""
    rested: list[float] = field(default_factory=list)
    """Into a card over which the cursor had rested: its preview was there"""
    fresh: list[float] = field(default_factory=list)
    """On to the next card and at once into it: nothing was read of it before"""
    searches: dict[str, list[float]] = field(default_factory=dict)


def _walked(home: Home, session: Session) -> dict[tuple[str, str], tuple[float, float | None]]:
    """Steps into cards and hubs, searches, and the memory that the last of the browsers held.

    By what it is, with its unit: the figure and its target.
    """
    took = Took()
    for number in range(STARTS):
        _forget(home)
        with _opened(home) as (terminal, _):
            terminal.rest(1)
            _walk(terminal, session, number, took)
            _search(terminal, session, took)
            memory = terminal.memory()
    _forget(home)
    steps = took.fresh + took.rested
    return {
        (f"step into a card, p50 of {len(steps)}", "ms"): (median(steps), None),
        ("… p95", "ms"): (_p95(steps), STEP),
        ("… of those not seen before, p95", "ms"): (_p95(took.fresh), STEP),
        (f"step into a hub, p50 of {len(took.hubs)}", "ms"): (median(took.hubs), None),
        ("… p95 of hubs", "ms"): (_p95(took.hubs), STEP),
        **{
            (f"first cards, {what}", "ms"): (median(each), SEARCH)
            for what, each in took.searches.items()
        },
        ("private memory", "MB"): (memory["own"], MEMORY),
        ("… its share of all it holds", "MB"): (memory["share"], None),
    }


def _walk(terminal: Terminal, session: Session, number: int, took: Took) -> None:
    """From the start page into each hub, and there into some cards of its list."""
    for hub in session.index.busiest(HUBS):
        at_hub = _is_headed(hub)
        took.hubs.append(terminal.type(RIGHT, _is_at(session, hub)))
        first, count = number * APART, STEPS // STARTS // HUBS
        terminal.press(DOWN * first)
        cards = [link.ref for link in session.links(hub)[first : first + count]]
        for rested, fresh in zip(cards[::2], cards[1::2], strict=True):
            terminal.rest(REST)
            took.rested.append(terminal.type(RIGHT, _is_at(session, rested)))
            terminal.type(LEFT, at_hub)
            terminal.press(DOWN)
            terminal.rest(GLANCE)
            took.fresh.append(terminal.type(RIGHT, _is_at(session, fresh)))
            terminal.type(LEFT, at_hub)
            terminal.press(DOWN)
        terminal.type(LEFT, _is_start)
        terminal.press(DOWN)
        terminal.rest(REST)


def _search(terminal: Terminal, session: Session, took: Took) -> None:
    for what, (text, shows) in _searches(session).items():
        terminal.type("/", _is_searching)
        terminal.rest(REST)
        took.searches.setdefault(what, []).append(terminal.type(text, shows))
        terminal.rest(REST)
        terminal.type(ESCAPE, lambda lines: not _is_searching(lines))


def _is_start(lines: list[str]) -> bool:
    return any("most links" in row for row in lines)


def _p95(took: Sequence[float]) -> float:
    return quantiles(took, n=20, method="inclusive")[-1]


def _is_at(session: Session, card: Ref) -> Shows:
    """Whether a card is in focus, with its name and those of its first links."""
    links = session.links(card)
    first = [link.ref for _, count in links.relations[:1] for link in links[: min(count, 3)]]
    lines = session.cards([card, *first])
    names = [(line.name or str(ref))[:NAME] for ref, line in lines.items()]

    def shows(screen: list[str]) -> bool:
        rows = [row[FOCUS] for row in screen]
        head = next((row for row in rows[1:4] if str(card) in row), "")
        return names[0] in head and all(any(name in row for row in rows[4:]) for name in names[1:])

    return shows


def _is_headed(card: Ref) -> Shows:
    """Whether a card is in focus, wherever in its list one is."""
    return lambda screen: any(str(card) in row[FOCUS] for row in screen[1:4])


def _is_searching(lines: list[str]) -> bool:
    return any("Search all cards" in row for row in lines)


def _searches(session: Session) -> dict[str, tuple[str, Shows]]:
    """What is typed, by what it is an example of, and how one sees that there are cards."""
    companies = session.index.graph.numbering.nodes_of(EntityType.COMPANY)
    (company,) = session.index.refs(companies[len(companies) // 2 :][:1])
    rare = (session.cards([company])[company].name or "").strip("»").split("«")[-1]

    def shows(text: str) -> Shows:
        names = [one.name or "" for one in next(iter(session.search(text)))]
        return lambda lines: any(name[:NAME] in row for row in lines[6:] for name in names)

    return {
        "a frequent text": ("иванов", shows("иванов")),
        "a rare one": (rare.lower(), lambda lines: any(rare in row for row in lines[6:])),
        "one letter": ("о", shows("о")),
        "none there is": (
            "qwzxqwzx",
            lambda lines: any("nothing found for «qwzxqwzx»" in row for row in lines),
        ),
    }
