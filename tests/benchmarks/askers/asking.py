"""Askers in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.askers.account import Account
from tests.benchmarks.askers.answers import Report

ROOT = Path(__file__).parents[3]


def asked(account: Account, name: str, questions: Sequence[str], timeout: float) -> Report:
    """Ask one asker some questions in one process; what it did not come to has no result."""
    command = [sys.executable, "-m", "tests.benchmarks.askers", name, str(account.folder)]
    ended = subprocess.run(
        [*command, *questions, "--timeout", str(timeout)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    words = ended.stderr.strip().splitlines() or [f"signal {-ended.returncode}"]
    return Report.of_lines(name, lines, words[-1] if ended.returncode else "")
