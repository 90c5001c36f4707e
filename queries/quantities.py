"""How many of an element its links carry: what the link index does not keep."""

from collections.abc import Iterable

from sqlalchemy import Engine

from linkgraph.model import EntityType, Link, Ref, by_type
from queries.running import Running

# `adjacency` is sorted by type and id: a literal type and a list of ids read little of it.
_OF_OWNERS = """
select type::varchar as type, id, to_catalog_id, to_id, quantity
from adjacency
where type = '{type}' and id in (select unnest(string_split($ids, ' '))::bigint)
    and to_type = 'element' and quantity is not null
"""


def quantities(engine: Engine, links: Iterable[Link]) -> dict[tuple[Ref, Ref], float]:
    """The quantities of those links that carry one, by owner and element."""
    wanted = {(each.owner, each.other) for each in links if each.other.type is EntityType.ELEMENT}
    found: dict[tuple[Ref, Ref], float] = {}
    for kind, owners in by_type(owner for owner, _ in wanted).items():
        ids = " ".join(str(owner.id) for owner in owners)
        with Running(engine, _OF_OWNERS.format(type=kind), {"ids": ids}) as running:
            for batch in running.batches():
                for row in batch.to_pylist():
                    element = Ref(EntityType.ELEMENT, row["to_id"], row["to_catalog_id"])
                    found[Ref(kind, row["id"]), element] = row["quantity"]
    return {pair: quantity for pair, quantity in found.items() if pair in wanted}
