"""What an account calls its users, pipelines, statuses and catalogs: the words behind ids on cards.

A few hundred rows as a rule, read at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NAMES = """
select 'user' as kind, 0 as within, user_id as id, left(name, 200) as name from users
union all
select 'pipeline', 0, pipeline_id, left(name, 200) from pipelines
union all
select 'status', pipeline_id, status_id, left(name, 200) from statuses
union all
select 'catalog', 0, catalog_id, left(name, 200) from catalogs
"""


@dataclass(frozen=True, slots=True)
class AccountNames:
    """Names by id; what has none is not there."""

    users: Mapping[int, str] = field(default_factory=dict)
    pipelines: Mapping[int, str] = field(default_factory=dict)
    statuses: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """By pipeline and status: ids of statuses are unique only within a pipeline"""
    catalogs: Mapping[int, str] = field(default_factory=dict)


def account_names(
    rows_of: Callable[[str, Mapping[str, str | int]], Sequence[Mapping[str, Any]]],
) -> AccountNames:
    """All of them; `rows_of` reads the rows of a statement from the snapshot."""
    rows = [row for row in rows_of(_NAMES, {}) if row["name"]]
    found: dict[str, dict[tuple[int, int], str]] = {}
    for row in rows:
        found.setdefault(row["kind"], {})[row["within"], row["id"]] = row["name"]
    users, pipelines, catalogs = (
        {id_: name for (_, id_), name in found.get(kind, {}).items()}
        for kind in ("user", "pipeline", "catalog")
    )
    return AccountNames(users, pipelines, found.get("status", {}), catalogs)
