"""What is looked at card by card: found, shown, walked to. The quick half of a session.

Nothing here opens the engine of questions: the link index, the texts beside it and a small instance
of the tables (`queries.cardtables`) answer, so that a browser stays quick and small however far it
walks.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from linkgraph.accounts import Account
from linkgraph.errors import InvalidParameter, InvalidRef
from linkgraph.mirror.snapshots import Snapshot, Snapshots
from linkgraph.model import EntityType, Ref, is_card_address, is_loopback
from linkgraph.once import once
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.index import LinkIndex
    from linkgraph.index.cardtexts import CardTexts
    from queries.cardlines import CardLine
    from queries.cardlinks import CardLinks
    from queries.cardtables import CardTables
    from queries.lookup import CardFacts, CardView, Found
    from queries.running import Stop
    from queries.search import Hits, Search


#: So many cards on, what was mapped for the first of them is given back.
_FORGOTTEN_AFTER = 64


class Looking:
    """An account's snapshot, looked at card by card.

    The snapshot is the one that was current when it was first asked for; `close` lets it look for a
    newer one.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.snapshots = Snapshots(account.folder)
        self._steps = 0

    def close(self) -> None:
        """Let go of the snapshot."""
        if "_tables" in self.__dict__:
            self._tables.close()
        for held in ("_tables", "_texts", "_base_url", "index", "snapshot"):
            self.__dict__.pop(held, None)

    @once
    def snapshot(self) -> Snapshot:
        """The snapshot that this session reads; `close` lets it look for a newer one.

        Raises:
            NothingMirrored: there is none yet.
        """
        return self.snapshots.require()

    def ready(self) -> None:
        """Open what cards are found and walked with; what is missing of it is built.

        Their fields lie in the tables, which are opened when a card is first asked for them.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        _ = self._texts

    @property
    def taken_at(self) -> datetime:
        """The moment of which the snapshot is (UTC).

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        return datetime.fromisoformat(self.snapshot.card().taken_at).replace(tzinfo=UTC)

    @once
    def index(self) -> "LinkIndex":
        """The link index of the snapshot: neighbours, paths, components, what-if.

        Built first, in a second or two for ten million links, where the sync has not built it.

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        from linkgraph.index import LinkIndex

        return LinkIndex.open(self.snapshot, self.ref)

    def ref(self, text: str) -> Ref:
        """A card by its ref, or by its address in this account.

        Raises:
            InvalidRef: the text names no card, or a card of another account.
        """
        ref = Ref.parse(text)
        host = urlsplit(text.strip()).hostname if "://" in text else None
        own = urlsplit(self.account.settings.url).hostname or ""
        if host is not None and host != own and not (is_loopback(host) and is_loopback(own)):
            raise InvalidRef(
                f"«{plain(text.strip(), 80)}» is a card of another account than {own}",
                hint="name the account it belongs to: --account NAME",
            )
        return ref

    def card(self, ref: Ref) -> "CardFacts":
        """A card with its fields, phones and e-mails, without its links.

        Raises:
            InvalidRef: the snapshot has no such card.
        """
        from queries.lookup import card_facts

        self._known(ref)
        return card_facts(self._tables, ref)

    def links(self, ref: Ref) -> "CardLinks":
        """All links of a card, made as they are looked at: thousands cost next to nothing.

        Raises:
            InvalidRef: the snapshot has no such card.
        """
        from queries.cardlinks import CardLinks

        self._known(ref)
        self._steps += 1
        if self._steps % _FORGOTTEN_AFTER == 0:
            self.index.graph.arrays.let_go()
            self._texts.let_go()
        return CardLinks(ref, self.index, self._tables)

    def show(self, ref: Ref, limit: int = 50) -> "CardView":
        """A card with its fields and the first `limit` links of each relation.

        Raises:
            InvalidRef: the snapshot has no such card.
        """
        from queries.lookup import card_view

        return card_view(self.card(ref), self.links(ref), limit, self.cards)

    def cards(self, refs: Iterable[Ref | str]) -> "dict[Ref, CardLine]":
        """Names, addresses and states of many cards at once; none is missing.

        Raises:
            InvalidRef: a text names no card.
        """
        from queries.cardlines import lines_of

        return lines_of(self.index, self._texts, self._base_url, map(self._card, refs))

    def search(
        self,
        text: str,
        kinds: Collection[EntityType] | None = None,
        limit: int = 50,
        stop: "Stop | None" = None,
    ) -> "Iterator[list[Found]]":
        """Cards by id, ref, address, phone, e-mail or part of their name, while one types.

        Comes back with the best that were found so far, the better ones first, and again as better
        ones are found; the last list is the answer, and empty where there is none.

        Args:
            text: what was typed; nothing finds nothing.
            kinds: only cards of these types.
            limit: the most cards of a list.
            stop: stops it from another thread.

        Raises:
            InvalidRef: it is the address of another account's card.
            QueryError: it is no text.
            QueryStopped: it was stopped.
        """
        if not text.strip():
            yield []
            return
        for hits in self._searching(text, kinds, limit, stop).grow():
            yield self._found(hits)

    def find(
        self, text: str, limit: int = 20, kinds: Collection[EntityType] | None = None
    ) -> "tuple[list[Found], int]":
        """The first cards that a text means, and how many there are.

        As `search` finds them, but that a word within a name is no better than any other part.

        Raises:
            InvalidParameter: there is nothing to look for.
            InvalidRef: it is the address of another account's card.
            QueryError: it is no text.
        """
        if not text.strip():
            raise InvalidParameter(
                "there is nothing to look for",
                hint="give a name, a phone, an e-mail, an id or a card's address",
            )
        hits = self._searching(text, kinds, limit, None).whole()
        return self._found(hits), hits.total

    def _searching(
        self, text: str, kinds: Collection[EntityType] | None, limit: int, stop: "Stop | None"
    ) -> "Search":
        from queries.running import check_text
        from queries.search import Search, Sought

        check_text(text)
        if is_card_address(text):
            self.ref(text)
        sought = Sought.of(text, self.account.settings.phone_country)
        return Search(self.index, self._texts, sought, kinds, limit, stop)

    def _found(self, hits: "Hits") -> "list[Found]":
        from queries.lookup import Found

        numbering = self.index.graph.numbering
        lines = self.cards(numbering.ref(hit.node) for hit in hits.hits)
        return [
            Found(ref, line.name, hit.matched, line.is_deleted, line.url or "")
            for (ref, line), hit in zip(lines.items(), hits.hits, strict=True)
        ]

    def _card(self, card: Ref | str) -> Ref:
        return card if isinstance(card, Ref) else self.ref(card)

    def _known(self, ref: Ref) -> None:
        if ref not in self.index:
            raise InvalidRef(
                f"snapshot {self.snapshot.number} has no {ref}",
                hint=f"a card made since then comes with: linkgraph sync {ref}",
            )

    @once
    def _texts(self) -> "CardTexts":
        from linkgraph.index import store

        return store.load_texts(self.snapshot, self.index.graph.numbering)

    @once
    def _base_url(self) -> str:
        return self.snapshot.card().base_url

    @once
    def _tables(self) -> "CardTables":
        from queries.cardtables import CardTables

        self.snapshot.card()  # says plainly what a newer or damaged snapshot is
        return CardTables(self.snapshot.path)
