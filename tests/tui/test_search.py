"""Search as you type: what is found, what Enter takes, and that nothing that is typed is lost."""

import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from linkgraph.model import EntityType, Ref
from linkgraph.plaintext import plain
from linkgraph.session import Session
from queries.lookup import Found
from queries.running import Stop
from tests.tui.driving import app_of, browsing, screen_text, settled, type_text, until
from tests.tui.homes import session_of
from tests.tui.worlds import HOSTILE
from tui.app import LinkgraphApp
from tui.foundlist import FoundList
from tui.search import SearchScreen
from tui.searchinput import SearchInput
from tui.walking import Walking

Snap = Callable[..., bool]


async def open_search(
    pilot: Pilot[None], *more: Any, **named: Any
) -> tuple[SearchScreen, list[Ref | None]]:
    """Open a search; returns it, and a list that its answer is put into."""
    chosen: list[Ref | None] = []
    screen = SearchScreen(*more, **named)
    await pilot.app.push_screen(screen, chosen.append)
    await settled(pilot)
    return screen, chosen


def refs(screen: SearchScreen) -> list[str]:
    """The cards that stand in the list."""
    return [str(hit.ref) for hit in screen.query_one(FoundList).hits]


def burst(pilot: Pilot[None], *keys: str) -> None:
    """Keys that arrive all at once, as from a slow line."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


class Gate:
    """Lets searches wait before they begin, until they are let go; remembers which were stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began: list[str] = []
        self.stops: dict[str, Stop] = {}
        self.open = threading.Event()
        real = Session.search

        def gated(
            session: Session, text: str, kinds: Collection[EntityType], limit: int, stop: Stop
        ) -> Iterator[list[Found]]:
            self.began.append(text)
            self.stops[text] = stop
            assert self.open.wait(60)
            yield from real(session, text, kinds, limit, stop)

        monkeypatch.setattr(Session, "search", gated)


async def test_a_card_is_found_by_whatever_is_known_of_it(home: Path) -> None:
    """A part of its name in any case, its phone, its e-mail, its id, its ref; arrows move, Enter
    takes the card under the cursor, a click the one that is clicked."""
    async with browsing(home, mode="edits") as pilot:
        screen, chosen = await open_search(pilot)
        for typed, found in (
            ("PETROVA", "contact:201"),
            ("345-67-89", "contact:201"),
            ("bridge@", "contact:203"),
            ("сидоров", "contact:202"),
            ("302", "company:302"),
            ("contacts/203", "contact:203"),
            ("element:7/702", "element:7/702"),
        ):
            await pilot.press("ctrl+u")
            burst(pilot, *typed)
            await settled(pilot)
            assert refs(screen)[0] == found
        await pilot.press("enter")
        assert chosen == [Ref.parse("element:7/702")]

        screen, chosen = await open_search(pilot)
        burst(pilot, "o")
        await settled(pilot)
        names = refs(screen)
        await pilot.press("down", "down", "up", "enter")
        assert chosen == [Ref.parse(names[1])]

        screen, chosen = await open_search(pilot)
        burst(pilot, "o")
        await settled(pilot)
        await pilot.click(FoundList, offset=(4, 2))
        await settled(pilot)
        assert chosen == [Ref.parse(names[2])]


async def test_slash_searches_and_enter_opens_the_card(own_home: Path) -> None:
    """From anywhere: the card is in focus in Browse, and stands first when one searches again."""
    async with browsing(own_home, mode="changes") as pilot:
        await pilot.press("slash")
        await settled(pilot)
        assert "What to look for" in screen_text(pilot.app)
        await type_text(pilot, "steel")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await until(pilot, lambda: "Bridge Person" in screen_text(pilot.app))
        assert pilot.app.current_mode == "browse"

        await pilot.press("2")
        await settled(pilot)
        screen, _ = await open_search(pilot)
        assert refs(screen)[0] == "company:302"
        assert "visited last" in screen_text(pilot.app)


async def test_the_address_of_a_card_is_understood_at_once(home: Path) -> None:
    """Pasted with a newline behind it; one of another account is refused with the reason."""
    async with browsing(home, mode="edits") as pilot:
        screen, chosen = await open_search(pilot)
        pilot.app.post_message(events.Paste("https://127.0.0.1/leads/detail/102?compact=yes\n"))
        await settled(pilot)
        assert "Крыша для склада" in screen_text(pilot.app)
        await pilot.press("enter")
        assert chosen == [Ref.parse("lead:102")]

        screen, chosen = await open_search(pilot)
        pilot.app.post_message(events.Paste("https://other.amocrm.ru/leads/detail/102"))
        await settled(pilot)
        assert "is a card of another account than 127.0.0.1" in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert (refs(screen), chosen) == ([], [])


async def test_what_arrives_at_once_is_taken_in_order(own_home: Path) -> None:
    """A name and Enter in one burst: the card of that name, not one that stood there before."""
    async with browsing(own_home) as pilot:
        pilot.app.open_card(Ref.parse("lead:104"))  # type: ignore[attr-defined]
        await until(pilot, lambda: "Nobody's lead" in screen_text(pilot.app))
        pilot.app.open_card(Ref.parse("lead:102"))  # type: ignore[attr-defined]
        await settled(pilot)
        screen, chosen = await open_search(pilot)
        assert refs(screen)[0] == "lead:104"

        burst(pilot, *"won", "enter")
        await until(pilot, lambda: bool(chosen))

        assert chosen == [Ref.parse("lead:103")]


async def test_keys_before_the_search_is_painted_are_typed(home: Path) -> None:
    """Who types faster than a screen opens loses nothing."""
    async with browsing(home, mode="edits") as pilot:
        chosen: list[Ref | None] = []
        screen = SearchScreen()
        pilot.app.push_screen(screen, chosen.append)
        burst(pilot, *"anna")
        burst(pilot, " ")
        pilot.app.post_message(events.Paste("petr"))
        await settled(pilot)

        assert refs(screen) == ["contact:201"]


async def test_enter_waits_for_the_cards_and_takes_the_best(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed behind it is for whoever gets the card, and does not spoil the search."""
    gate = Gate(monkeypatch)
    async with browsing(home, mode="edits") as pilot:
        _, chosen = await open_search(pilot)
        burst(pilot, *"anna", "enter", "2", "a")
        await until(pilot, lambda: gate.began == ["anna"])
        await until(pilot, lambda: "Enter takes the best as soon" in screen_text(pilot.app))
        assert chosen == []

        gate.open.set()
        await until(pilot, lambda: bool(chosen))
        await settled(pilot)

        assert chosen == [Ref.parse("contact:201")]
        assert pilot.app.current_mode == "questions"


async def test_escape_gives_the_wait_up_and_then_closes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One may change the text then; nothing was chosen."""
    gate = Gate(monkeypatch)
    async with browsing(home, mode="edits") as pilot:
        screen, chosen = await open_search(pilot)
        burst(pilot, *"anna", "enter")
        await until(pilot, lambda: "Enter takes the best as soon" in screen_text(pilot.app))
        await pilot.press("escape")
        gate.open.set()
        await settled(pilot)
        assert (refs(screen), chosen) == (["contact:201"], [])

        await pilot.press("escape")
        await settled(pilot)
        assert chosen == [None]


async def test_another_letter_stops_the_search_before(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would have found is not shown, whenever it comes."""
    gate = Gate(monkeypatch)
    async with browsing(home, mode="edits") as pilot:
        screen, _ = await open_search(pilot)
        burst(pilot, "a")
        await until(pilot, lambda: gate.began == ["a"])
        burst(pilot, *"nna")
        await until(pilot, lambda: gate.stops["a"].asked)
        gate.open.set()
        await settled(pilot)

        assert gate.began == ["a", "anna"]
        assert refs(screen) == ["contact:201"]


async def test_kinds_narrow_what_is_found(home: Path) -> None:
    """By a key or the mouse among those that may be; others are named where their ref is typed."""
    own = Ref.parse("company:301")
    async with browsing(home, mode="edits") as pilot:
        kinds = [EntityType.CONTACT, EntityType.COMPANY]
        screen, _ = await open_search(pilot, kinds, exclude=[own])
        await type_text(pilot, "30")
        await settled(pilot)
        assert {ref.partition(":")[0] for ref in refs(screen)} <= {"contact", "company"}
        assert "company:302" not in refs(screen)  # neither its id nor its name has it

        await pilot.press("ctrl+u")
        await type_text(pilot, "e")
        await settled(pilot)
        both = refs(screen)
        await pilot.press("ctrl+t")
        await settled(pilot)
        contacts = refs(screen)
        await pilot.click("Chips", offset=(18, 0))
        await settled(pilot)
        companies = refs(screen)
        assert {ref.partition(":")[0] for ref in contacts} == {"contact"}
        assert {ref.partition(":")[0] for ref in companies} == {"company"}
        assert {*contacts, *companies} == set(both)

        for typed, told in (
            ("lead:101", "lead:101 is none of these: contacts, companies"),
            (str(own), f"{own} is the card itself"),
        ):
            await pilot.press("ctrl+u")
            burst(pilot, *typed)
            await settled(pilot)
            assert told in screen_text(pilot.app)
            assert refs(screen) == []


async def test_a_name_is_shown_plainly_whatever_it_holds(home: Path) -> None:
    """No markup, no escape code, no newline of it is believed; it can be chosen like any other."""
    async with browsing(home, mode="edits", size=(200, 40)) as pilot:
        screen, chosen = await open_search(pilot, [EntityType.CONTACT])
        for number, text in enumerate(HOSTILE):
            await pilot.press("ctrl+u")
            burst(pilot, *str(210 + number))
            await settled(pilot)
            assert refs(screen) == [f"contact:{210 + number}"]
            assert plain(text, 40).rstrip("…")[:30].rstrip() in screen_text(pilot.app)
            assert "\x1b" not in screen_text(pilot.app)
        await pilot.press("enter")
        assert chosen == [Ref.parse(f"contact:{209 + len(HOSTILE)}")]


async def test_hostile_text_can_be_looked_for(home: Path) -> None:
    """As it is; what is not there is told of plainly."""
    async with browsing(home, mode="edits") as pilot:
        screen, _ = await open_search(pilot)
        for text in (*HOSTILE, "%", "_", "\\", "'; drop table leads", "\ud800", "x" * 5000):
            await pilot.press("ctrl+u")
            pilot.app.post_message(events.Paste(text))
            await settled(pilot)
            assert "\x1b" not in screen_text(pilot.app)
            assert pilot.app.screen is screen


async def test_many_that_are_found_are_a_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The best of them, and that there are more; one can go through them to the end."""
    monkeypatch.setattr("tui.search.MOST", 7)
    async with browsing(home, mode="edits", size=(80, 12)) as pilot:
        screen, _ = await open_search(pilot)
        await type_text(pilot, "e")
        await settled(pilot)

        assert len(refs(screen)) == 7
        assert "7 found or more" in screen_text(pilot.app)
        await pilot.press(*["down"] * 9)
        assert refs(screen)[-1] == str(screen.query_one(FoundList).current)
        assert refs(screen)[-1] in screen_text(pilot.app)


async def test_without_an_account_there_is_nothing_to_find() -> None:
    """And that is said."""
    app = LinkgraphApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "a", "enter")
        await settled(pilot)
        assert "there is no account yet" in screen_text(app)
        await pilot.press("escape")


STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "visited": ("", {}),
    "found": ("e", {}),
    "nothing": ("nobody of this name", {}),
    "narrowed": (
        "lead:102",
        {
            "kinds": [EntityType.CONTACT, EntityType.COMPANY, EntityType.ELEMENT],
            "title": "Link {} to …",
            "about": Ref.parse("lead:101"),
        },
    ),
}


@pytest.mark.parametrize(
    ("state", "size"),
    [
        ("visited", (120, 40)),
        ("found", (80, 24)),
        ("found", (200, 60)),
        ("nothing", (80, 24)),
        ("narrowed", (120, 40)),
    ],
    ids=str,
)
def test_the_search_as_it_looks(
    home: Path, snap_compare: Snap, state: str, size: tuple[int, int]
) -> None:
    """What was visited, cards with why they are there, nothing found, what may be linked only."""
    typed, named = STATES[state]
    visited = Walking().step_in(Ref.parse("lead:101")).step_in(Ref.parse("contact:202"))

    async def story(pilot: Pilot[None]) -> None:
        await settled(pilot)
        pilot.app.state.put("browse", visited)  # type: ignore[attr-defined]
        screen, _ = await open_search(pilot, **named)
        screen.styles.background = "black"  # whatever is below is no part of this picture
        burst(pilot, *typed)
        await settled(pilot)
        screen.query_one(SearchInput).cursor_blink = False
        await pilot.pause()

    app = app_of(session_of(home), "edits")
    assert snap_compare(app, terminal_size=size, run_before=story)
