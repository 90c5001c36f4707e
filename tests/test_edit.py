"""Edits are read from the text that they are written as, and from nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.edit import Edit, Verb, edits_of, in_text
from linkgraph.errors import InvalidEdit
from linkgraph.model import EntityType, Metadata, Ref, linkable

IDS = st.integers(1, 2**63 - 1)
REFS = st.one_of(
    st.builds(Ref, st.sampled_from([kind for kind in EntityType if kind != "element"]), IDS),
    st.builds(Ref, st.just(EntityType.ELEMENT), IDS, IDS),
)
METADATA = st.builds(
    Metadata,
    st.sampled_from([None, True, False]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.just(0) | IDS,
)
ENDS = st.tuples(REFS, REFS)
LINKABLE = ENDS.filter(lambda ends: linkable(ends[0].type, ends[1].type))
EDITS = st.one_of(
    st.builds(lambda ends, told: Edit(Verb.LINK, ends[0], ends[1], told), LINKABLE, METADATA),
    st.builds(lambda ends: Edit(Verb.UNLINK, *ends), LINKABLE),
    st.builds(
        lambda a, b: Edit(Verb.MAIN, Ref(EntityType.LEAD, a), Ref(EntityType.CONTACT, b)), IDS, IDS
    ),
)


@given(st.lists(EDITS, max_size=4))
def test_the_text_of_edits_says_all_of_them(edits: list[Edit]) -> None:
    """Reading what was written gives the same edits, whatever they carry."""
    assert edits_of(in_text(tuple(edits))) == tuple(edits)


def test_a_price_is_taken_away_by_name() -> None:
    """`price=none` is a price that no field has; not naming it leaves the price alone."""
    edit = Edit.parse("link lead:1 element:4521/7 price=none")

    assert edit.metadata == Metadata(price_id=0)
    assert str(edit).endswith(" price=none")


def test_a_move_joins_two_cards_of_a_type() -> None:
    """From, then to."""
    edit = Edit.parse("move contact:2 contacts/1")

    assert (edit.verb, str(edit.a), str(edit.b)) == (Verb.MOVE, "contact:2", "contact:1")


@pytest.mark.parametrize(
    "text",
    [
        *("", "link", "link lead:1", "glue lead:1 contact:2", "link lead:1 lead:2"),
        *("link lead:1 contact:x", "main company:1 contact:2", "move contact:1 contact:1"),
        *(
            "move contact:1 company:1",
            "unlink lead:1 contact:2 main=yes",
            "link lead:1 contact:2 x=1",
        ),
        *("link lead:1 element:1/2 quantity=nan", "link lead:1 element:1/2 price=-1"),
        *("link lead:1 contact:2 main=true", "link lead:1 contact:2 main=yes a b c"),
        "link lead:1 contact:2; ",
    ],
)
def test_what_is_no_edit_is_refused(text: str) -> None:
    """With what is wrong and an example."""
    with pytest.raises(InvalidEdit) as caught:
        _ = edits_of(text) if text else Edit.parse(text)

    assert caught.value.hint


def test_no_edit_is_no_text() -> None:
    """An empty fix proposes nothing."""
    assert edits_of(None) == edits_of("") == ()
    assert in_text(()) is None
