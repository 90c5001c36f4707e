"""What a question's form begins with: what was given last, or where one is in Browse."""

from linkgraph.model import Ref
from queries.catalogue import Catalogue
from tui.given import Given

QUESTIONS = Catalogue.load()
LEAD, CONTACT, COMPANY = map(Ref.parse, ("lead:1", "contact:2", "company:3"))


def test_the_card_in_focus_is_proposed() -> None:
    """Where one card is asked for, it is the one in focus, else the pinned one."""
    about = QUESTIONS.get("neighbourhood")

    assert Given().texts(about, [LEAD, CONTACT]) == {"card": "lead:1"}
    assert Given().texts(about, []) == {}


def test_a_path_is_proposed_from_the_pin() -> None:
    """Of two cards the pinned one is the first; one alone is where it starts."""
    path = QUESTIONS.get("path")

    assert Given().texts(path, [LEAD, CONTACT]) == {"a": "contact:2", "b": "lead:1"}
    assert Given().texts(path, [LEAD]) == {"a": "lead:1"}


def test_only_cards_of_the_right_type_are_proposed() -> None:
    """A question about companies is not begun with a lead."""
    shared = QUESTIONS.get("shared-contacts")

    assert Given().texts(shared, [LEAD, COMPANY]) == {"a": "company:3"}


def test_what_was_given_stays_until_one_moves_on() -> None:
    """Typed cards are kept while one stays where one was; another focus means that card."""
    about = QUESTIONS.get("neighbourhood")
    given = Given(parameters={"neighbourhood": {"card": "company:9", "depth": "3"}})
    given.stood("neighbourhood", [LEAD])

    assert given.texts(about, [LEAD]) == {"card": "company:9", "depth": "3"}
    assert given.texts(about, [CONTACT]) == {"card": "contact:2", "depth": "3"}
