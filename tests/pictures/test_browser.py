"""The page in a real browser, as a person walks about in it."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright

from linkgraph.pictures.drawing import Drawing
from linkgraph.pictures.html import html
from linkgraph.pictures.svg import svg
from tests.pictures import drawings
from tests.pictures.hostile import HOSTILE, hostile_drawing, hostile_gathering

_FOUND = next(
    filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None
)
# Read here: while a test runs, no LINKGRAPH_ variable is set.
_NEEDED = "LINKGRAPH_NEEDS_BROWSER" in os.environ
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
pytestmark = pytest.mark.skipif(
    _FOUND is None and not _NEEDED, reason="no Chromium or Chrome is installed here"
)
_WIDTH, _HEIGHT = 1200, 800


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine."""
    assert _FOUND is not None, "LINKGRAPH_NEEDS_BROWSER is set, and no browser is found"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_FOUND, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that was opened, and all that went on behind it."""

    page: Page
    address: str
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def refuse(self, dialog: Dialog) -> None:
        """Note a dialog and close it: there should be none."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def card(self, place: int) -> Locator:
        """A card of the picture."""
        return self.page.locator(f'[data-card="{place}"]')

    def middle(self, place: int) -> tuple[float, float]:
        """Where on the screen a card's middle is."""
        box = self.card(place).locator(".box").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def width(self, place: int) -> float:
        """How wide a card is on the screen."""
        box = self.card(place).locator(".box").bounding_box()
        assert box is not None
        return box["width"]

    @property
    def panel(self) -> Locator:
        """What is told of the selected card."""
        return self.page.locator("#card")


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[[Drawing], Visit]]:
    """Open a drawing's page from the disk; in the end nothing may have gone wrong behind it."""
    context = browser.new_context(
        viewport={"width": _WIDTH, "height": _HEIGHT}, reduced_motion="reduce", offline=True
    )
    context.set_default_timeout(5_000)
    visits: list[Visit] = []

    def open_page(drawing: Drawing) -> Visit:
        file = tmp_path / "page.html"
        file.write_text(html(drawing), encoding="utf-8")
        page = context.new_page()
        visit = Visit(page, file.as_uri())
        page.on("console", lambda message: visit.console.append(message.text))
        page.on("pageerror", lambda error: visit.console.append(str(error)))
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("dialog", visit.refuse)
        page.goto(visit.address)
        visits.append(visit)
        return visit

    yield open_page
    for done in visits:
        assert done.console == []  # where a browser reports what a page's policy forbids, too
        assert done.requests == [done.address]
        assert done.dialogs == []
    context.close()


SOME = drawings.neighbourhood(30)


def test_everything_is_seen_at_first(visit: Callable[[Drawing], Visit]) -> None:
    """The page opens with the whole picture on the screen, its title and its note."""
    seen = visit(SOME)

    expect(seen.page).to_have_title(SOME.title)
    expect(seen.page.locator("h1")).to_have_text(SOME.title)
    expect(seen.page.locator("header p")).to_have_text(SOME.note)
    for place in range(len(SOME.cards)):
        x, y = seen.middle(place)
        assert 0 < x < _WIDTH
        assert 60 < y < _HEIGHT


def test_hostile_texts_run_nothing(visit: Callable[[Drawing], Visit]) -> None:
    """Whatever the CRM's texts say, they are text: nothing runs, nothing is fetched or linked."""
    drawing = hostile_gathering()
    seen = visit(drawing)
    for place, card in enumerate(drawing.cards):
        seen.card(place).click()
        expect(seen.panel.locator("#what")).to_contain_text(str(card.ref))
        assert seen.page.locator("#open").is_visible() == (card.address is not None)

    assert seen.page.locator("img, iframe, object, embed").count() == 0
    assert seen.page.locator("script").count() == 2
    assert seen.page.locator("[onload], [onerror], [onmouseover], [onclick]").count() == 0


@pytest.mark.parametrize("kind", ["script", "megabyte"])
def test_hostile_titles_run_nothing(visit: Callable[[Drawing], Visit], kind: str) -> None:
    """The drawing's own texts are text too."""
    seen = visit(hostile_drawing(kind))

    expect(seen.page.locator("h1")).to_contain_text(HOSTILE[kind][:20])


def test_search_finds_and_centres(visit: Callable[[Drawing], Visit]) -> None:
    """A name is found in whatever case, ё as е; Enter takes to each hit in turn, Esc ends it."""
    seen = visit(SOME)
    name = "Игорь Ершов"
    place = next(place for place, card in enumerate(SOME.cards) if card.name == name)
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("игОРЬ ёршов")

    hits = sum(card.name == name for card in SOME.cards)
    expect(seen.page.locator("#hits")).to_have_text(f"{hits} found")
    assert seen.page.locator(".card.lit").count() == hits
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("#hits")).to_have_text(f"1 of {hits}")
    current = seen.page.locator(".card.current")
    assert int(current.get_attribute("data-card") or -1) == place
    map_ = seen.page.locator("#picture").bounding_box()
    assert map_ is not None
    x, y = seen.middle(place)
    assert x == pytest.approx(map_["x"] + map_["width"] / 2, abs=2)
    assert y == pytest.approx(map_["y"] + map_["height"] / 2, abs=2)
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator("#query")).to_have_value("")
    assert seen.page.locator(".lit-only, .current").count() == 0


def test_search_knows_refs_and_walks_in_a_ring(visit: Callable[[Drawing], Visit]) -> None:
    """A ref is found too; after the last hit comes the first, with Shift the one before."""
    seen = visit(SOME)
    seen.page.locator("#query").fill("contact:25")
    hits = sum(str(card.ref).startswith("contact:25") for card in SOME.cards)
    told = seen.page.locator("#hits")
    seen.page.keyboard.press("Shift+Enter")
    expect(told).to_have_text(f"{hits} of {hits}")
    seen.page.keyboard.press("Enter")
    expect(told).to_have_text(f"1 of {hits}")
    seen.page.locator("#query").fill("nobody of that name")
    expect(told).to_have_text("no card")
    seen.page.keyboard.press("Enter")


def test_the_wheel_zooms_about_the_pointer(visit: Callable[[Drawing], Visit]) -> None:
    """What is under the pointer stays there, and grows."""
    seen = visit(SOME)
    before, wide = seen.middle(5), seen.width(5)
    seen.page.mouse.move(*before)
    seen.page.mouse.wheel(0, -300)
    seen.page.wait_for_function(
        """wide => {
            const box = document.querySelector('[data-card="5"] .box');
            return box.getBoundingClientRect().width > wide;
        }""",
        arg=wide * 1.2,
    )

    assert seen.middle(5) == pytest.approx(before, abs=1)


def test_dragging_pans_and_selects_nothing(visit: Callable[[Drawing], Visit]) -> None:
    """The picture follows the pointer, even if a card was grasped."""
    seen = visit(SOME)
    x, y = seen.middle(4)
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    seen.page.mouse.move(x + 60, y + 30, steps=4)
    seen.page.mouse.up()

    assert seen.middle(4) == pytest.approx((x + 60, y + 30), abs=1)
    expect(seen.panel).to_be_hidden()


def test_two_fingers_zoom(visit: Callable[[Drawing], Visit]) -> None:
    """Two fingers moved apart enlarge what is between them."""
    seen = visit(SOME)
    wide, (x, y) = seen.width(4), seen.middle(4)
    touch = seen.page.context.new_cdp_session(seen.page)

    def fingers(kind: str, *places: float) -> None:
        points = [{"x": x + off, "y": y, "id": n} for n, off in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    fingers("touchStart", -40, 40)
    for off in (50, 60, 70, 80):
        fingers("touchMove", -off, off)
    fingers("touchEnd")

    assert seen.width(4) == pytest.approx(wide * 2, rel=0.1)
    assert seen.middle(4) == pytest.approx((x, y), abs=3)


def test_buttons_and_keys_zoom(visit: Callable[[Drawing], Visit]) -> None:
    """+ and − zoom in and out, 0 and Fit show everything, arrows go about."""
    seen = visit(SOME)
    wide, at = seen.width(0), seen.middle(0)
    seen.page.locator("#closer").click()
    assert seen.width(0) == pytest.approx(wide * 1.4, rel=0.01)
    seen.page.keyboard.press("+")
    assert seen.width(0) == pytest.approx(wide * 1.96, rel=0.01)
    seen.page.keyboard.press("-")
    seen.page.locator("#farther").click()
    assert seen.width(0) == pytest.approx(wide, rel=0.01)
    seen.page.keyboard.press("ArrowRight")
    assert seen.middle(0) == pytest.approx((at[0] - 80, at[1]), abs=1)
    seen.page.keyboard.press("0")
    assert seen.middle(0) == pytest.approx(at, abs=1)
    seen.page.keyboard.press("+")
    seen.page.locator("#fit").click()
    assert seen.middle(0) == pytest.approx(at, abs=1)


def test_a_card_opens_its_panel(visit: Callable[[Drawing], Visit]) -> None:
    """A click tells of a card what there is to tell and how to get to it; a row goes on."""
    seen = visit(SOME)
    focus = SOME.cards[0]
    seen.card(0).click()

    expect(seen.panel.locator("h2")).to_have_text(focus.name or "")
    expect(seen.panel.locator("#what")).to_have_text(f"Lead · {focus.ref}")
    expect(seen.panel.locator("#state")).to_have_text(focus.note)
    button = seen.panel.locator("#open")
    assert button.get_attribute("href") == focus.url
    assert button.get_attribute("target") == "_blank"
    assert button.get_attribute("rel") == "noopener noreferrer"
    assert seen.panel.locator("h3").all_text_contents() == [
        *("lead – company (1)", "lead – element (1)", "lead – contact (2)"),
    ]
    row = seen.panel.locator(".row").nth(2)
    expect(row).to_contain_text("main contact")
    row.click()
    expect(seen.panel.locator("#what")).to_contain_text("Contact · contact:")
    assert seen.page.locator(".card.selected").count() == 1
    seen.page.keyboard.press("Escape")
    expect(seen.panel).to_be_hidden()
    assert seen.page.locator(".selected, .near").count() == 0


def test_an_unsafe_address_has_no_button(visit: Callable[[Drawing], Visit]) -> None:
    """A card whose address is no page has no button, also after one that had."""
    cards = (replace(SOME.cards[0], url="javascript:alert(1)"), *SOME.cards[1:])
    seen = visit(replace(SOME, cards=cards))
    seen.card(1).click()
    expect(seen.panel.locator("#open")).to_be_visible()
    seen.card(0).click()
    expect(seen.panel.locator("#open")).to_be_hidden()

    assert seen.panel.locator("#open").get_attribute("href") is None


def test_a_double_click_lights_neighbours(visit: Callable[[Drawing], Visit]) -> None:
    """A card's neighbours stay lit and all else is dimmed, until it is done again."""
    seen = visit(SOME)
    company = SOME.cards[1].ref
    near = {company, *(ref for link in SOME.links if company in link.ends for ref in link.ends)}
    seen.card(1).dblclick()
    assert seen.page.locator(".card.lit").count() == len(near)
    assert seen.page.locator(".link.lit").count() == len(near) - 1
    expect(seen.panel.locator("#around")).to_have_attribute("aria-pressed", "true")
    seen.card(1).dblclick()

    assert seen.page.locator(".lit").count() == 0


def test_the_keyboard_is_enough(visit: Callable[[Drawing], Visit]) -> None:
    """Tab comes to the cards and brings them into view, Enter opens one, Esc goes back to it."""
    seen = visit(SOME)
    keys = seen.page.keyboard
    for _ in range(4):
        keys.press("+")
    seen.page.locator("#query").focus()
    for place in range(3):
        keys.press("Tab")
        expect(seen.card(place)).to_be_focused()
        x, y = seen.middle(place)
        assert 0 < x < _WIDTH
        assert 0 < y < _HEIGHT
    keys.press("Enter")
    expect(seen.panel.locator("h2")).to_be_focused()
    expect(seen.panel.locator("h2")).to_have_text(SOME.cards[2].name or "")
    for _ in range(3):  # past the link and the button, to the first row
        keys.press("Tab")
    expect(seen.panel.locator(".row").first).to_be_focused()
    keys.press("Enter")
    expect(seen.panel.locator("h2")).to_be_focused()
    expect(seen.panel.locator("h2")).to_have_text(SOME.cards[0].name or "")
    keys.press("Escape")

    expect(seen.panel).to_be_hidden()
    expect(seen.card(0)).to_be_focused()


def test_the_legend_hides_what_is_unticked(visit: Callable[[Drawing], Visit]) -> None:
    """Without contacts there are none, nor their links; without a relation its lines are gone."""
    seen = visit(SOME)
    contacts = [card for card in SOME.cards if card.ref.type == "contact"]
    legend = seen.page.locator("#legend")
    legend.get_by_label("Contact", exact=True).uncheck()
    assert seen.page.locator(".card.contact:visible").count() == 0
    assert seen.page.locator(".link.lead_contact:visible").count() == 0
    assert seen.page.locator(".card:visible").count() == len(SOME.cards) - len(contacts)
    legend.get_by_label("Contact", exact=True).check()
    legend.get_by_label("lead – contact").uncheck()
    assert seen.page.locator(".card.contact:visible").count() == len(contacts)
    assert seen.page.locator(".signs.lead_contact .star:visible").count() == 0

    assert seen.page.locator(".link.contact_company .line:visible").count() > 0


def test_three_hundred_cards_move_smoothly(visit: Callable[[Drawing], Visit]) -> None:
    """Zooming and selecting among 300 cards takes a fraction of a second, drawing included."""
    seen = visit(drawings.hub(300))
    seen.page.mouse.move(600, 400)
    spent = seen.page.evaluate(
        """async () => {
            const picture = document.getElementById("picture");
            const drawn = () => new Promise((done) => requestAnimationFrame(() => done()));
            await drawn();
            const began = performance.now();
            for (let turn = 0; turn < 20; turn++) {
              picture.dispatchEvent(new WheelEvent("wheel", {
                deltaY: turn < 10 ? -60 : 60, clientX: 600, clientY: 400, cancelable: true,
              }));
              await drawn();
            }
            return (performance.now() - began) / 20;
        }"""
    )

    # Drawn without a graphics card, on a busy machine: four frames a second are the least.
    assert spent < 250


def test_a_print_shows_everything(visit: Callable[[Drawing], Visit]) -> None:
    """Paper has the whole picture and the legend, however far one had zoomed in, and no buttons."""
    seen = visit(SOME)
    seen.page.locator("#closer").click()
    zoomed = seen.page.locator("#picture").get_attribute("viewBox")
    seen.page.emulate_media(media="print")
    expect(seen.page.locator("#picture")).to_have_attribute("viewBox", re.compile("^0 0 "))
    expect(seen.page.locator(".zoom")).to_be_hidden()
    expect(seen.page.locator("#legend")).to_be_visible()
    seen.page.emulate_media(media="screen")

    expect(seen.page.locator("#picture")).to_have_attribute("viewBox", zoomed or "")


def test_a_picture_is_an_image(browser: Browser, tmp_path: Path) -> None:
    """The SVG stands alone as an image, and what is written in it fits into its cards."""
    file = tmp_path / "picture.svg"
    file.write_text(svg(SOME), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    spilt = page.evaluate(
        """() => [...document.querySelectorAll(".card")].filter((card) => {
            const box = card.querySelector(".box").getBoundingClientRect();
            return [...card.querySelectorAll(".name, .under")].some((text) =>
              text.getBoundingClientRect().right > box.right - 2);
        }).length"""
    )
    page.close()

    assert spilt == 0
