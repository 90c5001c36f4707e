"""Contacts of one name around one company or lead, on little accounts."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.asked import Sources
from queries.catalogue import Catalogue
from queries.namesakes import signatures, words_of
from queries.runner import Answer, ask
from tests.queries.conftest import BASE_URL, Little, World
from tests.queries.test_duplicates import carry
from tests.queries.test_questions import HOSTILE

CATALOGUE = Catalogue.load()


def answer(sources: Sources, **parameters: Any) -> Answer:
    return ask(sources, CATALOGUE.get("look-alikes"), parameters)


def columns(found: Answer, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows()]


def pair(world: World, *numbers: int, name: str | None = "Пётр Иванов", company: int = 1) -> None:
    """Contacts of one name in one company."""
    for number in numbers:
        world.card(f"contact:{number}", name)
        world.link(f"contact:{number}", f"company:{company}")


def test_a_pair_with_its_score_explained(little: Little) -> None:
    """One name written two ways, a company and two leads in common, and one neighbour each."""

    def fill(world: World) -> None:
        world.card("company:1", "Альфа")
        world.card("lead:5", "five")
        world.card("contact:1", "Пётр  ИВАНОВ")
        world.card("contact:2", "иванов, петр")
        for contact in (1, 2):
            world.link(f"contact:{contact}", "company:1")
            world.link("lead:5", f"contact:{contact}")
            world.link("lead:6", f"contact:{contact}")
            world.link("customer:1", f"contact:{contact}")
            world.link(f"lead:{contact}0", f"contact:{contact}")
            carry(world, f"contact:{contact}", f"+7{contact}", f"{contact}@a.ru")
        world.link("contact:2", "element:7/1")

    found = answer(little(fill))

    assert found.rows() == [
        {
            "contact_a_id": 1,
            "contact_a_name": "Пётр  ИВАНОВ",
            "contact_a_url": f"{BASE_URL}/contacts/detail/1",
            "contact_b_id": 2,
            "contact_b_name": "иванов, петр",
            "contact_b_url": f"{BASE_URL}/contacts/detail/2",
            "score": 91,
            "score_name": 40,
            "score_company": 20,
            "score_lead": 20,
            "score_neighbours": 11,  # 20 · 4 / 7 = 11.4
            "namesakes": 2,
            "company_id": 1,
            "company_name": "Альфа",
            "leads": 2,
            "lead_id": 5,
            "lead_name": "five",
            "common_neighbours": 4,
            "jaccard": 4 / 7,
            "shared_lines": 0,
        }
    ]
    assert found.cut is not None
    assert found.cut.rows() == []
    assert found.fixes == 0


def test_a_company_or_a_lead_has_to_be_common(little: Little) -> None:
    """A customer or an element is not enough, nor what is deleted; a card unread is."""

    def fill(world: World) -> None:
        for number in range(1, 9):
            world.card(f"contact:{number}", "Анна")
        world.link("customer:1", "contact:1")
        world.link("customer:1", "contact:2")
        world.link("contact:1", "element:7/1")
        world.link("contact:2", "element:7/1")
        world.card("lead:66", deleted=True)
        world.link("lead:66", "contact:3")
        world.link("lead:66", "contact:4")
        world.link("lead:5", "contact:5")
        world.link("lead:5", "contact:6")
        world.link("contact:7", "company:1")
        world.link("contact:8", "company:2")

    found = answer(little(fill))

    assert columns(found, "contact_a_id", "contact_b_id", "score_name", "score") == [
        (5, 6, 10, 50)  # eight of one name; a lead, and nothing else around either
    ]
    assert columns(found, "lead_id", "lead_name", "company_id", "company_name", "leads") == [
        (5, None, None, None, 1)
    ]


def test_each_pair_once_the_likeliest_first(little: Little) -> None:
    """Three make three pairs; a pair that meets in several places is one."""

    def fill(world: World) -> None:
        pair(world, 3, 1, 2)
        pair(world, 10, 11, name="Мария", company=2)
        world.link("lead:1", "contact:1")
        world.link("lead:1", "contact:3")

    sources = little(fill)

    assert columns(answer(sources), "contact_a_id", "contact_b_id", "score") == [
        (1, 3, 86),  # 26 + 20 + 20 + 20
        (10, 11, 80),
        (1, 2, 56),  # 26 + 20 + 20 · 1 / 2
        (2, 3, 56),
    ]
    assert columns(answer(sources, min_score=80), "contact_a_id") == [(1,), (10,)]


def test_names_have_to_be_the_same(little: Little) -> None:
    """Every word of them, in any order; a part, a digit or a mere phone is another matter."""

    def fill(world: World) -> None:
        names = ("Пётр Иванов", "Иванов", "Иванов Пётр 2", "+7 916", "+7 916", None, None, "—", "—")
        for number, name in enumerate(names, 1):
            pair(world, number, name=name)
        pair(world, 20, name="и\u0306од-Ю")
        pair(world, 21, name="(ю) ЙОД")
        pair(world, 30, name="Анна Анна")
        pair(world, 31, name="Анна")
        pair(world, 40, 41, name=HOSTILE)
        world.card("contact:50", "Пётр Иванов", deleted=True)
        world.link("contact:50", "company:1")
        world.link("contact:51", "company:1")  # in no list

    found = answer(little(fill))

    assert columns(found, "contact_a_id", "contact_b_id") == [(20, 21), (40, 41)]
    assert found.rows()[1]["contact_a_name"] == HOSTILE


def test_a_common_phone_makes_it_another_question(little: Little) -> None:
    """Who shares one is a duplicate; an office's phone, which many carry, tells nothing."""

    def fill(world: World) -> None:
        pair(world, 1, 2)
        carry(world, "contact:1", "+71", "+72")
        carry(world, "contact:2", "+72", "a@b.ru")
        pair(world, 3, 4, name="Анна", company=2)
        pair(world, 7, 8, name="Мария", company=3)
        for number in (3, 4, 5, 6):
            carry(world, f"contact:{number}", "+7495")
        for number in (5, 6):
            world.card(f"contact:{number}")
        world.card("contact:9", deleted=True)
        for number in (7, 8, 9):
            carry(world, f"contact:{number}", "m@b.ru")

    sources = little(fill)

    assert columns(answer(sources), "contact_a_id") == []
    assert columns(answer(sources, shared_line=3), "contact_a_id", "shared_lines") == [(3, 1)]
    assert columns(answer(sources, shared_line=1), "contact_a_id", "shared_lines") == [
        (1, 1),
        (3, 1),
        (7, 1),
    ]


def test_crowds_are_cut_and_returned(little: Little) -> None:
    """A company or lead of too many contacts makes no pair, but counts where another does."""

    def fill(world: World) -> None:
        world.card("company:1", "Все")
        pair(world, 1, 2)
        pair(world, 3, 4, name="Анна")
        for contact in (1, 2, 3):
            world.link("lead:9", f"contact:{contact}")
        world.link("lead:8", "contact:1")
        world.link("lead:8", "contact:2")

    found = answer(little(fill), hub_cap=2)

    assert columns(found, "contact_a_id", "contact_b_id", "company_id", "leads", "lead_id") == [
        (1, 2, 1, 2, 8)
    ]
    assert found.cut is not None
    assert found.cut.rows() == [
        {
            "ref": "company:1",
            "name": "Все",
            "url": f"{BASE_URL}/companies/detail/1",
            "contacts": 4,
        },
        {"ref": "lead:9", "name": None, "url": f"{BASE_URL}/leads/detail/9", "contacts": 3},
    ]


def test_an_empty_account_has_no_rows(little: Little) -> None:
    """Nothing, in the promised columns."""
    found = answer(little(lambda world: None))

    assert found.rows() == []
    assert found.table.column_names == [one.name for one in CATALOGUE.get("look-alikes").columns]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("  Иванов,Пётр  ", "иванов петр"),
        ("ИВАНОВ_2 иванов", "2 иванов иванов"),
        ("Straße 1", "1 strasse"),
        ("и\u0306од", "йод"),
        ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
        ("中文", "中文"),
        ("😀", None),
        ("+7 916", None),
        ("½", None),
        ("", None),
        (None, None),
    ],
)
def test_words_of_names(name: str | None, words: str | None) -> None:
    """Runs of letters and digits, sorted; none where there is no letter."""
    assert words_of(name) == words


@given(st.lists(st.text(), max_size=8))
def test_equal_words_have_equal_signatures(names: list[str]) -> None:
    """Signatures may only rule out what words would: whatever the script, whatever the spelling."""
    spelled = names + [
        " ".join(reversed(words.upper().split())) for words in map(words_of, names) if words
    ]
    found: dict[str, set[int]] = {}
    for name, code in zip(
        spelled, signatures(pa.chunked_array([pa.array(spelled, pa.string())])), strict=True
    ):
        if (words := words_of(name)) is not None:
            found.setdefault(words, set()).add(int(code))

    assert all(len(codes) == 1 for codes in found.values())


def test_signatures_of_parts_of_columns() -> None:
    """Chunks, slices of them, empty names and none: each name has its own."""
    whole = pa.array(["а", None, "", "Пётр", "петр", "—", "тёрп", "x1", "1X"])
    chunks = pa.chunked_array(
        [whole.slice(1, 4), whole.slice(5), whole.slice(0, 1), whole.slice(9)]
    )

    codes = signatures(chunks).tolist()

    assert codes[:2] == [0, 0]
    assert codes[2] == codes[3] == codes[5] != 0  # of the same letters
    assert codes[4] == 0
    assert codes[6] == codes[7] != 0
    assert len(codes) == 9
