"""Cards found while one types: by id, ref, address, phone, e-mail and name, best first.

What is found by more than its name stands first; then names that begin with the text, names in
which a word does, names that hold it; the shortest first, deleted cards behind all others.
Names are scanned from end to end (`linkgraph.index.textfile`), a fifth of a millisecond at a time:
a scan can be stopped at any moment, and keeps no other thread waiting.
"""

import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkgraph.errors import InvalidRef, QueryStopped
from linkgraph.index import LinkIndex
from linkgraph.index.cardtexts import IDENTIFIER_KINDS, CardTexts
from linkgraph.index.folding import SEPARATOR, fold, is_exact, signature, word_bytes
from linkgraph.index.marks import DELETED, TYPES, UNLISTED
from linkgraph.index.textfile import Block
from linkgraph.model import EntityType, Ref
from queries.running import Stop

Longs = NDArray[np.int64]

#: Seconds between two growing results.
_PATIENCE = 0.1
#: Phones and e-mails that are looked at while one types: where there are more, any will do.
_ENOUGH = 5_000
#: The order in which names are scanned: those of people and firms are what is mostly typed.
_ORDER = (
    *(EntityType.CONTACT, EntityType.COMPANY, EntityType.LEAD),
    *(EntityType.CUSTOMER, EntityType.ELEMENT),
)
# How good a hit is, best first.
_BY_ID, _BY_IDENTIFIER, _BEGINS, _WORD, _INSIDE = range(5)
_MATCHED = ("id", *IDENTIFIER_KINDS, "name")
_NAME = len(_MATCHED) - 1
# A hit as one number, which sorts: deleted, how good, how long its name is, node, what matched.
_NODE, _LENGTH, _PLACE, _DELETED = 2, 34, 54, 57
_LONGEST = (1 << (_PLACE - _LENGTH)) - 1


@dataclass(frozen=True, slots=True)
class Sought:
    """What a text may mean; whatever it cannot mean is empty."""

    ref: Ref | None = None
    id: int = 0
    email: str = ""
    phone: str = ""
    digits: tuple[str, ...] = ()
    """What phones may hold, as it was typed and as it stands in a whole number"""
    name: str = ""

    @classmethod
    def of(cls, text: str, country: str) -> "Sought":
        """What a text may mean where phones without a country's code are of `country`."""
        word = text.strip()
        try:
            return cls(ref=Ref.parse(word))
        except InvalidRef:
            pass
        id_ = int(word) if re.fullmatch(r"\d{1,18}", word, re.ASCII) else 0
        email = word if "@" in word else ""
        digits = re.sub(r"\D", "", word)
        if len(digits) < 5 or re.search(r"[^\d\s()+.-]", word):
            return cls(None, id_, email, name=word)
        from linkgraph.mirror.normalising import international, normalise  # a tenth of a second

        whole = {digits: None, international(digits, country).lstrip("+"): None}
        phone = normalise("phone", word, country) or ""
        return cls(None, id_, email, phone, tuple(whole), word)


class Hit(NamedTuple):
    """A card that was found."""

    node: int
    matched: str
    """id, phone, email or name"""


@dataclass(slots=True)
class Hits:
    """The best cards so far, best first."""

    hits: list[Hit]
    total: int
    """How many there are, as far as they were counted"""


class Search:
    """One search over the cards of a snapshot."""

    def __init__(
        self,
        index: LinkIndex,
        texts: CardTexts,
        sought: Sought,
        kinds: Collection[EntityType] | None,
        limit: int,
        stop: Stop | None,
    ) -> None:
        self._graph, self._texts = index.graph, texts
        self._sought, self._limit, self._stop = sought, limit, stop or Stop()
        self._kinds = [kind for kind in _ORDER if kinds is None or kind in kinds]
        self._keys: Longs = np.empty(0, np.int64)
        self._singled: Longs = np.empty(0, np.int64)
        """Nodes that were found by more than their names, ascending"""
        self._total = 0

    def grow(self) -> Iterator[Hits]:
        """The best so far, again and again; the last is the best of all, empty where none is.

        Raises:
            QueryStopped: it was stopped.
        """
        self._single_out(_ENOUGH)
        told, due = self._keys, 0.0
        if len(told):
            yield self._hits()
        for _ in self._scan(counting=False):
            if len(self._keys) and time.monotonic() >= due and not np.array_equal(told, self._keys):
                told, due = self._keys, time.monotonic() + _PATIENCE
                yield self._hits()
        yield self._hits()

    def whole(self) -> Hits:
        """The best of all, and how many there are.

        Raises:
            QueryStopped: it was stopped.
        """
        self._single_out(None)
        for _ in self._scan(counting=True):
            pass
        return self._hits()

    def _hits(self) -> Hits:
        nodes = (self._keys >> _NODE) & 0xFFFFFFFF
        matched = self._keys & ((1 << _NODE) - 1)
        pairs = zip(nodes.tolist(), matched.tolist(), strict=True)
        return Hits([Hit(node, _MATCHED[code]) for node, code in pairs], self._total)

    # By more than the name

    def _single_out(self, most: int | None) -> None:
        """Find what an id, a ref, a phone or an e-mail means, of the latter two so many."""
        by_id = self._by_id()
        by_identifier, kinds = self._by_identifier(most)
        nodes = np.concatenate([by_id, by_identifier])
        places = np.repeat([_BY_ID, _BY_IDENTIFIER], [len(by_id), len(by_identifier)])
        codes = np.concatenate([np.zeros(len(by_id), np.int64), kinds + 1])
        wanted = [TYPES.index(kind) for kind in self._kinds]
        keep = (nodes >= 0) & np.isin(self._graph.numbering.types(nodes), wanted)
        keep &= (self._graph.flags_of(nodes) & UNLISTED) == 0
        nodes, places, codes = nodes[keep], places[keep], codes[keep]
        keys = self._made(nodes, places, self._texts.lengths(nodes), codes)
        keys.sort()
        self._singled, first = np.unique((keys >> _NODE) & 0xFFFFFFFF, return_index=True)
        self._keys = np.sort(keys[first])[: self._limit]
        self._total = len(self._singled)

    def _by_id(self) -> Longs:
        numbering, sought = self._graph.numbering, self._sought
        refs = [] if sought.ref is None else [sought.ref]
        if sought.id:
            refs = [Ref(one.type, sought.id, one.catalog_id) for one in numbering.ranges]
        nodes = np.array([numbering.find(ref) for ref in refs], np.int64)
        return nodes[nodes >= 0]

    def _by_identifier(self, most: int | None) -> tuple[Longs, Longs]:
        sought, texts = self._sought, self._texts
        patterns = [signature(one) for one in (sought.email, *sought.digits) if one]
        patterns += [bytes([SEPARATOR]) + signature(sought.phone)] if sought.phone else []
        numbers, count = [np.empty(0, np.int64)], 0
        for block in texts.identifiers.blocks(0, len(texts.identifiers) if patterns else 0):
            self._go_on()
            for pattern in patterns:
                numbers.append(block.first + _numbers(block, _positions(block, pattern)))
                count += len(numbers[-1])
            if most is not None and count >= most:
                break
        found = np.unique(np.concatenate(numbers))
        kinds = texts.kinds.take(found).astype(np.int64)
        # An e-mail with those digits is none of the phone that was typed.
        keep = np.ones(len(found), np.bool_) if sought.email else kinds == 0
        return texts.owners.take(found[keep]).astype(np.int64), kinds[keep]

    # By name

    def _scan(self, *, counting: bool) -> Iterator[None]:
        """Scan the names; comes back after each block that had something.

        Where all are to be counted, a word within a name is no better than any other part.
        """
        sought = signature(self._sought.name)
        if not sought:
            return
        ranges = self._graph.numbering.ranges
        for kind in self._kinds:
            own = [one for one in ranges if one.type is kind]
            if not own:
                continue
            start, stop = own[0].start, own[-1].stop
            for block in self._texts.folded.blocks(start, stop):
                self._go_on()
                worst = _INSIDE if counting else self._worst
                begins = worst <= _BEGINS
                pattern = bytes([SEPARATOR]) + sought if begins else sought
                positions = _positions(block, pattern) + begins
                if worst == _WORD:
                    positions = positions[~word_bytes().take(_before(block, positions))]
                if len(positions):
                    self._take(block, positions, start, stop, counting)
                    yield

    def _take(self, block: Block, positions: Longs, start: int, stop: int, counting: bool) -> None:
        """Count the names that were hit, and keep the best."""
        data = np.frombuffer(block.data, np.uint8, block.size)
        separators = np.flatnonzero(data == SEPARATOR)
        numbers = separators.searchsorted(positions, "right") - 1
        before = _before(block, positions)
        places = np.where(word_bytes().take(before), _INSIDE, _INSIDE if counting else _WORD)
        places[before == SEPARATOR] = _BEGINS
        (firsts,) = np.nonzero(np.diff(numbers, prepend=-1))
        numbers, places = numbers[firsts], np.minimum.reduceat(places, firsts)
        nodes = block.first + numbers
        lengths = np.diff(separators, append=block.size).take(numbers) - 1
        keep = (nodes >= start) & (nodes < stop)
        if len(self._singled):
            keep &= ~np.isin(nodes, self._singled)
        keys = self._made(nodes[keep], places[keep], lengths[keep], np.int64(_NAME))
        if not counting and len(self._keys) == self._limit:
            keys = keys[keys < self._keys[-1]]
        if not is_exact(signature(self._sought.name)):
            keys = keys[self._holding((keys >> _NODE) & 0xFFFFFFFF)]
        self._total += len(keys)
        if len(keys) > self._limit:
            keys = np.partition(keys, self._limit)[: self._limit]
        self._keys = np.sort(np.concatenate([self._keys, keys]))[: self._limit]

    @property
    def _worst(self) -> int:
        """How good a hit has to be to find a place."""
        return _INSIDE if len(self._keys) < self._limit else int(self._keys[-1] >> _PLACE)

    def _holding(self, nodes: Longs) -> NDArray[np.bool_]:
        """Which names do hold the text, where their bytes alone do not tell."""
        sought = fold(self._sought.name)
        whole = self._texts.of(nodes.tolist(), 1 << 30)
        return np.array([sought in fold(one.name or "") for one in whole], np.bool_)

    def _made(self, nodes: Longs, places: Longs, lengths: Longs, codes: Longs | np.int64) -> Longs:
        deleted = ((self._graph.flags_of(nodes) & DELETED) != 0).astype(np.int64)
        short = np.minimum(lengths, _LONGEST)
        keys: Longs = deleted << _DELETED | places.astype(np.int64) << _PLACE
        return keys | short << _LENGTH | nodes.astype(np.int64) << _NODE | codes

    def _go_on(self) -> None:
        if self._stop.asked:
            raise QueryStopped("the search was stopped")


def _positions(block: Block, pattern: bytes) -> Longs:
    """Where a pattern stands in a block, ascending."""
    # Most blocks hold none of what is sought: those are passed over as fast as memory is read.
    first = block.data.find(pattern, 0, block.size)
    if first < 0:
        return np.empty(0, np.int64)
    data = np.frombuffer(block.data, np.uint8, block.size - first, first)
    room = len(data) - len(pattern) + 1
    found = data[:room] == pattern[0]
    for place in range(1, min(len(pattern), 3)):
        found &= data[place : place + room] == pattern[place]
    positions = np.flatnonzero(found)
    for place in range(3, len(pattern)):
        positions = positions[data.take(positions + place) == pattern[place]]
    return positions + first


def _before(block: Block, positions: Longs) -> NDArray[np.uint8]:
    """The bytes before some positions, of which none is 0."""
    return np.frombuffer(block.data, np.uint8, block.size).take(positions - 1)


def _numbers(block: Block, positions: Longs) -> Longs:
    """The texts of a block in which some positions lie, by their place in it."""
    if not len(positions):
        return positions
    data = np.frombuffer(block.data, np.uint8, block.size)
    separators = np.flatnonzero(data == SEPARATOR)
    return separators.searchsorted(positions, "right") - 1
