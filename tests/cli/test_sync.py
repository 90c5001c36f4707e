"""The road as a person walks it: a simulated CRM in one process, commands in others."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from linkgraph.cli.exits import ExitCode
from tests.forked import Forked
from tests.terminal import environment, in_terminal, linkgraph, without_escapes


class Crm:
    """`linkgraph simulate` as a process of its own."""

    def __init__(self, *options: str) -> None:
        self._process = Forked(
            *("linkgraph", "simulate", "--rate", "none", *options),
            environment=environment(),
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.url, self.token = (
            self._process.stdout.readline().split()[1] for _ in ("url", "token")
        )

    def requests(self) -> list[dict[str, Any]]:
        """Every request so far."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/_simulator/requests").json()
        return found

    def behave(self, **switches: Any) -> None:
        """Set switches anew."""
        httpx.patch(f"{self.url}/_simulator/behaviour", json=switches).raise_for_status()

    def state(self) -> dict[str, Any]:
        """The whole world."""
        found: dict[str, Any] = httpx.get(f"{self.url}/_simulator/state", timeout=30).json()
        return found

    def close(self) -> int:
        """End it as Ctrl-C does; returns its exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@pytest.fixture(name="crm")
def _crm() -> Iterator[Crm]:
    crm = Crm("--size", "3k", "--seed", "5")
    yield crm
    assert crm.close() == 0


@pytest.fixture(name="home")
def _home(crm: Crm, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    done = linkgraph(
        *("account", "add", "work", "--url", crm.url, "--token-stdin", "--rate", "1000"),
        *("--home", str(home)),
        stdin=crm.token + "\n",
    )
    assert done.returncode == ExitCode.OK, done.stderr
    return home


def edges(home: Path) -> str:
    """All edges as CSV, in their order."""
    query = "select * from edges order by all"
    return linkgraph("sql", query, "-f", "csv", "--home", str(home)).stdout


def test_simulate_add_sync_ask(crm: Crm, home: Path) -> None:
    """In one terminal the CRM, in another the four commands of the README."""
    synced = linkgraph("sync", "--home", str(home))
    asked = linkgraph("ask", "companies-sharing-contacts", "--home", str(home))
    queried = linkgraph("sql", "select count(*) from edges", "--home", str(home))

    assert synced.returncode == asked.returncode == queried.returncode == ExitCode.OK
    assert synced.stdout == ""
    assert "cost: 1 request for each 250 cards" in synced.stderr
    assert "snapshot 1: " in synced.stderr
    assert len(asked.stdout.splitlines()) > 1
    assert int(queried.stdout.splitlines()[1]) == len(crm.state()["links"])


def test_second_sync_says_what_changed(crm: Crm, home: Path) -> None:
    """A link made in the CRM between two syncs is counted, by its kind."""
    linkgraph("sync", "--home", str(home))
    world = crm.state()
    linked = {
        link["to_entity_id"] for link in world["links"] if link["to_entity_type"] == "contacts"
    }
    lead = world["leads"][0]["id"]
    contact = next(card["id"] for card in world["contacts"] if card["id"] not in linked)
    httpx.post(
        f"{crm.url}/api/v4/leads/{lead}/link",
        json=[{"to_entity_id": contact, "to_entity_type": "contacts"}],
        headers={"Authorization": f"Bearer {crm.token}"},
    ).raise_for_status()

    again = linkgraph("sync", "--home", str(home))

    assert re.search(r"lead_contact +\+1$", again.stderr, re.MULTILINE), again.stderr
    assert "by the counts of snapshot 1" in again.stderr


def test_sync_of_a_card_asks_little(crm: Crm, home: Path) -> None:
    """`sync REF` reads just that card again: a handful of requests, a snapshot of its own."""
    linkgraph("sync", "--home", str(home))
    before = len(crm.requests())
    lead = crm.state()["leads"][0]["id"]

    done = linkgraph("sync", f"{crm.url}/leads/detail/{lead}", "--home", str(home))

    assert done.returncode == ExitCode.OK, done.stderr
    assert "snapshot 2: " in done.stderr
    assert "no link changed" in done.stderr
    asked = [entry for entry in crm.requests()[before:] if entry["path"].startswith("/api/")]
    assert len(asked) <= 5


def test_sync_of_a_card_that_is_not_there(crm: Crm, home: Path) -> None:
    """A card that the CRM does not have is named, and nothing is lost for it."""
    linkgraph("sync", "--home", str(home))
    before = edges(home)

    done = linkgraph("sync", "lead:1", "--home", str(home))

    assert done.returncode == ExitCode.OK, done.stderr
    assert "not in the CRM: lead:1" in done.stderr
    assert edges(home) == before


def test_interrupted_sync_goes_on(crm: Crm, home: Path) -> None:
    """Ctrl-C ends a sync in one line; the next goes on from there, and the mirror is whole."""
    crm.behave(latency=0.3)
    with Forked(
        *("linkgraph", "sync", "--home", str(home)),
        environment=environment(),
        stderr=subprocess.PIPE,
    ) as syncing:
        while sum("links" in entry["path"] for entry in crm.requests()) < 3:
            time.sleep(0.05)  # until some cards' links were read: nothing tells of it but the log
        syncing.send_signal(signal.SIGINT)
        _, said = syncing.communicate(timeout=60)
    crm.behave(latency=0)

    unfinished = linkgraph("status", "--home", str(home)).stdout
    resumed = linkgraph("sync", "--home", str(home))

    assert syncing.returncode == ExitCode.INTERRUPTED, said
    assert "Traceback" not in said
    assert "goes on from there" in said
    assert "stopped half-way" in unfinished
    assert "going on from a stopped sync" in resumed.stderr
    assert len(edges(home).splitlines()) - 1 == len(crm.state()["links"])


def test_progress_in_a_terminal(crm: Crm, home: Path) -> None:
    """In a terminal a sync shows each type of card while it reads, and ends in what it did."""
    crm.behave(latency=0.2)
    command = [sys.executable, "-m", "linkgraph", "sync", "--home", str(home)]

    text = without_escapes(in_terminal(command, columns=100, whole=True))

    assert "cards and links" in text
    assert re.search(r"leads +[\d,]+", text)
    assert "snapshot 1: " in text


def test_wait_that_the_crm_asks_for_is_shown(crm: Crm, home: Path) -> None:
    """While a 429 holds everything back the screen says so, and how long; then the sync goes on."""
    httpx.patch(
        f"{crm.url}/_simulator/faults",
        json={
            **{"action": "status", "status": 429, "match": "GET /api", "skip": 8, "times": 1},
            "headers": {"Retry-After": "4"},
        },
    ).raise_for_status()
    command = [sys.executable, "-m", "linkgraph", "sync", "--home", str(home)]

    text = without_escapes(in_terminal(command, columns=100, whole=True))

    assert "more as the CRM asked (429)" in text
    assert "snapshot 1: " in text


def test_blocked_account_stops_at_once(crm: Crm, home: Path) -> None:
    """A 403 from the gateway ends the sync at once and says that asking on makes it worse."""
    httpx.patch(
        f"{crm.url}/_simulator/faults",
        json={"action": "status", "status": 403, "body": "html", "match": "GET /api", "skip": 6},
    ).raise_for_status()

    done = linkgraph("sync", "--home", str(home))

    refused = [entry for entry in crm.requests() if entry["status"] == 403]
    assert done.returncode == ExitCode.CRM
    assert "gateway blocks this account" in done.stderr
    assert "do not try again" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(refused) <= 8  # those that were in flight together
