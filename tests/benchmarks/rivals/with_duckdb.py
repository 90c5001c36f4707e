"""DuckDB: recursive SQL over a table of links from both ends, sorted, as the mirror has it.

A path is searched from both ends in one recursive query: from one end only, it would go through
most of the graph.
"""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from tests.benchmarks.graphworld import GraphWorld
from tests.benchmarks.rivals.tasks import Task, Tasks

SEARCH = """
with recursive found(side, node, steps, before) using key (side, node) as (
    select * from (values (0, $1::integer, 0, null::integer), (1, $2::integer, 0, null))
    union
    select found.side, linked.other, any_value(found.steps) + 1, any_value(found.node)
    from found join linked on linked.node = found.node
    where not exists (
        from recurring.found as seen where seen.node = linked.other and seen.side = found.side
    ) and not exists (
        from recurring.found as one join recurring.found as two using (node)
        where one.side = 0 and two.side = 1
    )
    group by found.side, linked.other
)
"""
DISTANCE = """
select min(one.steps + two.steps) from found as one join found as two using (node)
where one.side = 0 and two.side = 1
"""
THREE_HOPS = """
with recursive found(node, steps) as (
    select $1::integer, 0
    union
    select linked.other, steps + 1 from found join linked using (node) where steps < 3
)
select distinct node from found where node <> $1
"""
#: Every card takes the least label among its neighbours', then that label's own label: chains of
#: labels halve, and ten rounds do where a recursive query has as many as the longest path.
ROUND = (
    "create or replace temp table least_near as select other as node, min(label) as label "
    "from linked join labels using (node) group by other",
    "create or replace temp table nearer as select node, least(own.label, near.label) as label "
    "from labels as own left join least_near as near using (node)",
    "create or replace temp table next_labels as select nearer.node, "
    "least(nearer.label, target.label) as label "
    "from nearer join nearer as target on target.node = nearer.label",
)
CHANGED = """
select count(*) from next_labels join labels using (node) where next_labels.label <> labels.label
"""


def open_graph(world: GraphWorld) -> Tasks:
    """The graph as a table in memory."""
    db = duckdb.connect()
    node, other = np.concatenate([world.pairs, world.pairs[::-1]], axis=1)
    db.register("rows", pa.table({"node": node, "other": other}))
    db.execute("create table linked as select node, other from rows order by node, other")
    db.unregister("rows")

    def column(sql: str, *given: int) -> Any:
        return next(iter(db.execute(sql, given).fetchnumpy().values()))

    def components() -> Any:
        db.execute(
            "create or replace temp table labels as "
            f"select range::integer as node, node as label from range({world.nodes})"
        )
        changed = True
        while changed:
            for sql in ROUND:
                db.execute(sql)
            changed = bool(column(CHANGED)[0])
            db.execute("create or replace temp table labels as from next_labels")
        return column("select label from labels")

    return {
        "path": Task(lambda one, two: _joined(db.execute(SEARCH + "from found", (one, two)))),
        "distance": Task(lambda one, two: column(SEARCH + DISTANCE, one, two)[0]),
        "three_hops": Task(lambda node: column(THREE_HOPS, node)),
        "neighbours": Task(lambda node: column("select other from linked where node = $1", node)),
        "components": Task(components, lambda labels: np.unique(labels, return_counts=True)[1]),
    }


def _joined(rows: Any) -> list[int]:
    """The path through the best of the nodes that both sides have found."""
    before: tuple[dict[int, tuple[int, int | None]], ...] = ({}, {})
    for side, node, steps, last in rows.fetchall():
        before[side][node] = (steps, last)
    ahead, back = before
    meeting = min(ahead.keys() & back.keys(), key=lambda node: ahead[node][0] + back[node][0])
    return _chain(ahead, meeting)[::-1] + _chain(back, meeting)[1:]


def _chain(before: dict[int, tuple[int, int | None]], start: int) -> list[int]:
    nodes, node = [], before.get(start) and start
    while node is not None:
        nodes.append(node)
        node = before[node][1]
    return nodes
