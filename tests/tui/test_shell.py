"""The browser's frame: modes, status, help, what it keeps, and faults that it bears."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from linkgraph.errors import LinkgraphError, NoAccount
from tests.tui.driving import browsing, screen_text, settled, until
from tests.tui.homes import ACCOUNT
from tui.app import LinkgraphApp
from tui.state import FILE, State


async def test_every_mode_opens_by_its_key(home: Path) -> None:
    """1 to 5 go through the modes, and the status bar stays below each."""
    async with browsing(home) as pilot:
        for key, mode in zip(
            "qsecr", ("questions", "sql", "edits", "changes", "browse"), strict=True
        ):
            await pilot.press(f"alt+{key}")
            await settled(pilot)

            assert pilot.app.current_mode == mode
            assert "test · snapshot 1, 2 h old · queue empty" in screen_text(pilot.app)


async def test_a_mode_opens_by_the_mouse(home: Path) -> None:
    """A click on a mode in the top line opens it."""
    async with browsing(home, size=(80, 24)) as pilot:
        await pilot.click(".mode-changes")
        await settled(pilot)

        assert pilot.app.current_mode == "changes"


async def test_help_tells_the_keys_of_this_place(home: Path) -> None:
    """`?` shows the keys with what they do, and goes away again."""
    async with browsing(home, size=(120, 80)) as pilot:
        await pilot.press("question_mark")
        await settled(pilot)
        assert "Mirror the account now" in screen_text(pilot.app)

        await pilot.press("escape")
        await settled(pilot)
        assert "Mirror the account now" not in screen_text(pilot.app)


async def test_read_only_is_seen(home: Path) -> None:
    """What may not be written is said all the time."""
    async with browsing(home, read_only=True) as pilot:
        assert "READ-ONLY" in screen_text(pilot.app)


async def test_the_mode_is_kept_between_starts(own_home: Path) -> None:
    """Who left the browser in SQL finds it in SQL, in a file for its owner alone."""
    async with browsing(own_home) as pilot:
        await pilot.press("alt+5")
        await settled(pilot)
        await pilot.press("ctrl+q")
    kept = own_home / ACCOUNT / FILE

    assert json.loads(kept.read_bytes())["mode"] == "changes"
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("junk", [b"", b"{", b'{"mode": 7}', b'{"mode": "nowhere"}', b"\xff\xfe"])
async def test_a_broken_file_of_state_is_no_matter(own_home: Path, junk: bytes) -> None:
    """The browser starts anyhow."""
    (own_home / ACCOUNT / FILE).write_bytes(junk)

    async with browsing(own_home) as pilot:
        assert "snapshot 1" in screen_text(pilot.app)


async def test_a_failure_is_told_and_not_fatal(home: Path) -> None:
    """An error becomes a toast with what to do next, with no markup of its text believed."""
    async with browsing(home) as pilot:
        pilot.app.fail(LinkgraphError("[/x] \x1b[31mbroke", hint="[b]do this"))  # type: ignore[attr-defined]
        await until(pilot, lambda: "[/x] ␛[31mbroke" in screen_text(pilot.app))

        assert "→ [b]do this" in screen_text(pilot.app)


async def test_a_fault_of_ours_is_written_down_and_borne(own_home: Path) -> None:
    """A call that breaks unforeseen shows no traceback; the log has it."""
    async with browsing(own_home) as pilot:
        app = pilot.app

        def broken(session: object, stop: object) -> None:
            raise ZeroDivisionError("unforeseen")

        app.ask("test", broken, lambda _: None)  # type: ignore[attr-defined]
        await until(pilot, lambda: "linkgraph has a fault (ZeroDivisionError)" in screen_text(app))
    log = own_home / ACCOUNT / "browser.log"
    assert "unforeseen" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


async def test_nothing_begins_while_the_browser_is_left(own_home: Path) -> None:
    """What is asked once the threads are closed is no fault, and is not carried out."""
    async with browsing(own_home) as pilot:
        app: Any = pilot.app
        begun: list[object] = []
        app.desk.close()
        app.ask("test", lambda session, stop: begun.append(session), lambda _: None)
        await settled(pilot)

        assert not begun
    assert not (own_home / ACCOUNT / "browser.log").exists()


async def test_a_slow_look_for_a_snapshot_comes_to_its_end(home: Path) -> None:
    """Opening a snapshot may take longer than the time between two looks: it is seen all the same.

    A look that broke off the one before would never come to its end.
    """
    async with browsing(home) as pilot:
        app: Any = pilot.app
        go_on = threading.Event()
        begun: list[None] = []
        current = app.session.snapshots.current

        def slow() -> Any:
            begun.append(None)
            assert go_on.wait(60)
            return current()

        app.session.snapshots.current = slow
        try:
            app.look_for_snapshot()
            await until(pilot, lambda: bool(begun))
            app.look_for_snapshot()
            await pilot.pause()
        finally:
            del app.session.snapshots.current
            go_on.set()
        await settled(pilot)

        assert len(begun) == 1


def test_what_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    """Half a character in a text that was kept costs the comfort of this start, not the browser."""
    state = State(tmp_path / FILE)
    state.put("sql", "\ud800")
    state.save()
    state.put("sql", "select 1")
    state.save()

    assert State(tmp_path / FILE).get("sql", str) == "select 1"


async def test_a_newcomer_is_shown_the_ways_in() -> None:
    """Without an account the browser opens, tells how to get one, and can be left."""
    app = LinkgraphApp(None, NoAccount("there is no account yet", hint="add one"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = screen_text(app)
        await pilot.press("q")

    assert "there is no account yet" in text
    assert "linkgraph demo" in text
    assert "linkgraph account add" in text


async def test_toasts_do_not_pile_up(home: Path) -> None:
    """A toast takes the place of the one before it, but what failed stays to be read."""
    async with browsing(home) as pilot:
        assert isinstance(pilot.app, LinkgraphApp)
        pilot.app.say("the first")
        pilot.app.say("the second")
        await settled(pilot)
        assert "the first" not in screen_text(pilot.app)
        assert "the second" in screen_text(pilot.app)

        pilot.app.fail(LinkgraphError("it failed", hint="try again"))
        pilot.app.say("the third")
        await settled(pilot)
        assert "it failed" in screen_text(pilot.app)
        assert "the third" in screen_text(pilot.app)


async def test_a_toast_leaves_the_last_lines_legible(home: Path) -> None:
    """The status bar and the keys are seen below every toast."""
    async with browsing(home, size=(80, 24)) as pilot:
        assert isinstance(pilot.app, LinkgraphApp)
        pilot.app.say("told")
        await settled(pilot)

        *_, above, status, keys = screen_text(pilot.app).split("\n")
        assert "▌" in above
        assert "▌" not in status + keys
