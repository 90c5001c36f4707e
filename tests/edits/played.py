"""A world that is played for many tests and mirrored once: each test finds both as they were.

A first sync takes a second, and most tests only want what it leaves.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkgraph.session import Session
from linkgraph.simulator import Simulator, World
from tests.edits.homes import account_of, mirrored


@dataclass(frozen=True, slots=True)
class Played:
    """A CRM that runs, and the folder of its account after a first sync."""

    simulator: Simulator
    _world: Callable[[], World]
    _mirror: Path

    @contextmanager
    def fresh(self, **switches: Any) -> Iterator[Simulator]:
        """The CRM as if nobody had asked it anything, with the world as it was mirrored."""
        self.simulator.clear_faults()
        self.simulator.settle()
        running = self.simulator.running
        running.behaviour = type(running.behaviour)().changed({"rate": None, **switches})
        running.world = self.simulator.world = self._world()
        self.simulator.clear_requests()
        yield self.simulator

    def session(self, home: Path, **settings: Any) -> Session:
        """A session of a home of its own, with settings of its own, as after the first sync."""
        account = account_of(self.simulator, home, **settings)
        shutil.copytree(self._mirror, account.folder, symlinks=True, dirs_exist_ok=True)
        return Session(account)


@contextmanager
def playing(world: Callable[[], World], folder: Path) -> Iterator[Played]:
    """Play a world and mirror it into a folder; all tests share the CRM, and its address."""
    with Simulator(world(), rate=None) as simulator:
        first = mirrored(simulator, folder / "first")
        yield Played(simulator, world, first.account.folder)
