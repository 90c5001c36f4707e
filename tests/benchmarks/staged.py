"""A staging as a full pull would leave it, made from the generator's columns without HTTP."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from linkgraph.mirror.clock import now
from linkgraph.mirror.stagedrows import TABLES
from linkgraph.mirror.staging import Run, Staging
from linkgraph.model import CARD_TYPES, EntityType, Relation
from linkgraph.simulator import ENTITY_TYPES, World

BASE_URL = "https://example.amocrm.ru"
_TYPES = pa.array([str(EntityType.from_api(name)) for name in ENTITY_TYPES])

_NAMES = {
    EntityType.LEAD: "'Сделка № ' || id",
    EntityType.CUSTOMER: "'Покупатель ' || id",
    EntityType.CONTACT: "'Иванов Пётр ' || id",
    EntityType.COMPANY: "'ООО «Ромашка ' || id || '»'",
    EntityType.ELEMENT: "'Товар ' || id",
}
_PHONE = "'+7' || (9000000000 + id % 999999999)"
_FIELDS = (
    '\'[{"field_id":101,"field_code":"PHONE","values":[{"value":"\' || '
    + _PHONE
    + ' || \'","enum_code":"WORK"}]}]\''
)


def stage(path: Path, world: World, *, started_at: datetime | None = None) -> None:
    """Write a complete staging of `world` to `path`: all cards, links of both sides, witnesses."""
    moment = started_at or now()
    with Staging.begin(path, Run("full", moment, BASE_URL, "RU")) as staging:
        for kind in EntityType:
            _cards(staging, world, kind, moment)
        _links(staging, world, moment)


def _cards(staging: Staging, world: World, kind: EntityType, moment: datetime) -> None:
    db = staging.connection
    columns = world.card_columns(kind.api_name)
    rows = pa.table({name: pa.array(column) for name, column in columns.items()})
    table, key = TABLES[kind]
    known = {"price", "pipeline_id", "status_id", "responsible_user_id", "catalog_id"}
    kept = [name for name in rows.column_names if name in known & set(_columns(staging, table))]
    has_phone = kind in {EntityType.CONTACT, EntityType.COMPANY}
    db.register("world_cards", rows)
    db.execute(
        f"insert into {table} by name select id as {key}, {_NAMES[kind]} as name, "
        f"{_FIELDS if has_phone else 'null'} as custom_fields, false as is_deleted, "
        f"to_timestamp(created_at)::timestamp as created_at, "
        f"to_timestamp(updated_at)::timestamp as updated_at, $moment as read_at"
        + "".join(f", {name}" for name in kept)
        + " from world_cards",
        {"moment": moment},
    )
    if kind in CARD_TYPES:
        db.execute(
            f"insert into link_reads select '{kind}', id, $moment, true, null from world_cards",
            {"moment": moment},
        )
    if has_phone:
        db.execute(
            f"insert into identifiers select 'phone', {_PHONE}, {_PHONE}, 'WORK', '{kind}', id "
            "from world_cards"
        )
    db.unregister("world_cards")


def _columns(staging: Staging, table: str) -> list[str]:
    return [row[0] for row in staging.connection.execute(f"describe {table}").fetchall()]


def _links(staging: Staging, world: World, moment: datetime) -> None:
    columns = world.link_columns()
    is_main = np.asarray(columns["is_main"])
    rows = pa.table(
        {
            "owner_type": _TYPES.take(pa.array(np.asarray(columns["entity_type"], np.int32))),
            "owner_id": pa.array(columns["entity_id"]),
            "other_type": _TYPES.take(pa.array(np.asarray(columns["to_entity_type"], np.int32))),
            "other_id": pa.array(columns["to_entity_id"]),
            "catalog_id": pa.array(columns["catalog_id"]),
            "is_main": pa.array(is_main == 1, mask=is_main < 0),
            "quantity": pa.array(columns["quantity"], from_pandas=True),
        }
    )
    db = staging.connection
    db.register("world_links", rows)
    db.execute(
        "insert into links by name "
        "select owner_type as entity_type, owner_id as entity_id, other_type as to_entity_type, "
        "catalog_id as to_catalog_id, other_id as to_entity_id, is_main, quantity from world_links "
        "union all by name "
        "select other_type as entity_type, other_id as entity_id, owner_type as to_entity_type, "
        "0 as to_catalog_id, owner_id as to_entity_id from world_links "
        "where other_type <> 'element'"
    )
    db.unregister("world_links")
    db.execute(
        "insert into embedded by name select entity_type, entity_id, to_entity_type, "
        "to_catalog_id, to_entity_id from links"
    )


def relations() -> list[str]:
    """The relations by name, for tables."""
    return [str(relation) for relation in Relation]
