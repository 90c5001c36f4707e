"""What is looked at card by card: found, shown, walked to. The quick half of a session.

Nothing here opens the engine of questions: the link index and a small instance of the tables
answer (`queries.cardtables`), so that a browser stays quick and small however far it walks.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from linkgraph.accounts import Account
from linkgraph.errors import InvalidRef
from linkgraph.mirror.snapshots import Snapshot, Snapshots
from linkgraph.model import Ref, is_loopback
from linkgraph.plaintext import plain

if TYPE_CHECKING:
    from linkgraph.index import LinkIndex
    from queries.cardlines import CardLine
    from queries.cardlinks import CardLinks
    from queries.cardtables import CardTables
    from queries.lookup import CardFacts, CardView


class Looking:
    """An account's snapshot, looked at card by card.

    The snapshot is the one that was current when it was first asked for; `close` lets it look for a
    newer one.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.snapshots = Snapshots(account.folder)

    def close(self) -> None:
        """Let go of the snapshot."""
        if "_tables" in self.__dict__:
            self._tables.close()
        for held in ("_tables", "index", "snapshot"):
            self.__dict__.pop(held, None)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot that this session reads; `close` lets it look for a newer one.

        Raises:
            NothingMirrored: there is none yet.
        """
        return self.snapshots.require()

    @property
    def taken_at(self) -> datetime:
        """The moment of which the snapshot is (UTC).

        Raises:
            NothingMirrored, SnapshotTooNew, SnapshotUnusable: there is nothing to open.
        """
        return datetime.fromisoformat(self.snapshot.card().taken_at).replace(tzinfo=UTC)

    @cached_property
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
        from queries.cardlines import lines_by

        return lines_by(self._tables.rows, map(self._card, refs))

    def _card(self, card: Ref | str) -> Ref:
        return card if isinstance(card, Ref) else self.ref(card)

    def _known(self, ref: Ref) -> None:
        if ref not in self.index:
            raise InvalidRef(
                f"snapshot {self.snapshot.number} has no {ref}",
                hint=f"a card made since then comes with: linkgraph sync {ref}",
            )

    @cached_property
    def _tables(self) -> "CardTables":
        from queries.cardtables import CardTables

        self.snapshot.card()  # says plainly what a newer or damaged snapshot is
        return CardTables(self.snapshot.path)
