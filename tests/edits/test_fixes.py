"""Fixes are sorted into those that agree and those that contradict each other: nothing is lost."""

from itertools import combinations, product, starmap

from hypothesis import example, given
from hypothesis import strategies as st

from linkgraph.edit import Edit, Verb, edits_of
from linkgraph.edits.fixes import Fix, Refused, read, sorted_out
from linkgraph.errors import InvalidEdit


def fix(text: str, question: str = "q") -> Fix:
    return Fix(question, edits_of(text))


def _is_edit(text: str) -> bool:
    try:
        return bool(edits_of(text))
    except InvalidEdit:
        return False


CARDS = ("lead:1", "lead:2", "contact:1", "contact:2", "company:1", "company:2", "element:7/1")
SETS = ("", " main=yes", " main=no", " quantity=1", " quantity=2", " price=none")
WORDS = product(Verb, CARDS, CARDS, SETS)
texts = st.sampled_from(list(filter(_is_edit, starmap("{} {} {}{}".format, WORDS))))
fixes = st.builds(
    lambda parts, question: fix("; ".join(parts), question),
    st.lists(texts, min_size=1, max_size=2),
    st.sampled_from("ab"),
)


@given(st.lists(fixes, max_size=12))
def test_every_fix_is_queued_or_told_of(given_: list[Fix]) -> None:
    """Each once, in order."""
    agreed, contradictory = sorted_out(given_)

    once = list(dict.fromkeys(str(one) for one in given_))
    left_out = [one.fix for one in contradictory]
    assert sorted([*map(str, agreed), *left_out]) == sorted(once)
    assert [str(one) for one in agreed] == [text for text in once if text not in left_out]


@given(st.lists(fixes, max_size=8))
@example(
    [
        fix("link lead:2 contact:1 quantity=1"),
        fix("link lead:2 contact:1 quantity=1; link contact:1 lead:2 quantity=2"),
    ]
)
def test_those_that_agree_agree_two_by_two(given_: list[Fix]) -> None:
    """What is left over contradicts nothing, and order does not matter for what is left out."""
    agreed, contradictory = sorted_out(given_)
    _, backwards = sorted_out(given_[::-1])

    assert all(sorted_out(pair)[1] == [] for pair in combinations(agreed, 2))
    assert {one.fix for one in contradictory} == {one.fix for one in backwards}


CLASHES = (
    ("link lead:1 contact:1", "unlink contact:1 lead:1"),
    ("main lead:1 contact:1", "main lead:1 contact:2"),
    ("main lead:1 contact:1", "link lead:1 contact:2 main=yes"),
    ("main lead:1 contact:1", "link lead:1 contact:1 main=no"),
    ("main lead:1 contact:1", "unlink lead:1 contact:1"),
    ("link lead:1 company:1", "link lead:1 company:2"),
    ("unlink lead:1 company:3; link lead:1 company:1", "link lead:1 company:3"),
    ("link lead:1 element:7/1 quantity=1", "link lead:1 element:7/1 quantity=2"),
    ("link lead:1 element:7/1 price=5", "link lead:1 element:7/1 price=none"),
    ("move contact:1 contact:2", "move contact:2 contact:1"),
    ("move contact:1 contact:2", "move contact:1 contact:3"),
    ("move contact:1 contact:2", "move contact:2 contact:3"),
    ("move contact:1 contact:2", "main lead:1 contact:1"),
)
AGREEMENTS = (
    ("main lead:1 contact:1", "link lead:1 contact:1"),
    ("main lead:1 contact:1", "main lead:2 contact:1"),
    ("main lead:1 contact:1", "link lead:1 contact:2"),
    ("link contact:1 company:1", "link contact:2 company:1"),
    ("link lead:1 company:1", "link company:1 element:7/1"),
    ("link lead:1 element:7/1 quantity=1", "link lead:1 element:7/1 price=5"),
    ("move contact:1 contact:2", "move contact:3 contact:2"),
    ("move contact:1 contact:2", "main lead:1 contact:2"),
    ("unlink lead:1 contact:1", "unlink lead:2 contact:1"),
)


def test_what_clashes() -> None:
    """One link, one main contact, one company, one place where links go: one will."""
    for one, other in CLASHES:
        agreed, contradictory = sorted_out([fix(one, "a"), fix(other, "b")])
        assert agreed == [], (one, other)
        assert {each.reason for each in contradictory} == {
            f"b proposes: {edits_text(other)}",
            f"a proposes: {edits_text(one)}",
        }


def test_what_agrees() -> None:
    """What is about different things, or wants the same."""
    for one, other in AGREEMENTS:
        assert sorted_out([fix(one), fix(other)])[1] == [], (one, other)


def edits_text(text: str) -> str:
    """A fix as it is written."""
    return "; ".join(str(Edit.parse(part)) for part in text.split("; "))


def test_a_column_is_read_row_by_row() -> None:
    """What is empty is no fix; what is no edit is refused, with what it says."""
    found = list(read("q", [None, "", "main lead:1 contact:2", "nothing", 7, "main lead:1"]))

    assert found[0] == fix("main lead:1 contact:2")
    assert [one.fix for one in found[1:] if isinstance(one, Refused)] == [
        *("nothing", "7", "main lead:1")
    ]
