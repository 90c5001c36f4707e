"""Serving an account over a real socket: beside the tests in a thread, or as a process.

Invariant: only the loopback interface is listened on.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import uvicorn

from linkgraph.simulator.app import create_app
from linkgraph.simulator.behaviour import Behaviour
from linkgraph.simulator.connection import DroppableProtocol
from linkgraph.simulator.faults import Fault
from linkgraph.simulator.generator import generate, links_of_size
from linkgraph.simulator.requestlog import LoggedRequest
from linkgraph.simulator.running import Running
from linkgraph.simulator.tokens import make_token
from linkgraph.simulator.world import World
from linkgraph.simulator.worldfile import load_world

HOST = "127.0.0.1"


class PortInUseError(OSError):
    """The port asked for is taken; the message says so in one line."""


class Simulator:
    """An account served from a thread, for as long as the `with` block lasts.

    with Simulator(load_world({"leads": [{"id": 1}]}), rate=None) as simulator:
        httpx.get(simulator.url + "/api/v4/leads", headers=...)
    """

    def __init__(self, world: World, *, port: int = 0, **behaviour: Any) -> None:
        """`behaviour` are switches of `Behaviour`; port 0 is any free one."""
        self.world = world
        self.token = make_token(world.account_id)
        self.app = create_app(world, Behaviour().changed(behaviour))
        self.running: Running = self.app.state.running
        self._port = port
        self._listening = threading.Event()
        self.url = ""

    def __enter__(self) -> Self:
        self._socket = listen(self._port)
        self.url = _url(self._socket)
        self._server = _Server(self.app, self._listening.set)
        self._thread = threading.Thread(target=self._serve, name="simulator", daemon=True)
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def requests(self) -> list[LoggedRequest]:
        """Every request so far, oldest first."""
        return self.running.log.entries()

    def settle(self, seconds: float = 30) -> None:
        """Wait until no work is pending; TimeoutError where there still is after `seconds`."""
        end = time.monotonic() + seconds
        while self.running.underway.pending:
            if time.monotonic() > end:
                raise TimeoutError(f"work was pending for {seconds:g} seconds")
            time.sleep(0.01)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self.running.log.clear()

    def behave(self, **switches: Any) -> None:
        """Set some switches anew."""
        self.running.behaviour = self.running.behaviour.changed(switches)

    def fault(self, action: str, match: str = "", **rule: Any) -> Fault:
        """Add a scripted fault; the rule returned counts what it saw and did."""
        return self.running.faults.add({"action": action, "match": match, **rule})

    def clear_faults(self) -> None:
        """No more faults."""
        self.running.faults.replace([])

    def _serve(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._listening.set()


def run(
    *,
    port: int = 0,
    size: str = "1k",
    seed: int = 0,
    world: str | Path | None = None,
    behaviour: Mapping[str, str] | None = None,
    faults: Sequence[Mapping[str, Any]] = (),
    rate: float | None = 7,
    latency: float = 0,
    save: str | Path | None = None,
    announce: Callable[[str], None] = print,
    narrate: Callable[[str], None] | None = None,
) -> None:
    """Serve an account until interrupted or terminated.

    Args:
        port: The port on 127.0.0.1; 0 is any free one.
        size: How many links to generate, where no world file is given: 1k, 250k, 1m, 12345.
        seed: The same seed makes the same account.
        world: A world file to serve instead.
        behaviour: Switches as texts; they win over `rate` and `latency`.
        faults: Scripted faults.
        rate: Requests within any second; None lifts the limit.
        latency: Seconds of service time added to every answer.
        save: Where to write the world as it is when the simulator ends.
        announce: Told the two lines `url …` and `token …` once the simulator listens.
        narrate: Told what happens besides; stderr by default.

    Raises:
        PortInUseError: The port is taken.
        BehaviourError, FaultError, WorldFileError, SizeError: What was asked for is not there.
    """
    say = narrate or (lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    with contextlib.closing(listen(port)) as listener:
        switches = Behaviour(rate=rate, latency=latency).changed(behaviour or {})
        account = load_world(world) if world else generate(links_of_size(size), seed)
        app = create_app(account, switches)
        for rule in faults:
            app.state.running.faults.add(rule)
        account.warm()
        # The world stays: looking through it for garbage would only hold up requests.
        gc.freeze()

        def listening() -> None:
            announce(f"url {_url(listener)}")
            announce(f"token {make_token(account.account_id)}")
            sys.stdout.flush()
            say(_description(account, switches))

        server = _Server(app, listening)
        with _stopped_by_signals(server):
            asyncio.run(server.serve(sockets=[listener]))
    if save:
        Path(save).write_bytes(msgspec.json.encode(account.to_dict()))
        say(f"world saved to {save}")
    say("simulator stopped")


class _Server(uvicorn.Server):
    """uvicorn that says when it listens and leaves signals to its caller."""

    def __init__(self, app: Any, listening: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=DroppableProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                access_log=False,
                log_level="critical",
                log_config=None,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=1,
            )
        )
        self._tell_listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._tell_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals alone: uvicorn would raise them again once it has stopped."""
        yield


def listen(port: int) -> socket.socket:
    """A socket bound on loopback, so that the port is known before anything is served."""
    # Named as TCP, so that asyncio turns off Nagle's waiting: it costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Bound is not taken: with the address reusable only listening tells another listener.
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortInUseError(f"port {port} on {HOST} cannot be used: {error.strerror}") from error
    return listener


@contextlib.contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Generator[None, None, None]:
    def stop(_signal: int, _frame: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _description(world: World, behaviour: Behaviour) -> str:
    cards = ", ".join(f"{len(table):,} {type_}" for type_, table in world.cards.items())
    pace = "no rate limit" if behaviour.rate is None else f"{behaviour.rate:g} requests a second"
    return f"serving {len(world.links):,} links: {cards}; {pace}; Ctrl-C stops"
