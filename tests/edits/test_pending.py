"""What is pending at a card, laid over its links, is what will be linked when the queue is pushed.

The law is held against the plan's own outline of the whole queue, whatever the queue says.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkgraph.edit import Edit, Verb
from linkgraph.edits.changes import Change
from linkgraph.edits.edits import Edits
from linkgraph.edits.entries import Base, Entry, Origin, QueuedEdit, Source
from linkgraph.edits.live import Links, Live, Target
from linkgraph.edits.nearlinks import NearLinks
from linkgraph.edits.pending import Pending, Waiting, pending
from linkgraph.edits.planning import outline
from linkgraph.edits.states import State
from linkgraph.model import EntityType, Metadata, Ref
from tests.edits.queues import HERE, edits_over, entries, people
from tests.edits.worlds import ONE_COMPANY, Pair, cards, edits, links, metadata, pairs, plain
from tests.edits.worlds import State as AllLinks

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SOME = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    max_examples=int(os.environ.get("LINKGRAPH_TEST_EXAMPLES", "16")),
)


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edits]:
    """Edits over the little snapshot."""
    found = edits_over(tmp_path_factory.mktemp("little"), people)
    yield found
    found.close()


@pytest.fixture
def queued(little: Edits) -> Iterator[Edits]:
    """The same, with nothing in the queue."""
    yield little
    little.drop(None)


def _queued(wanted: Iterable[Edit], state: State = State.QUEUED) -> list[QueuedEdit]:
    origin = Origin(Source.PYTHON)
    return [
        QueuedEdit(number, f"{number}", edit, state, "", "me", _LONG_AGO, origin)
        for number, edit in enumerate(wanted, 1)
    ]


@dataclass
class Paper:
    """A snapshot, a queue and what was verified since, on paper; counts what is asked of it."""

    state: AllLinks
    queue: list[QueuedEdit]
    verified: Mapping[Pair, tuple[Metadata | None, tuple[int, ...]]] = field(default_factory=dict)
    is_long: bool = False
    asked: set[Ref] = field(default_factory=set)

    @property
    def named(self) -> Collection[Ref] | None:
        """All that the queue names; or none, as if there were too many."""
        if self.is_long:
            return None
        return {ref for one in self.queue for ref in (one.edit.a, one.edit.b)}

    def links(self, cards: Collection[Ref], fars: Collection[Ref] | None) -> Mapping[Ref, Links]:
        """Of a dictionary of links: no more than was asked for."""
        self.asked |= set(cards)
        return {
            card: {
                far: link
                for far, link in links_at(card, self.state).items()
                if fars is None
                or far in fars
                or (str(card.type) in ONE_COMPANY and far.type is EntityType.COMPANY)
                or (link.is_main and card.type.rank < far.type.rank)
            }
            for card in cards
        }

    def crowded(self, cards: Collection[Ref]) -> Collection[Ref]:
        """Those with two companies or two main contacts."""
        found = set()
        for card in cards:
            far = links_at(card, self.state)
            companies = [one for one in far if one.type is EntityType.COMPANY]
            mains = [one for one, link in far.items() if link.is_main]
            if str(card.type) in ONE_COMPANY and (len(companies) > 1 or len(mains) > 1):
                found.add(card)
        return found

    def edits(self, ends: Collection[Ref], owners: Collection[Ref]) -> list[QueuedEdit]:
        """Those that the protocol asks for, and no others."""
        return [
            one
            for one in self.queue
            if one.edit.a in ends
            or one.edit.b in ends
            or (one.pair or (one.edit.a,))[0] in owners
            or (one.edit.verb is Verb.MOVE and one.edit.b in owners)
        ]

    def by_id(self, ids: Collection[int]) -> Mapping[int, QueuedEdit]:
        """Verified ones, all of them."""
        edit = Edit(Verb.UNLINK, Ref(EntityType.LEAD, 1), Ref(EntityType.CONTACT, 1))
        return {one: replace(_queued([edit], State.VERIFIED)[0], id=one) for one in ids}


def links_at(card: Ref, state: AllLinks) -> Links:
    """The links of one card."""
    return {
        pair[1] if pair[0] == card else pair[0]: link
        for pair, link in state.items()
        if card in pair
    }


def overlaid(card: Ref, state: AllLinks, found: Mapping[Ref, Pending]) -> AllLinks:
    """A card's links with what is pending laid over them, as a list shows them."""
    shown = dict(links_at(card, state))
    for far, one in found.items():
        if one.kind == "removed":
            shown.pop(far, None)
        else:
            shown[far] = one.metadata
    return plain({(card, far): link for far, link in shown.items()})


def _everything(of: Iterable[Ref], state: AllLinks) -> Live:
    told = {card: links_at(card, state) for card in of}
    return Live(told, told)


def _standing(changes: Iterable[Change], state: AllLinks) -> AllLinks:
    """All links after a plan: a main contact's predecessor steps down."""
    after = dict(state)
    for change in changes:
        after.pop(change.pair, None)
        if change.after is not None:
            after[change.pair] = change.after
    for change in changes:
        if change.write.is_main:
            for pair, link in state.items():
                if pair[0] == change.pair[0] and pair != change.pair and pair in after:
                    is_main = False if link.is_main else after[pair].is_main
                    after[pair] = replace(after[pair], is_main=is_main)
    return after


@st.composite
def _accounts(draw: st.DrawFn) -> tuple[list[Ref], AllLinks, list[Edit]]:
    of = draw(cards(4))
    state = draw(links(of))
    return of, state, draw(edits(of, list(state)))


@st.composite
def _pushed(draw: st.DrawFn, of: list[Ref], state: AllLinks) -> dict[Pair, Metadata | None]:
    """Links that were linked or unlinked since, with what they carry now."""
    found: dict[Pair, Metadata | None] = {}
    for _ in range(draw(st.integers(0, 4))):
        pair = draw(pairs(of, list(state)))
        found.pop(pair, None)
        found[pair] = draw(st.one_of(st.none(), metadata(pair)))
    return found


@SOME
@given(account=_accounts())
def test_what_is_pending_laid_over_the_snapshot_is_what_will_stand(
    account: tuple[list[Ref], AllLinks, list[Edit]],
) -> None:
    """At every card, whatever is queued: moves, companies that give way, main contacts.

    What is told of a link differs from what the snapshot tells, and names an edit of the queue.
    """
    of, state, wanted = account
    queue = _queued(wanted)
    after = _standing(outline(queue, _everything(of, state)).changes, state)

    for card in of:
        found = pending(card, Paper(state, queue, is_long=card.id % 2 == 0))

        for far, one in found.items():
            before = state.get((card, far), state.get((far, card)))
            assert one.edit in queue
            assert (before is None) == (one.kind == "added")
            assert one.kind != "removed" or one.metadata == before
        shown = {(card, far): link for far, link in links_at(card, after).items()}
        assert overlaid(card, state, found) == plain(shown), (card, found)


@SOME
@given(account=_accounts(), data=st.data())
def test_what_was_pushed_since_the_snapshot_is_shown_as_well(
    account: tuple[list[Ref], AllLinks, list[Edit]], data: st.DataObject
) -> None:
    """As if the snapshot had it already, and the queue is laid over that."""
    of, state, wanted = account
    pushed = data.draw(_pushed(of, state))
    queue = _queued(wanted)
    target = Target(_everything(of, state))
    for pair, link in pushed.items():
        target.put(pair, link)
    live = Live({card: target.links_of(card) for card in of}, of)
    now = {
        pair: link
        for card in of
        for far, link in live.links_of(card).items()
        for pair in [(card, far)]
        if card.type.rank < far.type.rank
    }
    after = _standing(outline(queue, live).changes, now)

    for card in of:
        verified = {pair: (link, (99,)) for pair, link in pushed.items()}
        found = pending(card, Paper(state, queue, verified, card.id % 2 == 0))

        shown = {(card, far): link for far, link in links_at(card, after).items()}
        assert overlaid(card, state, found) == plain(shown), (card, found)


def test_what_is_elsewhere_is_not_read() -> None:
    """However long the queue is: only cards that bear upon this one are asked for their links."""
    lead, contact = Ref(EntityType.LEAD, 1), Ref(EntityType.CONTACT, 1)
    far = [Ref(EntityType.LEAD, number) for number in range(2, 500)]
    state = {(one, Ref(EntityType.COMPANY, one.id)): Metadata() for one in far}
    queue = _queued(
        [
            Edit(Verb.LINK, lead, contact),
            *(Edit(Verb.LINK, one, Ref(EntityType.COMPANY, 1)) for one in far),
        ]
    )
    paper = Paper(state, queue)

    assert set(pending(contact, paper)) == {lead}
    assert paper.asked <= {lead, contact}


@pytest.mark.parametrize(
    ("queue", "card", "expected"),
    [
        ("link lead:1 contact:3", "contact:3", {"lead:1": "added"}),
        ("unlink lead:1 contact:2", "lead:1", {"contact:2": "removed"}),
        ("link lead:1 element:4521/7 quantity=3", "element:4521/7", {"lead:1": "changed"}),
        (
            "link lead:1 company:2",
            "lead:1",
            {"company:1": "removed", "company:2": "added"},
        ),
        ("link lead:1 company:2", "company:1", {"lead:1": "removed"}),
        (
            "main lead:1 contact:2",
            "lead:1",
            {"contact:1": "changed", "contact:2": "changed"},
        ),
        ("main lead:1 contact:2", "contact:1", {"lead:1": "changed"}),
        (
            "move contact:1 contact:3",
            "contact:1",
            {one: "removed" for one in ("lead:1", "customer:1", "company:1")},
        ),
        (
            "move contact:1 contact:3",
            "contact:3",
            {one: "added" for one in ("lead:1", "customer:1", "company:1")},
        ),
        (
            "move contact:1 contact:3",
            "lead:1",
            {"contact:1": "removed", "contact:3": "added"},
        ),
        ("link lead:1 contact:2", "lead:1", {}),
        ("unlink lead:2 company:3", "company:3", {}),
    ],
)
def test_an_edit_is_pending_at_each_card_that_it_is_felt_at(
    queued: Edits, queue: str, card: str, expected: dict[str, str]
) -> None:
    """With the edit itself; what is so already is not pending."""
    (edit,) = queued.add(entries(queue)).edits

    found = queued.pending(card)

    assert {str(far): one.kind for far, one in found.items()} == expected
    assert all(one.edit == edit for one in found.values())


def test_what_is_carried_is_told(queued: Edits) -> None:
    """What a link is to carry; of one that goes what it carries; who is main no more."""
    queued.add(entries("link lead:1 element:4521/7 quantity=3"))
    queued.add(entries("main lead:1 contact:2"))
    queued.add(entries("unlink lead:2 element:4533/7"))

    lead = queued.pending("lead:1")
    other = queued.pending("lead:2")

    told = {str(far): one.metadata for far, one in (lead | other).items()}
    assert told["element:4521/7"].quantity == 3
    assert told["element:4533/7"].quantity == 1
    assert told["contact:2"].is_main
    assert told["contact:1"].is_main is False


def test_what_is_in_conflict_is_shown_as_what_it_wants(queued: Edits) -> None:
    """By its state one knows that a person is to decide."""
    edit = queued.add(entries("link lead:1 element:4521/7 quantity=3")).edits[0]
    queued.journal.conflict(edit.id, Base(Metadata(quantity=9)), "was 2.5, is 9 now")

    (found,) = queued.pending("lead:1").values()

    assert (found.kind, found.metadata.quantity, found.edit.state) == (
        "changed",
        3,
        State.CONFLICT,
    )


def test_what_is_at_its_end_is_not_pending(queued: Edits) -> None:
    """What was dropped, or failed."""
    dropped = queued.add(entries("link lead:1 contact:3")).edits[0]
    failed = queued.add(entries("link lead:2 contact:3")).edits[0]
    queued.drop([dropped.id])
    queued.journal.move([failed.id], State.FAILED, "refused")

    assert queued.pending("contact:3") == {}


def test_a_long_queue_is_looked_through_for_a_card_with_many_links(queued: Edits) -> None:
    """A thousand neighbours, a thousand edits of others: what is told is the same."""
    queued.add(
        Entry(Edit(Verb.LINK, Ref(EntityType.LEAD, one), Ref(EntityType.COMPANY, 1)), HERE)
        for one in range(100, 1300)
    )

    company = queued.pending("company:1")
    lead = queued.pending("lead:1299")

    assert len(company) == 1200
    assert {one.kind for one in company.values()} == {"added"}
    assert set(lead) == {Ref(EntityType.COMPANY, 1)}


def test_the_journal_tells_of_few_cards_as_of_many(queued: Edits) -> None:
    """Whichever way it is asked: by the cards, or by going through all that waits."""
    queued.add(entries("link lead:2 contact:3; link lead:3 company:2; unlink lead:1 contact:2"))
    queued.add(entries("move contact:1 contact:3"))
    waiting = Waiting(queued.journal, NearLinks(queued._engine()), _LONG_AGO + timedelta(days=99))
    many = {Ref(EntityType.LEAD, number) for number in range(5000, 6500)}
    for ends, owners in (
        ({"lead:2"}, set()),
        ({"contact:3"}, set()),
        (set(), {"contact:3"}),
        (set(), {"lead:3"}),
        (set(), {"company:2"}),
        ({"company:2"}, {"lead:1"}),
    ):
        own, near = {Ref.parse(one) for one in ends}, {Ref.parse(one) for one in owners}
        few = waiting.edits(own, near)

        assert waiting.edits(own, near | many) == few
