"""Editing where one is: what each action queues and says, and that one key takes it back."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from linkgraph.edit import Edit
from linkgraph.edits.entries import Source
from linkgraph.edits.states import State
from linkgraph.model import Ref
from tests.tui.driving import app_of, browsing, screen_text, settled
from tests.tui.homes import ACCOUNT, session_of
from tests.tui.queueing import queue
from tui.app import LinkgraphApp
from tui.editing import Editing
from tui.quantity import Carried, QuantityScreen, price_of, quantity_of
from tui.search import SearchScreen

Snap = Callable[..., bool]


def pair(a: str, b: str) -> tuple[Ref, Ref]:
    """Two cards."""
    return Ref.parse(a), Ref.parse(b)


def waiting(home: Path) -> list[str]:
    """What waits in the queue."""
    with session_of(home) as session:
        return [str(one.edit) for one in session.edits.list()]


async def after(pilot: Pilot[None], act: Callable[[Editing], object]) -> str:
    """What is said of an action: the newest toast."""
    app: LinkgraphApp = pilot.app  # type: ignore[assignment]
    app.clear_notifications()
    act(app.editing)
    await settled(pilot)
    return "\n".join(one.message for one in app._notifications)


async def paste(pilot: Pilot[None], text: str) -> None:
    """Paste a text."""
    pilot.app.post_message(events.Paste(text))
    await settled(pilot)


async def test_from_an_address_to_a_queued_edit_in_six_keys(own_home: Path) -> None:
    """Slash, paste, Enter, a, paste, Enter: the cards are linked in the queue, and `u` unlinks."""
    async with browsing(own_home) as pilot:
        for step in ("slash", "lead:104", "enter", "a", "contact:203", "enter"):
            if ":" in step:
                kind, _, number = step.partition(":")
                await paste(pilot, f"http://127.0.0.1/{kind}s/detail/{number}\n")
            else:
                await pilot.press(step)
                await settled(pilot)

        assert waiting(own_home) == ["link lead:104 contact:203"]
        text = " ".join(screen_text(pilot.app).replace("▌", " ").split())
        assert "queued: link lead:104 «Nobody's lead» to contact:203" in text
        assert "u takes it back; nothing is sent before you push" in text
        with session_of(own_home) as session:
            assert {one.origin.source for one in session.edits.list()} == {Source.BROWSER}

        await pilot.press("u")
        await settled(pilot)
        assert waiting(own_home) == []
        await pilot.press("U")
        await settled(pilot)
        assert waiting(own_home) == ["link lead:104 contact:203"]


async def test_each_action_says_what_it_queued(own_home: Path) -> None:
    """With names, what gives way to it, what it replaced, and what was in the queue already."""
    async with browsing(own_home, mode="edits") as pilot:
        said = await after(pilot, lambda editing: editing.unlink([pair("lead:101", "contact:202")]))
        assert said.startswith("queued: unlink lead:101 «Roof for the office» from contact:202")
        assert said.endswith("→ u takes it back; nothing is sent before you push")

        said = await after(pilot, lambda editing: editing.unlink([pair("contact:202", "lead:101")]))
        assert said.startswith("in the queue already: unlink lead:101")
        assert "takes it back" not in said

        said = await after(
            pilot, lambda editing: editing.make_main(*pair("lead:101", "contact:202"))
        )
        assert said.startswith(
            "queued: make contact:202 «Иван Сидоров» the main contact of lead:101"
        )
        assert "#1 is replaced by #2: unlink lead:101" in said

        said = await after(
            pilot, lambda editing: editing.make_main(*pair("company:301", "lead:101"))
        )
        assert said == "only a lead or a customer has a main contact"

        linked = [pair("lead:101", "company:302"), pair("lead:104", "company:302")]
        said = await after(pilot, lambda editing: editing._link(linked, Carried()))
        assert said.startswith("queued: 2 edits\nlink lead:101")
        assert "a lead has one company, so that one will be unlinked" in said

        said = await after(
            pilot, lambda editing: editing._link([pair("lead:101", "company:301")], Carried())
        )
        assert "which names another company: link lead:101" in said


async def test_of_many_what_can_be_is_queued(own_home: Path) -> None:
    """In one call, and what cannot be is named with the reason."""
    async with browsing(own_home, mode="edits") as pilot:
        pairs = [pair("lead:101", one) for one in ("contact:201", "lead:102", "company:301")]
        said = await after(pilot, lambda editing: editing.unlink(pairs))

        assert said.startswith("queued: 2 edits\n")
        assert "not queued: unlink lead:101 «Roof for the office» from lead:102" in said
        assert "a lead cannot be linked to a lead" in said
        assert waiting(own_home) == ["unlink lead:101 contact:201", "unlink lead:101 company:301"]

        said = await after(pilot, lambda editing: editing.take_back())
        assert said.startswith("taken back: 2 edits\nunlink lead:101")
        assert waiting(own_home) == []


async def test_what_may_be_linked_to_all_is_searched_for(own_home: Path) -> None:
    """A lead and a contact share companies and elements; of an element one is asked how many."""
    async with browsing(own_home, mode="edits") as pilot:
        cards = [Ref.parse("lead:104"), Ref.parse("contact:204")]
        await after(pilot, lambda editing: editing.link_to(cards))
        assert "Link 2 cards to …" in screen_text(pilot.app)
        kinds = screen_text(pilot.app).split("Link 2 cards")[1].splitlines()[2]
        assert "companies" in kinds
        assert "elements" in kinds
        assert "contacts" not in kinds
        await paste(pilot, "element:7/702")
        await pilot.press("enter")
        await settled(pilot)
        assert "How many Nails [kg] for each of 2 cards?" in screen_text(pilot.app)
        await pilot.press(*"2,5", "enter")
        await settled(pilot)
        queued = [f"link {card} element:7/702 quantity=2.5" for card in cards]
        assert waiting(own_home) == queued

        every = [*cards, Ref.parse("element:7/702"), Ref.parse("company:301")]
        said = await after(pilot, lambda editing: editing.link_to(every))
        told = "no card can be linked to all of these: leads, contacts, companies, elements"
        assert said == told


async def test_a_quantity_begins_with_what_there_is(own_home: Path) -> None:
    """As it will be by the queue; a wrong one is told of, and what is not changed is not queued."""
    link = [pair("lead:101", "element:7/701")]
    async with browsing(own_home, mode="edits") as pilot:

        async def ask(*keys: str) -> str:
            await after(pilot, lambda editing: editing.quantity(link))
            value = pilot.app.screen.query_one("#quantity", Input).value
            pilot.app.clear_notifications()
            await pilot.press(*keys)
            await settled(pilot)
            return value

        assert await ask("enter") == "3"
        assert [one.message for one in pilot.app._notifications] == ["nothing is changed"]
        assert await ask("minus", "4", "enter") == "3"
        assert "«-4» is no quantity: give a number above 0" in screen_text(pilot.app)
        await pilot.press("escape")
        assert waiting(own_home) == []

        await ask("4", "enter")
        assert waiting(own_home) == ["link lead:101 element:7/701 quantity=4"]
        assert await ask("tab", "ctrl+u", *"none", "enter") == "4"
        assert waiting(own_home) == ["link lead:101 element:7/701 quantity=4 price=none"]

        said = await after(
            pilot, lambda editing: editing.quantity([pair("lead:101", "contact:201")])
        )
        assert said == "only links of catalog elements carry a quantity"


async def test_a_quantity_is_asked_and_told_by_names(own_home: Path) -> None:
    """Whichever end one stands at, and whether of one element or of several."""
    async with browsing(own_home, mode="edits") as pilot:

        async def told(*keys: str) -> str:
            pilot.app.clear_notifications()
            await pilot.press(*keys)
            await settled(pilot)
            return "\n".join(one.message for one in pilot.app._notifications)

        for ends in (("lead:101", "element:7/701"), ("element:7/701", "lead:101")):
            link = [pair(*ends)]
            await after(pilot, lambda editing, link=link: editing.quantity(link))  # type: ignore[misc]
            text = " ".join(screen_text(pilot.app).replace("│", " ").split())
            assert "How many Tile, red for Roof for the office, and at which price?" in text
            await pilot.press("escape")

        await after(pilot, lambda editing: editing.quantity(link))
        said = await told("7", "4", "enter")
        assert said.splitlines()[0] == "queued: 74 × Tile, red for Roof for the office"
        await after(pilot, lambda editing: editing.quantity(link))
        said = await told("tab", "ctrl+u", *"none", "enter")
        assert said.startswith("queued: 74 × Tile, red for Roof for the office, no price\n")

        elements = [Ref.parse("element:7/701"), Ref.parse("element:7/702")]
        await after(pilot, lambda editing: editing.link_to(elements))
        await paste(pilot, "lead:104")
        await pilot.press("enter")
        await settled(pilot)
        assert "How many of each of 2 elements for Nobody's lead?" in screen_text(pilot.app)
        said = await told("enter")
        assert "1 × Tile, red for Nobody's lead" in said


async def test_a_move_asks_for_a_card_of_the_type(own_home: Path) -> None:
    """And never for the card itself."""
    async with browsing(own_home, mode="edits") as pilot:
        await after(pilot, lambda editing: editing.move(Ref.parse("contact:201")))
        assert "Move all links of Anna Petrova to …" in screen_text(pilot.app)
        await paste(pilot, "contact:201")
        assert "contact:201 is the card itself" in screen_text(pilot.app)
        await pilot.press("ctrl+u", *"2", "0", "4", "enter")
        await settled(pilot)

        assert waiting(own_home) == ["move contact:201 contact:204"]


async def test_keys_in_haste_are_carried_out_in_order(own_home: Path) -> None:
    """What is taken back is what was queued last, although it is being queued yet."""
    async with browsing(own_home, mode="edits") as pilot:

        def haste(editing: Editing) -> None:
            editing.unlink([pair("lead:101", "contact:201")])
            editing.unlink([pair("lead:101", "contact:202")])
            editing.take_back()
            editing.take_back()
            editing.queue_again()
            editing.unlink([pair("lead:101", "company:301")])
            editing.queue_again()

        said = await after(pilot, haste)

        assert said.endswith("nothing was taken back that could be queued again")
        assert waiting(own_home) == ["unlink lead:101 contact:201", "unlink lead:101 company:301"]


async def test_what_was_sent_is_not_taken_back(own_home: Path) -> None:
    """That is said, with the key for it; what was queued before is taken back all the same."""
    async with browsing(own_home, mode="edits") as pilot:
        await after(pilot, lambda editing: editing.unlink([pair("lead:101", "contact:201")]))
        await after(pilot, lambda editing: editing.unlink([pair("lead:101", "contact:202")]))
        with session_of(own_home) as session:
            session.edits.journal.move([2], State.SENT, "about to", push=1)

        said = await after(pilot, lambda editing: editing.take_back())
        assert "#2 was taken up by push 1 meanwhile: it is sent" in said
        assert "what was pushed is taken back by: z on the push, in Edits (4)" in said
        said = await after(pilot, lambda editing: editing.take_back())
        assert said.startswith("taken back: unlink lead:101 «Roof for the office» from contact:201")
        said = await after(pilot, lambda editing: editing.take_back())
        assert "nothing was queued here that could be taken back" in said
        assert "in Edits (4) z takes a push back, and d drops what waits" in said
        assert said.index("Edits") < said.index("linkgraph edits drop --last")


async def test_what_was_queued_elsewhere_is_not_taken_back_here(own_home: Path) -> None:
    """`u` takes back what this browser queued; others' edits are met, told of, and wait again."""
    queue(own_home, "link lead:104 company:301")
    async with browsing(own_home, mode="edits") as pilot:
        said = await after(pilot, lambda editing: editing.take_back())
        assert "linkgraph edits drop --last" in said

        await after(
            pilot, lambda editing: editing._link([pair("lead:104", "company:302")], Carried())
        )
        said = await after(pilot, lambda editing: editing.take_back())
        assert "waits again: link lead:104 company:301" in said
    assert waiting(own_home) == ["link lead:104 company:301"]


async def test_a_read_only_account_queues_nothing(own_home: Path) -> None:
    """It is said before anything is asked."""
    async with browsing(own_home, mode="edits", read_only=True) as pilot:
        lead, contact = pair("lead:101", "contact:201")
        for act in (
            lambda editing: editing.link_to([lead]),
            lambda editing: editing.unlink([(lead, contact)]),
            lambda editing: editing.make_main(lead, contact),
            lambda editing: editing.quantity([pair("lead:101", "element:7/701")]),
            lambda editing: editing.move(lead),
        ):
            assert "is read-only: nothing is queued" in await after(pilot, act)
            assert not isinstance(pilot.app.screen, SearchScreen | QuantityScreen)
    assert waiting(own_home) == []


async def test_a_journal_that_others_hold_is_told_of(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plainly; the next action is carried out."""
    monkeypatch.setattr("linkgraph.mirror.accountfile._PATIENCE", 50)
    unlink = [pair("lead:101", "contact:201")]
    queue(own_home, "link lead:104 company:301")
    async with browsing(own_home, mode="edits") as pilot:
        file = own_home / ACCOUNT / "account.sqlite"
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("begin immediate")
            said = await after(pilot, lambda editing: editing.unlink(unlink))
            assert "account.sqlite cannot be used" in said
            assert "database is locked" in said
            other.execute("rollback")

        said = await after(pilot, lambda editing: editing.unlink(unlink))
        assert said.startswith("queued: ")


async def test_what_is_pending_is_told_by_the_session(own_home: Path) -> None:
    """As soon as it is queued, at both ends."""
    async with browsing(own_home, mode="edits") as pilot:
        await after(pilot, lambda editing: editing.unlink([pair("lead:101", "company:301")]))
    with session_of(own_home) as session:
        at_lead, at_company = (session.edits.pending(one) for one in ("lead:101", "company:301"))
    assert at_lead[Ref.parse("company:301")].kind == "removed"
    assert at_company[Ref.parse("lead:101")].edit.edit == Edit.parse("unlink lead:101 company:301")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", 2.0), (" 2.5 ", 2.5), ("2,5", 2.5), ("", None), ("1e3", 1000.0)],
)
def test_a_quantity_is_read_as_people_write_it(text: str, expected: float | None) -> None:
    """With a comma as with a point; nothing leaves it."""
    assert quantity_of(text) == expected


@pytest.mark.parametrize(
    "text", ["0", "-1", "x", "nan", "inf", "1_0", "٣", "[/]", "1 2", "9" * 400]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    """In words that repeat it plainly."""
    with pytest.raises(ValueError, match="is no quantity: give a number above 0"):
        quantity_of(text)


def test_a_price_is_the_id_of_a_field_or_none() -> None:
    """Nothing leaves it."""
    assert [price_of(text) for text in ("", " 901 ", "none", "None")] == [None, 901, 0, 0]
    for text in ("0", "-1", "x", "²", "9" * 30):
        with pytest.raises(ValueError, match="is no price field"):
            price_of(text)


def test_the_question_how_many(home: Path, snap_compare: Snap) -> None:
    """What there is is selected, to be typed over; what is wrong with it is said."""

    async def story(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        about = [Ref.parse("element:7/701"), Ref.parse("lead:101")]
        screen = QuantityScreen("How many {} for {}, and at which price?", about, Carried(3, 901))
        await pilot.app.push_screen(screen)
        screen.styles.background = "black"  # whatever is below is no part of this picture
        await settled(pilot)
        await pilot.press("0", "enter")
        await settled(pilot)
        screen.query_one("#quantity", Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(app_of(session_of(home), "edits"), terminal_size=(80, 24), run_before=story)
