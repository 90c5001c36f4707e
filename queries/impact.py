"""What a plan would do to the account as a whole: whom it leaves alone, what it joins and parts.

Pure functions over the link index. Both states are the snapshot's, corrected by what the plan read
live on the links that it changes: whatever differs between them is the plan's doing. A card that
the snapshot does not know is new: it has no links but those that the plan tells of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.index import LinkIndex
from linkgraph.index.marks import DELETED, TYPES, Bools, main_flags, relation_table
from linkgraph.index.walk import EVERYWHERE
from linkgraph.model import EntityType, Link, Metadata, Ref, Relation
from queries.parting import Merge, Split, parted

Longs = NDArray[np.int64]

#: Links of a lead or customer to its contacts, and to its company, which a contact has too.
_CONTACTS = frozenset({Relation.LEAD_CONTACT, Relation.CUSTOMER_CONTACT})
_COMPANIES = frozenset({Relation.LEAD_COMPANY, Relation.CONTACT_COMPANY, Relation.CUSTOMER_COMPANY})
#: What keeps a contact, company or customer from being an orphan, as the questions `orphan-*` say.
_TIES = _CONTACTS | _COMPANIES | {Relation.CONTACT_ELEMENT}


@dataclass(frozen=True, slots=True)
class LinkDelta:
    """What a plan does to one link."""

    owner: Ref
    other: Ref
    before: Metadata | None
    """What it carries now, None: the two are not linked."""
    after: Metadata | None
    """What it will carry, None: the two will not be linked."""


class MainMove(NamedTuple):
    """An owner whose main contact becomes another; `was` is None where it had none."""

    owner: Ref
    was: Ref | None
    now: Ref


@dataclass(frozen=True, slots=True)
class Impact:
    """What is otherwise after a plan; cards by type and id, deleted ones left out."""

    leads_without_contact: tuple[Ref, ...] = ()
    """Had a contact and will have none; customers alike."""
    customers_without_contact: tuple[Ref, ...] = ()
    orphans: tuple[Ref, ...] = ()
    """Contacts, companies and customers that become what the questions `orphan-*` list."""
    no_longer_orphans: tuple[Ref, ...] = ()
    main_flags_lost: tuple[Ref, ...] = ()
    """Leads and customers that had a main contact and will have none."""
    main_flags_moved: tuple[MainMove, ...] = ()
    several_companies: tuple[Ref, ...] = ()
    """Leads, contacts and customers that get more companies than they had, and than one."""
    splits: tuple[Split, ...] = ()
    """Components that fall apart, those first whose smaller pieces are largest."""
    merges: tuple[Merge, ...] = ()
    """Components that grow together, in the same order."""

    @property
    def is_none(self) -> bool:
        """Whether there is nothing to tell."""
        return self == Impact()


def impact(index: LinkIndex, deltas: Iterable[LinkDelta]) -> Impact:
    """What differs in the account once the links are as a plan wants them.

    Main flags move as in the CRM: a contact that becomes the main one takes the flag from the
    owner's others. Components are those of the question `islands`: without catalog elements and
    deleted cards. Of several deltas of a link the first tells what is, the last what will be.
    """
    told = _by_pair(deltas)
    if not told:
        return Impact()
    known = index.what_if(add=[Link(*pair) for pair in told])  # so that all number cards alike
    before = _state(known, [(pair, delta.before) for pair, delta in told.items()])
    after = _state(known, [(pair, delta.after) for pair, delta in told.items()])
    nodes = _nodes(known, (end for pair in told for end in pair))
    now, then = _Rows(before, nodes), _Rows(after, nodes)
    had, keeps = now.count(_CONTACTS), then.count(_CONTACTS)
    bare = _refs(known, nodes[now.owns & (had > 0) & (keeps == 0)])
    was_tied, is_tied = now.count(_TIES) > 0, then.count(_TIES) > 0
    companies = then.count(_COMPANIES)
    crowded = (companies > 1) & (companies > now.count(_COMPANIES))
    lost, moved = _mains(known, now, then, told.values())
    goes = [pair for pair, delta in told.items() if delta.after is None and delta.before]
    comes = [pair for pair, delta in told.items() if delta.before is None and delta.after]
    stays = [pair for pair, delta in told.items() if delta.before and delta.after]
    splits, merges = parted(known.what_if(remove=told, add=stays), goes, comes)
    return Impact(
        leads_without_contact=tuple(ref for ref in bare if ref.type is EntityType.LEAD),
        customers_without_contact=tuple(ref for ref in bare if ref.type is EntityType.CUSTOMER),
        orphans=_refs(known, nodes[now.may_be_orphans & was_tied & ~is_tied]),
        no_longer_orphans=_refs(known, nodes[now.may_be_orphans & ~was_tied & is_tied]),
        main_flags_lost=lost,
        main_flags_moved=moved,
        several_companies=_refs(known, nodes[now.has_company & crowded]),
        splits=splits,
        merges=merges,
    )


class _Rows:
    """The live links of some cards, one beside the other."""

    def __init__(self, index: LinkIndex, nodes: Longs) -> None:
        graph, lens = index.graph, index.graph.lens(EVERYWHERE)
        spread = graph.spread(graph.frontier(nodes), lens, with_marks=True)
        assert spread.marks is not None  # they were asked for
        keep = graph.admitted(spread.targets, spread.marks, lens)
        there = np.ones(len(spread.marks), np.bool_) if keep is None else keep
        self.nodes = nodes
        self.places = nodes.searchsorted(spread.sources[there])
        """Of whom each link is, as a place in `nodes`"""
        self.targets, self.marks = spread.targets[there], spread.marks[there]
        types = graph.numbering.types(nodes)
        self.owns = _is(types, EntityType.LEAD, EntityType.CUSTOMER)
        self.has_company = self.owns | _is(types, EntityType.CONTACT)
        self.may_be_orphans = ~_is(types, EntityType.LEAD, EntityType.ELEMENT)

    def count(self, relations: frozenset[Relation]) -> Longs:
        """How many links of these kinds each card has; int64[nodes]."""
        wanted = relation_table(relations).take(self.marks)
        return np.bincount(self.places[wanted], minlength=len(self.nodes))

    def mains(self) -> dict[int, set[int]]:
        """The main contacts of each owner that has any, as nodes."""
        wanted = relation_table(_CONTACTS).take(self.marks) & main_flags(self.marks)[0]
        wanted &= self.owns[self.places]
        found: dict[int, set[int]] = {}
        owners = self.nodes[self.places[wanted]].tolist()
        for owner, contact in zip(owners, self.targets[wanted].tolist(), strict=True):
            found.setdefault(owner, set()).add(contact)
        return found


def _mains(
    index: LinkIndex, before: _Rows, after: _Rows, deltas: Iterable[LinkDelta]
) -> tuple[tuple[Ref, ...], tuple[MainMove, ...]]:
    """Who loses its main contact, and whose becomes another."""
    find, ref = index.graph.numbering.find, index.graph.numbering.ref
    had, has = before.mains(), after.mains()
    for delta in deltas:
        if _is_main(delta.after) and not _is_main(delta.before):
            owner, contact = find(delta.owner), find(delta.other)
            if contact in has.get(owner, ()):
                has[owner] = {contact}  # there is one, and linking another moves the flag
    lost = _refs(index, np.array([owner for owner in had if owner not in has], np.int64))
    moved = []
    for owner, mains in has.items():
        fresh, gone = mains - had.get(owner, set()), had.get(owner, set()) - mains
        if fresh:
            was = ref(min(gone)) if gone else None
            moved.append(MainMove(ref(owner), was, ref(min(fresh))))
    return lost, tuple(sorted(moved, key=lambda move: _place(move.owner)))


def _by_pair(deltas: Iterable[LinkDelta]) -> dict[tuple[Ref, Ref], LinkDelta]:
    found: dict[tuple[Ref, Ref], LinkDelta] = {}
    for delta in deltas:
        link = Link.between(delta.owner, delta.other)
        pair = link.owner, link.other
        before = found[pair].before if pair in found else delta.before
        found[pair] = LinkDelta(*pair, before, delta.after)
    return found


def _state(known: LinkIndex, links: list[tuple[tuple[Ref, Ref], Metadata | None]]) -> LinkIndex:
    return known.what_if(
        add=[Link(*pair, told) for pair, told in links if told is not None],
        remove=[pair for pair, told in links if told is None],
    )


def _nodes(index: LinkIndex, cards: Iterable[Ref]) -> Longs:
    """The nodes of cards, ascending, each once, without deleted ones."""
    find = index.graph.numbering.find
    nodes = np.unique(np.array([find(ref) for ref in cards], np.int64))
    alive: Longs = nodes[(index.graph.flags_of(nodes) & DELETED) == 0]
    return alive


def _refs(index: LinkIndex, nodes: Longs) -> tuple[Ref, ...]:
    return tuple(sorted(index.refs(nodes), key=_place))


def _place(ref: Ref) -> tuple[int, int, int]:
    return ref.type.rank, ref.catalog_id, ref.id


def _is(codes: NDArray[np.uint8], *types: EntityType) -> Bools:
    return np.isin(codes, [TYPES.index(entity_type) for entity_type in types])


def _is_main(told: Metadata | None) -> bool:
    return told is not None and told.is_main is True
