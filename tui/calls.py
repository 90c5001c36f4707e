"""Blocking calls in threads, off the event loop: a newer one of a lane stops the older.

A call never touches a widget: it is handed the session and a stop, and what it returns is handed to
`then` on the event loop. What was overtaken is stopped where it runs, and its answer is dropped.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from linkgraph.errors import LinkgraphError, QueryStopped
from queries.running import Stop
from tui.faults import Guarded

if TYPE_CHECKING:
    from textual import getters
    from textual.dom import DOMNode as _Node

    from linkgraph.session import Session
    from tui.app import LinkgraphApp
else:
    # A node of the DOM to those who check types only: Textual takes the styles of a class from the
    # first of its bases that is one, which has to be `Screen`, `Widget` or `App`.
    _Node = object

T = TypeVar("T")
#: Workers of calls are told by this name from all others.
GROUP = "call"
#: Enough for every lane that may be busy at once.
_THREADS = 24


class Desk:
    """The session in use, lent to calls; one that was replaced is closed when all have it back."""

    def __init__(self, session: Session | None) -> None:
        self.session = session
        self.is_closed = False
        """Whether the browser is being left: nothing begins any more."""
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="call")
        self._lent: Counter[int] = Counter()
        self._retired: dict[int, Session] = {}
        self._stops: set[Stop] = set()
        self._lock = threading.Lock()

    def replace(self, session: Session) -> None:
        """Lend another session from now on."""
        with self._lock:
            old, self.session = self.session, session
            if old is not None:
                self._retired[id(old)] = old
        self._close_idle()

    def carry_out(self, call: Callable[[Session, Stop], T], stop: Stop) -> T:
        """Run a call in this thread with the session in use, which is not closed meanwhile."""
        with self._lock:
            session = self.session
            assert session is not None, "there is no account"
            self._lent[id(session)] += 1
            self._stops.add(stop)
        try:
            return call(session, stop)
        finally:
            with self._lock:
                self._lent[id(session)] -= 1
                self._stops.discard(stop)
            self._close_idle()

    def close(self) -> None:
        """Stop whatever runs, which ends by itself, soon; then the session is closed too."""
        with self._lock:
            self.is_closed = True
            if self.session is not None:
                self._retired[id(self.session)] = self.session
            for stop in self._stops:
                stop.ask()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._close_idle()

    def _close_idle(self) -> None:
        with self._lock:
            idle = [key for key in self._retired if not self._lent[key]]
            closing = [self._retired.pop(key) for key in idle]
        for session in closing:
            session.close()


class Calls(Guarded, _Node):
    """What a screen or a widget asks of the session; before `Screen` or `Widget` among bases."""

    if TYPE_CHECKING:
        app = getters.app(lambda: LinkgraphApp)

    def ask(
        self,
        lane: str,
        call: Callable[[Session, Stop], T],
        then: Callable[[T], object],
        failed: Callable[[LinkgraphError], object] | None = None,
        *,
        after: float = 0.0,
    ) -> None:
        """Call the session in a thread, and go on with the answer here.

        Args:
            lane: a newer call of this lane of this widget stops the older.
            call: runs in a thread, with the session and a stop that it hands on.
            then: goes on with the answer, on the event loop.
            failed: goes on with a failure; else it is told. A stop is no failure.
            after: seconds to wait before it begins; one that is overtaken meanwhile never does.
        """

        async def carry_out() -> None:
            await self._carry_out(call, then, failed, after)

        # A coroutine that is overtaken before it begins would complain that nobody awaited it.
        work: Any = carry_out  # of what `run_worker` takes the checker finds two readings
        self.run_worker(
            work,
            name=lane,
            group=f"{GROUP} {lane}",
            exclusive=True,
            exit_on_error=False,
        )

    def stop(self, lane: str) -> None:
        """Stop what a lane is doing; nothing comes of it any more."""
        self.app.workers.cancel_group(self, f"{GROUP} {lane}")

    def is_asking(self, lane: str) -> bool:
        """Whether a call of a lane is under way."""
        group = f"{GROUP} {lane}"
        return any(
            one.node is self and one.group == group and not one.is_finished
            for one in self.app.workers
        )

    async def _carry_out(
        self,
        call: Callable[[Session, Stop], T],
        then: Callable[[T], object],
        failed: Callable[[LinkgraphError], object] | None,
        after: float,
    ) -> None:
        app = self.app
        if after:
            await asyncio.sleep(after)
        desk, stop = app.desk, Stop()
        if desk.session is None or desk.is_closed:
            return
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(desk.threads, desk.carry_out, call, stop)
            then(answer)
        except asyncio.CancelledError:
            stop.ask()
            raise
        except QueryStopped as error:
            if not stop.asked:
                (failed or app.fail)(error)
        except LinkgraphError as error:
            (failed or app.fail)(error)
        except Exception as error:
            app.broke(error)
