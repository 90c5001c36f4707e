"""One asker asked: `python -m tests.benchmarks.askers NAME FOLDER [QUESTION …]`.

It prints a JSON object for each question, and one about itself: what `Report.of_lines` reads. The
answers lie in the account's folder.
"""

import argparse
import gc
import json
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.ask import Ask, Failed, Stopped
from tests.benchmarks.measures import peak_memory, timed

RUNS = 3
LONG = 10.0
"""Seconds after which a question is not asked again."""


def main() -> None:
    """Read the command line, open the account, ask."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.askers", description=__doc__)
    parser.add_argument("name", help="the asker, as in with_NAME.py")
    parser.add_argument("folder", type=Path, help="where `making.make` put the account")
    parser.add_argument("questions", nargs="*", metavar="QUESTION")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds a question may take")
    given = parser.parse_args()
    account = Account(given.folder)
    try:
        module = import_module(f"tests.benchmarks.askers.with_{given.name}")
    except ModuleNotFoundError as error:
        if (error.name or "tests").startswith("tests"):
            raise
        _tell(missing=error.name, peak=0.0)
        return
    with timed() as watch:
        able = module.open_account(account, given.timeout)
    gc.collect()
    gc.freeze()  # what was loaded stays: the collector need not look through it
    for question in given.questions or able:
        if question in able:
            _tell(question=question, **_asked(account, given.name, question, able[question]))
    _tell(version=_version(given.name), load=watch.seconds, peak=peak_memory())


def _asked(account: Account, name: str, question: str, ask: Ask) -> dict[str, Any]:
    seconds: list[float] = []
    cpu: list[float] = []
    told: dict[str, Any] = {"seconds": seconds, "cpu": cpu, "compared": ask.rows}
    found: Any = None
    try:
        while len(seconds) < RUNS and sum(seconds) < LONG:
            found = None  # or two answers would be held at a time
            with timed() as watch:
                found = ask.ask()
            seconds.append(watch.seconds)
            cpu.append(watch.cpu)
    except Stopped as stopped:
        return told | {"stopped": stopped.seconds}
    except Failed as failed:
        return told | {"failed": str(failed)}
    table = ask.told(found)
    path = account.answer(name, question)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return told | {"rows": table.num_rows}


def _tell(**about: object) -> None:
    print(json.dumps(about), flush=True)  # noqa: T201


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main()
