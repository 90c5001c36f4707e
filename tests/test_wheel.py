"""The wheel alone, in an empty environment and from another folder, does what the checkout does."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from queries.catalogue import Catalogue
from tests.readme import ROOT
from tests.terminal import environment


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; returns its stdout."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,  # each usually takes some seconds
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_wheel_alone(tmp_path: Path) -> None:
    """Demo, questions, SQL and a sync of one card work without a checkout anywhere near."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("linkgraph-*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(binaries / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program, home = binaries / "linkgraph", f"--home={tmp_path / 'home'}"

    run(program, "demo", "--headless", "--size", "1k", home, cwd=elsewhere)
    questions = run(program, "ask", cwd=elsewhere)
    names = [line.split()[0] for line in questions.splitlines() if line.startswith("  ")]
    answers = [
        json.loads(run(program, "ask", name, "-f", "json", home, cwd=elsewhere))
        for name in ("companies-sharing-contacts", "islands", "orphan-contacts")
    ]
    health = json.loads(run(program, "health", "-f", "json", home, cwd=elsewhere))
    edges = run(program, "sql", "select count(*) from edges", home, cwd=elsewhere)
    where = run(
        binaries / "python",
        "-c",
        "import linkgraph, queries, tui; print(queries.__file__)",
        cwd=elsewhere,
    )

    assert len(names) == len(Catalogue.load())
    assert all(answers)
    assert health["problems"] > 0
    assert edges.splitlines()[1] == "1000"
    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
    assert list(elsewhere.iterdir()) == []
