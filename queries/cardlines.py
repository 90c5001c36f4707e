"""What a list or a picture says of a card in one line: its name, its address, its state.

Many cards are read by one query. A card that only links name has a line too, which says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from linkgraph.model import EntityType, Ref, by_type
from queries.running import Running

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from linkgraph.index import LinkIndex
    from linkgraph.index.cardtexts import CardTexts

Outcome: TypeAlias = Literal["", "won", "lost"]

#: From so many links on, how many a card has is worth telling.
HUB = 100
#: The statuses that close a lead, the same in every account (schema.sql, leads.status_id).
_OUTCOMES: dict[int, Outcome] = {142: "won", 143: "lost"}

# A table at a time: a join with the view over all of them takes a hundred times as long, because
# DuckDB reads every name of every table before it looks which cards were asked for.
_OF_TYPE = {
    EntityType.LEAD: """
select 'lead' as type, 0::bigint as catalog_id, lead_id as id, name, url, is_deleted, status_id
from leads where lead_id in (select unnest(string_split($leads, ' '))::bigint)""",
    EntityType.CUSTOMER: """
select 'customer', 0, customer_id, name, url, is_deleted, null
from customers where customer_id in (select unnest(string_split($customers, ' '))::bigint)""",
    EntityType.CONTACT: """
select 'contact', 0, contact_id, name, url, is_deleted, null
from contacts where contact_id in (select unnest(string_split($contacts, ' '))::bigint)""",
    EntityType.COMPANY: """
select 'company', 0, company_id, name, url, is_deleted, null
from companies where company_id in (select unnest(string_split($companies, ' '))::bigint)""",
    # Ids of elements may be in several catalogs: those that were not asked for are left out below.
    EntityType.ELEMENT: """
select 'element', catalog_id, element_id, name, url, is_deleted, null
from elements where element_id in (select unnest(string_split($catalog_elements, ' '))::bigint)""",
}
#: Characters of a name that are handed on: whoever shows it cuts it shorter.
MOST_OF_A_NAME = 2000
_COLUMNS = (
    f"select type, catalog_id, id, left(name, {MOST_OF_A_NAME}) as name, url, is_deleted, "
    "status_id from ("
)


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card as a list shows it."""

    ref: Ref
    name: str | None = None
    url: str | None = None
    """Its page in the CRM"""
    is_deleted: bool = False
    outcome: Outcome = ""
    """How a closed lead ended"""
    is_known: bool = True
    """False where links name the card and no list showed it"""

    @property
    def is_closed(self) -> bool:
        """Whether it is a lead that is won or lost."""
        return self.outcome != ""

    def note(self, links: int = 0) -> str:
        """What a reader must know of it: its state, and how many links it has if they are many."""
        words = ["deleted" if self.is_deleted else "", self.outcome]
        words += ["" if self.is_known else "in no list", f"{links:,} links" if links >= HUB else ""]
        return " · ".join(filter(None, words))


def card_lines(engine: Engine, refs: Iterable[Ref]) -> dict[Ref, CardLine]:
    """The lines of cards, in the order in which they were asked for, each once."""
    wanted = dict.fromkeys(refs)
    grouped = {kind: " ".join(str(ref.id) for ref in own) for kind, own in by_type(wanted).items()}
    if not grouped:
        return {}
    # The lead's part comes first always: it gives the columns their names and types.
    parts = [_OF_TYPE[kind] for kind in EntityType if kind in grouped or kind is EntityType.LEAD]
    named = {"leads": "0"} | {kind.api_name: ids for kind, ids in grouped.items()}
    lines = {ref: CardLine(ref, is_known=False) for ref in wanted}
    with Running(engine, _COLUMNS + "\nunion all".join(parts) + "\n)", named) as running:
        for batch in running.batches():
            for row in batch.to_pylist():
                ref = Ref(EntityType(row["type"]), row["id"], row["catalog_id"])
                if ref in lines:
                    lines[ref] = card_line(ref, row)
    return lines


def lines_of(
    index: LinkIndex, texts: CardTexts, base_url: str, refs: Iterable[Ref]
) -> dict[Ref, CardLine]:
    """The same, without a query: a few hundred cards in a few milliseconds."""
    from linkgraph.index.marks import DELETED, UNLISTED  # numpy, which a line alone does without

    numbering, flags = index.graph.numbering, index.graph.node_flags
    lines = {ref: CardLine(ref, is_known=False) for ref in refs}
    known = {
        ref: node
        for ref in lines
        if (node := numbering.find(ref)) >= 0 and not flags[node] & UNLISTED
    }
    told = texts.of([*known.values()], MOST_OF_A_NAME)
    for (ref, node), text in zip(known.items(), told, strict=True):
        lines[ref] = CardLine(
            ref,
            text.name,
            base_url + ref.path(),
            bool(flags[node] & DELETED),
            "won" if text.is_won else "lost" if text.is_lost else "",
        )
    return lines


def card_line(ref: Ref, row: Mapping[str, Any]) -> CardLine:
    """The line of a card that a list showed, of columns of its table."""
    name = row["name"]
    return CardLine(
        ref,
        None if name is None else name[:MOST_OF_A_NAME],
        row["url"],
        row["is_deleted"],
        _outcome(row["status_id"]) if ref.type is EntityType.LEAD else "",
    )


def _outcome(status_id: int | None) -> Outcome:
    return "" if status_id is None else _OUTCOMES.get(status_id, "")
