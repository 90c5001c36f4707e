"""Looks for what others do meanwhile: newer snapshots, edits in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgraph.errors import LinkgraphError, NothingMirrored
from queries.running import Stop

if TYPE_CHECKING:
    from linkgraph.session import Session
    from tui.app import LinkgraphApp

#: Seconds between two looks.
_EVERY = 3.0
#: Seconds after which it is told that a snapshot is being opened: an older one lacks what is read.
_SOON = 0.7
_OPENING = "opening the snapshot; what an older one lacks is made once…"


class Lookout:
    """Keeps the app's session and status up to date."""

    def __init__(self, app: LinkgraphApp) -> None:
        self._app = app
        self._told = ""

    def begin(self) -> None:
        """Look, now and every few seconds."""
        self._app.queue_changed.subscribe(self._app, lambda _: self.count_edits())
        for look in (self.look_for_snapshot, self.count_edits):
            look()
            self._app.set_interval(_EVERY, look)

    def look_for_snapshot(self) -> None:
        """Go over to the newest snapshot, if there is a newer one than this session's.

        A look that is under way is not broken off for another: to open a snapshot may take longer
        than the time between two.
        """
        app = self._app
        if app.is_asking("snapshot"):
            return

        def newest(session: Session, stop: Stop) -> Session | None:
            current = session.snapshots.current()
            if current is None:
                session.snapshots.require()  # says what to do about it
            if current is None or current.number == app.status.snapshot:
                return None
            fresh = session.anew() if app.status.snapshot is not None else session
            fresh.ready()
            return fresh

        app.ask("snapshot", newest, self._go_over, self._cannot)
        app.set_timer(_SOON, self._tell_opening)

    def count_edits(self) -> None:
        """Count those that wait, and those in conflict."""
        app = self._app

        def count(session: Session, stop: Stop) -> tuple[int, int]:
            from linkgraph.edits.states import State

            counts = session.edit_counts()
            waiting = counts.get(State.QUEUED, 0) + counts.get(State.PLANNED, 0)
            return waiting, counts.get(State.CONFLICT, 0)

        def counted(told: tuple[int, int]) -> None:
            if told != (app.status.waiting, app.status.conflicts):
                app.status.waiting, app.status.conflicts = told
                app.status_changed.publish(None)

        app.ask("queue", count, counted)

    def _tell_opening(self) -> None:
        # With a snapshot at hand one goes on in that, and nobody waits.
        if self._app.status.snapshot is None and self._app.is_asking("snapshot"):
            self._app.status.opening = _OPENING
            self._app.status_changed.publish(None)

    def _go_over(self, fresh: Session | None) -> None:
        app, status = self._app, self._app.status
        if fresh is None:
            return
        first = status.snapshot is None
        if fresh is not app.desk.session:
            app.desk.replace(fresh)
        status.snapshot = fresh.snapshot.number
        status.taken_at = fresh.taken_at
        status.mirrored, status.opening = True, ""
        app.status_changed.publish(None)
        app.snapshot_changed.publish(fresh)
        if not first and not app.syncing.tells_of(fresh.snapshot.number):
            app.say(f"snapshot {fresh.snapshot.number} is here")

    def _cannot(self, error: LinkgraphError) -> None:
        status = self._app.status
        if status.mirrored is None or status.opening:
            status.mirrored, status.opening = bool(status.mirrored), ""
            self._app.status_changed.publish(None)
        if not isinstance(error, NothingMirrored) and self._told != error.message:
            self._told = error.message  # once is enough: it is looked for every few seconds
            self._app.fail(error)
