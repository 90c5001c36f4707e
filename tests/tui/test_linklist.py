"""The lines of a list of links: every link stands on one, in the order that is wanted."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.edit import Edit
from linkgraph.edits.entries import Origin, QueuedEdit, Source
from linkgraph.edits.pending import Pending
from linkgraph.edits.states import State
from linkgraph.index import LinkIndex
from linkgraph.model import Metadata, Ref, Relation
from queries.cardlines import CardLine
from queries.cardlinks import CardLinks
from queries.cardtables import CardTables
from tui.linkrows import Heading, LinkRows, arrange
from tui.walking import EVERYTHING, Narrowing, Sort

HERE = Ref.parse("lead:1")
_OTHERS = [Ref.parse(f"{kind}:{n}") for kind in ("contact", "company") for n in range(1, 6)]
_EDIT = QueuedEdit(
    1,
    "",
    Edit.parse("link lead:1 contact:1"),
    State.QUEUED,
    "",
    "",
    datetime.fromisoformat("2024-03-01T09:30:00"),
    Origin(Source.BROWSER),
)
_NOWHERE = CardTables(Path("/nowhere"))  # links without elements ask no table


def _links(linked: set[Ref]) -> CardLinks:
    return CardLinks(HERE, LinkIndex.of([(HERE, ref) for ref in linked], [HERE]), _NOWHERE)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[set[Ref], dict[Ref, Pending]]:
    linked = draw(st.sets(st.sampled_from(_OTHERS)))
    pending: dict[Ref, Pending] = {}
    for ref in draw(st.lists(st.sampled_from(_OTHERS), unique=True, max_size=4)):
        kind = draw(st.sampled_from(["removed", "changed"])) if ref in linked else "added"
        pending[ref] = Pending(kind, Metadata(), _EDIT)  # type: ignore[arg-type]
    return linked, pending


NAMES = {ref: CardLine(ref, name) for ref, name in zip(_OTHERS, "ЖжaBcDeFgH", strict=True)}


def _refs(rows: LinkRows) -> list[Ref]:
    return rows.refs(0, len(rows))


@settings(max_examples=60, deadline=None)
@given(_cases(), st.sampled_from(list(Sort)))
def test_every_link_has_a_line(case: tuple[set[Ref], dict[Ref, Pending]], sort: Sort) -> None:
    """What is linked and what will be is listed once, found where it stands, under its heading."""
    linked, pending = case
    rows = arrange(_links(linked), pending, sort=sort, names=NAMES)
    lines = [rows.line(number) for number in range(len(rows))]

    assert sorted(map(str, _refs(rows))) == sorted(map(str, linked | pending.keys()))
    for ref in linked | pending.keys():
        number = rows.find(ref)
        assert number is not None
        assert rows.ref(number) == ref
        heading = lines[rows.heading_above(number)]
        assert isinstance(heading, Heading)
        assert heading.kind is ref.type
        row = rows.row(number)
        assert row is not None
        assert row.pending == pending.get(ref)
    for heading in lines:
        if isinstance(heading, Heading):
            own = {ref for ref in linked if ref.type is heading.kind}
            assert heading.total == len(own)
            assert heading.added == sum(
                each.kind == "added" and ref.type is heading.kind for ref, each in pending.items()
            )


@settings(max_examples=60, deadline=None)
@given(_cases(), st.integers(-3, 20), st.sampled_from([1, -1]))
def test_the_cursor_stands_on_links_only(
    case: tuple[set[Ref], dict[Ref, Pending]], number: int, step: int
) -> None:
    """From whatever line one looks, the nearest link is found, and there is one if there is any."""
    rows = arrange(_links(case[0]), case[1])
    nearest = rows.nearest(number, step)

    assert (nearest is None) == (not _refs(rows))
    if nearest is not None:
        assert rows.row(nearest) is not None


def test_sorted_by_name_or_newest() -> None:
    """Names are compared without regard to case, those without a name come last; or by id."""
    contacts = {ref for ref in _OTHERS if ref.type.value == "contact"}
    names = {**NAMES, Ref.parse("contact:5"): CardLine(Ref.parse("contact:5"))}
    links = _links(contacts)

    def ids(sort: Sort, known: Mapping[Ref, CardLine] = names) -> list[int]:
        return [ref.id for ref in _refs(arrange(links, {}, sort=sort, names=known))]

    assert ids(Sort.USUAL) == [1, 2, 3, 4, 5]
    assert ids(Sort.NEWEST) == [5, 4, 3, 2, 1]
    assert ids(Sort.NAME) == [3, 4, 1, 2, 5]  # a, B, Ж, ж, none


def test_narrowed() -> None:
    """By relation, by a part of the name in whatever case, or by both; the rest is counted."""
    links = _links(set(_OTHERS))

    by_relation = arrange(links, {}, Narrowing(Relation.LEAD_COMPANY), names=NAMES)
    by_name = arrange(links, {}, Narrowing("", "ж"), names=NAMES)
    by_both = arrange(links, {}, Narrowing(Relation.LEAD_COMPANY, "ж"), names=NAMES)

    assert {ref.type.value for ref in _refs(by_relation)} == {"company"}
    assert [str(ref) for ref in _refs(by_name)] == ["contact:1", "contact:2"]
    assert [str(ref) for ref in _refs(by_both)] == []
    heading = by_name.line(0)
    assert isinstance(heading, Heading)
    assert (heading.listed, heading.total) == (2, 5)
    assert _refs(arrange(links, {}, EVERYTHING)) == [link.ref for link in links]
