"""Where edits meet in the queue: what stands says what was said last, and nothing is forgotten.

What a queue comes to is worked out a second time from the commands alone, place by place: whether
a pair is linked, what the link carries, who is main, which company.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from linkgraph.edit import Edit, Verb
from linkgraph.edits.checks import refusal
from linkgraph.edits.entries import Entry, Pair
from linkgraph.edits.known import Known, KnownCard
from linkgraph.edits.meeting import Meeting, Standing
from linkgraph.model import Metadata, Ref
from tests.edits.queues import HERE, card

LEADS = [card("lead", 1), card("lead", 2)]
CONTACTS = [card("contact", number) for number in (1, 2, 3)]
COMPANIES = [card("company", number) for number in (1, 2, 3)]
TABLE = card("element", 7, 4521)
PAIRS: list[Pair] = [
    *((owner, contact) for owner in LEADS for contact in CONTACTS),
    *((owner, company) for owner in (*LEADS, CONTACTS[0]) for company in COMPANIES),
    *((owner, TABLE) for owner in LEADS),
]
State = dict[Pair, Metadata]


@dataclass(frozen=True)
class Outset:
    """How things stand before anybody edits."""

    links: State

    @property
    def known(self) -> Known:
        """What a snapshot would tell of it."""
        cards = (*LEADS, *CONTACTS, *COMPANIES, TABLE)
        return Known(
            7,
            {ref: KnownCard(None, False, True) for ref in cards},
            self.links,
            {owner: tuple(_companies(self.links, owner)) for owner in (*LEADS, CONTACTS[0])},
            {owner: tuple(_mains(self.links, owner)) for owner in LEADS},
        )


@st.composite
def outsets(draw: st.DrawFn) -> Outset:
    """Some links; one main contact and one company an owner at most."""
    links: State = {}
    for owner in LEADS:
        linked = draw(st.lists(st.sampled_from(CONTACTS), unique=True))
        main = draw(st.sampled_from([None, *linked]))
        links |= {(owner, one): Metadata(is_main=one == main) for one in linked}
        if draw(st.booleans()):
            links[owner, TABLE] = Metadata(quantity=draw(st.sampled_from([1.0, 2.5])))
    for owner in (*LEADS, CONTACTS[0]):
        if company := draw(st.sampled_from([None, *COMPANIES])):
            links[owner, company] = Metadata()
    return Outset(links)


@st.composite
def commands(draw: st.DrawFn) -> Edit:
    """Any edit of one pair."""
    pair = owner, other = draw(st.sampled_from(PAIRS))
    verbs = [Verb.LINK, Verb.UNLINK]
    told = Metadata()
    if other in CONTACTS and owner in LEADS:
        verbs.append(Verb.MAIN)
        told = Metadata(is_main=draw(st.sampled_from([None, True, False])))
    if other == TABLE:
        price = draw(st.sampled_from([None, 11, 0]))
        told = Metadata(quantity=draw(st.sampled_from([None, 2.0, 3.0])), price_id=price)
    verb = draw(st.sampled_from(verbs))
    ends = draw(st.sampled_from([pair, pair[::-1]]))
    return Edit(verb, *ends, told if verb is Verb.LINK else Metadata())


SEQUENCES = st.lists(commands(), min_size=1, max_size=12)


def queued(outset: Outset, sequence: Sequence[Edit]) -> tuple[Meeting, list[Edit], list[int]]:
    """Queue a sequence; returns the meeting, what was let in, and the keys it was told."""
    meeting, known = Meeting.of(outset.known, []), outset.known
    let_in: list[Edit] = []
    keys: list[int] = []
    for edit in sequence:
        entry = Entry(edit, HERE)
        if refusal(entry, known, meeting) is None:
            let_in.append(edit)
            keys.append(meeting.add(entry))
    return meeting, let_in, keys


def standing(meeting: Meeting) -> list[Standing]:
    """What stands in the end, of what came."""
    return [one for one in meeting.came if one.key not in meeting.ended]


@given(outsets(), SEQUENCES)
def test_the_queue_comes_to_what_was_said_last(outset: Outset, sequence: list[Edit]) -> None:
    """Place by place, whatever was said before and taken back."""
    meeting, let_in, _ = queued(outset, sequence)

    reached = done(outset.links, [one.entry.edit for one in standing(meeting)])

    assert facts(reached) == last_words(outset.links, let_in)


@given(outsets(), SEQUENCES)
def test_each_place_is_at_stake_once(outset: Outset, sequence: list[Edit]) -> None:
    """One open edit a pair, one that names the main contact, one that names the company."""
    meeting, _, _ = queued(outset, sequence)
    edits = [one.entry.edit for one in standing(meeting)]

    claims = Counter(
        place
        for edit in edits
        for place in (
            (edit.a, edit.b),
            *([(edit.a, "main")] if edit.verb is Verb.MAIN or edit.metadata.is_main else []),
            *([(edit.a, "company")] if edit.verb is Verb.LINK and edit.b in COMPANIES else []),
        )
    )
    assert all(count == 1 for count in claims.values())


@given(outsets(), SEQUENCES)
def test_no_edit_vanishes(outset: Outset, sequence: list[Edit]) -> None:
    """What came stands or has ended for a reason that names another edit of the queue."""
    meeting, _, keys = queued(outset, sequence)
    there = {one.key for one in meeting.came}

    assert set(keys) <= there
    assert set(meeting.ended) <= there
    assert {ending.other for ending in meeting.ended.values()} <= there
    assert [one.key for one in meeting.came] == [-1 - place for place in range(len(meeting.came))]


@given(outsets(), SEQUENCES)
def test_the_same_again_is_not_queued_twice(outset: Outset, sequence: list[Edit]) -> None:
    """What stands already is what one is told."""
    meeting, let_in, keys = queued(outset, sequence)
    if let_in and keys[-1] not in meeting.ended:
        came = len(meeting.came)

        assert meeting.add(Entry(let_in[-1], HERE)) == keys[-1]
        assert len(meeting.came) == came


@given(outsets(), SEQUENCES)
def test_main_needs_a_link(outset: Outset, sequence: list[Edit]) -> None:
    """One that stands or is queued; else the edit is refused."""
    meeting = Meeting.of(outset.known, [])
    let_in: list[Edit] = []
    for edit in sequence:
        entry = Entry(edit, HERE)
        pair = _pair(edit)
        linked = pair in outset.links or pair in last_words(outset.links, let_in).links
        refused = refusal(entry, outset.known, meeting) is not None
        assert refused == (edit.verb is Verb.MAIN and not linked)
        if not refused:
            let_in.append(edit)
            meeting.add(entry)


@given(st.lists(st.permutations(CONTACTS).map(lambda three: three[:2]), max_size=10))
def test_a_card_moves_to_one_place(ways: list[list[Ref]]) -> None:
    """The last one named; there and back again is nothing."""
    meeting = Meeting.of(Outset({}).known, [])
    goals: dict[Ref, Ref] = {}
    for source, target in ways:
        meeting.add(Entry(Edit(Verb.MOVE, source, target), HERE))
        if goals.get(source) == target:
            continue
        goals.pop(source, None)
        if goals.get(target) == source:
            del goals[target]
        else:
            goals[source] = target

    assert {one.entry.edit.a: one.entry.edit.b for one in standing(meeting)} == goals


# What commands come to, from the commands alone


@dataclass(frozen=True)
class Facts:
    """What can be seen of links: who is linked, what elements carry, who is main."""

    links: frozenset[Pair]
    carried: frozenset[tuple[Pair, float | None, int]]
    mains: frozenset[Pair]


def facts(state: State) -> Facts:
    """What can be seen of a state."""
    return Facts(
        frozenset(state),
        frozenset((pair, told.quantity, told.price_id or 0) for pair, told in state.items()),
        frozenset(pair for pair, told in state.items() if told.is_main),
    )


def done(links: State, edits: Sequence[Edit]) -> State:
    """Do edits one after the other, as an account would."""
    state = dict(links)
    for edit in edits:
        pair = owner, other = _pair(edit)
        if edit.verb is Verb.UNLINK:
            state.pop(pair, None)
            continue
        if other in COMPANIES:
            for company in _companies(state, owner):
                del state[owner, company]
        told = Metadata(is_main=True) if edit.verb is Verb.MAIN else edit.metadata
        if told.is_main:
            for contact in _mains(state, owner):
                state[owner, contact] = replace(state[owner, contact], is_main=False)
        state[pair] = _over(state.get(pair, Metadata()), told)
    return state


def last_words(links: State, sequence: Sequence[Edit]) -> Facts:
    """What was said last of each place; unlinking takes back what was said of the pair before."""
    state: State = {}
    for pair in PAIRS:
        about = [edit for edit in sequence if _pair(edit) == pair]
        linked = about[-1].verb is not Verb.UNLINK if about else pair in links
        if linked:
            said = links.get(pair, Metadata())
            for edit in _since_unlink(about):
                said = _over(said, edit.metadata)
            state[pair] = replace(said, is_main=None)
    for owner in (*LEADS, CONTACTS[0]):
        _settle_company(state, links, owner, sequence)
    for owner in LEADS:
        main = _main(state, links, owner, sequence)
        if main is not None:
            state[owner, main] = replace(state[owner, main], is_main=True)
    return facts(state)


def _settle_company(state: State, links: State, owner: Ref, sequence: Sequence[Edit]) -> None:
    about = [edit for edit in sequence if _pair(edit)[0] == owner and _pair(edit)[1] in COMPANIES]
    claims = [_pair(edit)[1] for edit in about if edit.verb is Verb.LINK]
    own = _companies(links, owner)
    if claims and (owner, claims[-1]) in state:
        kept = [claims[-1]]
    else:
        unlinked = {
            _pair(edit)[1]
            for place, edit in enumerate(about)
            if edit.verb is Verb.UNLINK
            and all(_pair(later) != _pair(edit) for later in about[place + 1 :])
        }
        kept = [company for company in own if company not in unlinked]
    for company in COMPANIES:
        state.pop((owner, company), None)
    state |= {(owner, company): Metadata() for company in kept}


def _main(state: State, links: State, owner: Ref, sequence: Sequence[Edit]) -> Ref | None:
    def last_said(contact: Ref) -> bool | None:
        about = _since_unlink([edit for edit in sequence if _pair(edit) == (owner, contact)])
        said = [_says_main(edit) for edit in about if _says_main(edit) is not None]
        return said[-1] if said else None

    claims = [
        _pair(edit)[1] for edit in sequence if _pair(edit)[0] == owner and _says_main(edit) is True
    ]
    if claims and (owner, claims[-1]) in state and last_said(claims[-1]) is True:
        return claims[-1]
    for contact in _mains(links, owner):
        if (owner, contact) in state and last_said(contact) is not False:
            return contact
    return None


def _since_unlink(about: Sequence[Edit]) -> Sequence[Edit]:
    places = [place for place, edit in enumerate(about) if edit.verb is Verb.UNLINK]
    return about[places[-1] + 1 :] if places else about


def _says_main(edit: Edit) -> bool | None:
    return True if edit.verb is Verb.MAIN else edit.metadata.is_main


def _over(before: Metadata, said: Metadata) -> Metadata:
    return Metadata(
        before.is_main if said.is_main is None else said.is_main,
        before.quantity if said.quantity is None else said.quantity,
        before.price_id if said.price_id is None else said.price_id,
    )


def _pair(edit: Edit) -> Pair:
    return (edit.a, edit.b) if (edit.a, edit.b) in PAIRS else (edit.b, edit.a)


def _companies(state: Mapping[Pair, Metadata], owner: Ref) -> list[Ref]:
    return [other for one, other in state if one == owner and other in COMPANIES]


def _mains(state: Mapping[Pair, Metadata], owner: Ref) -> list[Ref]:
    return [other for (one, other), told in state.items() if one == owner and told.is_main]
