"""Finding a card by whatever a person knows of it, and showing it with its links."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkgraph.errors import InvalidRef
from linkgraph.model import EntityType, Ref
from linkgraph.session import Session
from queries.lookup import CardView
from tests.queries.conftest import BASE_URL, World
from tests.queries.looking import session_of

HOSTILE = "x'); drop table leads; --\u202e\n[red]%_\x1b[31m"


def fill(world: World) -> None:
    """A few cards that know each other."""
    world.card("contact:1", "Пётр Иванов")
    world.card("contact:2", "иванова АННА")
    world.card("contact:3", "Иванов", deleted=True)
    world.card("contact:4", None)
    world.card("company:5", "ООО «Иванов и сыновья»", custom_fields='[{"a": 1}]')
    world.card("lead:6", HOSTILE, price=100)
    world.card("lead:45", "Сделка")
    world.card("contact:45", "Сорок пять")
    for catalog, name in ((10, "Стул"), (20, "Стол")):
        world.row("elements", catalog_id=catalog, element_id=7, name=name, is_deleted=False)
    for kind, value, normalised, entity, card in (
        ("phone", "8 (912) 345-67-89", "+79123456789", "contact", 1),
        ("phone", "доб. 12", None, "contact", 2),
        ("email", "Anna@Example.COM", "anna@example.com", "contact", 2),
        ("email", "info@example.com", "info@example.com", "company", 5),
    ):
        world.row(
            "identifiers",
            kind=kind,
            value=value,
            normalised=normalised,
            entity_type=entity,
            entity_id=card,
        )
    for a, b in (
        *(("lead:6", f"contact:{number}") for number in (1, 2, 3, 999)),
        ("lead:6", "company:5"),
        ("lead:6", "element:10/7"),
        ("lead:45", "element:20/7"),
        ("lead:45", "element:0/7"),
    ):
        world.link(a, b, main=b == "contact:2" if "contact" in b else None)


@pytest.fixture(name="session", scope="module")
def _session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with session_of(tmp_path_factory.mktemp("lookup"), fill) as session:
        yield session


def found(session: Session, text: str, limit: int = 20) -> list[str]:
    """The refs of what is found."""
    return [str(card.ref) for card in session.find(text, limit)[0]]


def shown(session: Session, ref: str, limit: int = 50) -> CardView:
    """A card as it is shown."""
    return session.show(Ref.parse(ref), limit)


@pytest.mark.parametrize("text", ["иванов", "ИВАНОВ", "Иванов", "  иВаНоВ "])
def test_name_in_any_case(text: str, session: Session) -> None:
    """Part of a name finds it in any case, names that begin with it first, deleted cards last."""
    refs = found(session, text)

    assert refs == ["contact:2", "contact:1", "company:5", "contact:3"]


@pytest.mark.parametrize(
    "text",
    [
        *("8 (912) 345-67-89", "+7 912 345 67 89", "89123456789", "79123456789"),
        *("8-912-345-67-89", "912 345 67 89", "3456789", "+79123456789", "8\u00a0912\u00a03456789"),
    ],
)
def test_phone_as_it_is_typed(text: str, session: Session) -> None:
    """A phone is found whichever way it is written, whole or in part."""
    assert found(session, text) == ["contact:1"]


def test_an_extension_hides_no_phone(tmp_path: Path) -> None:
    """The number of a switchboard finds who is behind it; a value of two numbers is shown once."""

    def fill(world: World) -> None:
        world.card("contact:1", "Анна")
        for normalised in ("+74957654321;ext=12", "+79161234567"):
            world.row(
                "identifiers",
                kind="phone",
                value="8 495 765-43-21 доб. 12; 8 916 123-45-67",
                normalised=normalised,
                entity_type="contact",
                entity_id=1,
            )

    with session_of(tmp_path, fill) as session:
        assert found(session, "8 (495) 765-43-21") == ["contact:1"]
        assert len(shown(session, "contact:1").identifiers) == 1


def test_mail_in_any_case(session: Session) -> None:
    """An e-mail is found in any case, whole or in part."""
    assert found(session, "ANNA@example.com") == ["contact:2"]
    assert set(found(session, "@EXAMPLE.com")) == {"company:5", "contact:2"}


def test_card_by_id_ref_or_address(session: Session) -> None:
    """A bare id finds the cards of every type that have it; a ref and an address just the one."""
    assert set(found(session, "45")) == {"lead:45", "contact:45"}
    assert found(session, "contacts:45") == ["contact:45"]
    assert found(session, f"{BASE_URL}/leads/detail/45?x=1") == ["lead:45"]
    assert set(found(session, "7")) == {"element:10/7", "element:20/7"}
    assert found(session, "element:20/7") == ["element:20/7"]
    assert found(session, "contact:999") == []


@pytest.mark.parametrize(
    "text", ["9" * 18, "9" * 19, "9" * 40, "+", "@", "%", "'", "--", "$id", "\x00", "((((("]
)
def test_texts_that_mean_nothing(text: str, session: Session) -> None:
    """Whatever is typed is looked for as it stands: no wildcard, no SQL."""
    expected = {"lead:6"} if text in {"%", "'", "--"} else set()
    if text == "@":
        expected = {"contact:2", "company:5"}

    assert set(found(session, text)) == expected


def test_hostile_name_is_found(session: Session) -> None:
    """A name is found by its own text, however it was meant."""
    assert found(session, HOSTILE) == ["lead:6"]


def test_limit_keeps_the_total(session: Session) -> None:
    """A limit cuts the list and not the count."""
    cards, total = session.find("иванов", 1)

    assert (len(cards), total) == (1, 4)
    assert cards[0].url == f"{BASE_URL}/contacts/detail/2"


def test_found_tells_by_what(session: Session) -> None:
    """Each hit says what matched, and whether the card is deleted."""
    (name, *_, last), _ = session.find("иванов")
    (phone,), _ = session.find("89123456789")

    assert (name.matched, phone.matched) == ("name", "phone")
    assert (name.is_deleted, last.is_deleted) == (False, True)


def test_card_with_its_links(session: Session) -> None:
    """A card comes with its fields, by relation its links, the main contact first."""
    view = shown(session, "lead:6")
    links = {group.relation: group for group in view.links}

    assert view.fields["name"] == HOSTILE
    assert [str(card.ref) for card in links["lead_contact"].cards] == [
        *("contact:2", "contact:1", "contact:3", "contact:999")
    ]
    assert links["lead_contact"].cards[0].is_main
    assert [card.is_deleted for card in links["lead_contact"].cards] == [False, False, True, False]
    assert [card.is_known for card in links["lead_contact"].cards] == [True, True, True, False]
    assert [card.name for card in links["lead_element"].cards] == ["Стул"]


def test_limit_of_links_keeps_their_total(session: Session) -> None:
    """Each relation lists as many as asked for and counts all."""
    (contacts,) = (g for g in shown(session, "lead:6", 2).links if g.relation == "lead_contact")

    assert (len(contacts.cards), contacts.total) == (2, 4)


def test_phones_and_mails_as_typed(session: Session) -> None:
    """A card is shown with its phones and e-mails as they stand in the CRM."""
    assert shown(session, "contact:2").identifiers == (
        ("email", "Anna@Example.COM"),
        ("phone", "доб. 12"),
    )
    assert shown(session, "lead:45").identifiers == ()  # contact:5 and lead:5 are not one


def test_elements_of_equal_ids(session: Session) -> None:
    """Elements of two catalogs with one id are two cards, and one of unknown catalog a third."""
    chair, table, unknown = (shown(session, f"element:{catalog}/7") for catalog in (10, 20, 0))

    assert (chair.fields["name"], table.fields["name"], unknown.fields) == ("Стул", "Стол", {})
    assert [str(view.links[0].cards[0].ref) for view in (chair, table, unknown)] == [
        *("lead:6", "lead:45", "lead:45")
    ]


def test_card_that_only_links_name(session: Session) -> None:
    """A card that no list showed is shown with its links, and without fields."""
    view = shown(session, "contact:999")

    assert view.fields == {}
    assert [str(card.ref) for group in view.links for card in group.cards] == ["lead:6"]


@pytest.mark.parametrize("kind", list(EntityType))
def test_no_such_card(kind: EntityType, session: Session) -> None:
    """A card that is nowhere is told apart from one without links."""
    with pytest.raises(InvalidRef, match="snapshot 7 has no"):
        session.show(Ref(kind, 123_456_789))
    assert shown(session, "contact:4").links == ()


def test_empty_account(tmp_path: Path) -> None:
    """In an account without cards nothing is found, and nothing fails."""
    with session_of(tmp_path, lambda world: None) as empty:
        assert empty.find("иванов") == ([], 0)
        with pytest.raises(InvalidRef):
            empty.show(Ref(EntityType.LEAD, 1))
