"""Homes that browsers are opened on: the small world, mirrored over a real socket."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world
from tests.tui.worlds import small_world
from tui.state import FILE

ACCOUNT = "test"


@contextmanager
def running_crm(root: Path, hub: int = 0, settle: float = 0.2) -> Iterator[Simulator]:
    """Make a home at `root` with the account «test», mirrored, and keep its CRM running."""
    with Simulator(load_world(small_world(hub)), rate=None) as crm:
        settings = AccountSettings(crm.url, rate=float("inf"), settle=settle)
        Home(root).add(ACCOUNT, settings, crm.token)
        with linkgraph.open(home=root) as session:
            session.sync()
        yield crm


def as_new(crm: Simulator) -> None:
    """Give a running CRM the small world again, as if nobody had asked it anything."""
    crm.clear_faults()
    crm.settle()
    crm.running.behaviour = type(crm.running.behaviour)().changed({"rate": None})
    crm.running.world = crm.world = load_world(small_world())
    crm.clear_requests()


def make_home(root: Path, hub: int = 0) -> Path:
    """A home with the account «test», mirrored; its CRM has stopped since."""
    with running_crm(root, hub):
        return root


def forgetful(home: Path) -> Path:
    """A home whose browser has forgotten where it was."""
    (home / ACCOUNT / FILE).unlink(missing_ok=True)
    return home


def copied(home: Path, to: Path) -> Path:
    """A copy of a home that may be changed."""
    shutil.copytree(home, to, symlinks=True)
    return to


def session_of(home: Path, *, read_only: bool = False) -> Session:
    """A session of the account of a home."""
    return Session.open(home=home, read_only=read_only)
