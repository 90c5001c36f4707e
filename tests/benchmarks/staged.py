"""A staging as a full pull would leave it, made from the generator's columns without HTTP.

Names, phones and e-mails are drawn by DuckDB, in about the proportions of the simulator's own,
which are made card by card: some are shared, and people type phones in several ways.
"""

from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from linkgraph.amocrm import wire
from linkgraph.mirror.clock import now
from linkgraph.mirror.columns import directory_tables
from linkgraph.mirror.stagedrows import TABLES
from linkgraph.mirror.staging import Run, Staging
from linkgraph.model import CARD_TYPES, EntityType
from linkgraph.simulator import ENTITY_TYPES, World

BASE_URL = "https://example.amocrm.ru"
_TYPES = pa.array([str(EntityType.from_api(name)) for name in ENTITY_TYPES])


def _pick(words: str, shift: int) -> str:
    """One of some words, by bits of the card's own number, as SQL."""
    listed = str(words.split("|"))
    return f"{listed}[1 + ((mark >> {shift}) % {len(words.split('|'))})::integer]"


_FIRST = _pick("Анна|Игорь|Maria|Пётр|Вера|Jonas|Тимур|Ольга", 24)
_LAST = _pick("Ивано|Орло|Белко|Сафро|Громо|Титко|Королё|Ершо|Гусе|Зайце|Фёдоро", 8)
_ENDING = _pick("в|вский|вич|венко|вин|веев|ванов|вцев|вчук|влев|влин|вицкий|вых", 16)
_INITIAL = _pick("А.|В.|Г.|Д.|Е.|И.|К.|Л.|М.|Н.|О.|П.|С.|Т.|Ф.|Э.|Ю.|Я.", 32)
_HEAD = _pick("Север|Вектор|Альфа|Нова|Прима|Урал|Волга|Терра|Blue", 8)
_TAIL = _pick("Строй|Снаб|Торг|Полис|Пласт|Мед|Агро|Авто| Foods", 16)
_NAMES = {
    EntityType.LEAD: "'Сделка № ' || id",
    EntityType.CUSTOMER: "'Покупатель ' || id",
    EntityType.CONTACT: f"{_LAST} || {_ENDING} || ' ' || {_FIRST} || ' ' || {_INITIAL}",
    EntityType.COMPANY: f"'ООО «' || {_HEAD} || {_TAIL} || ' ' || ((mark >> 24) % 4096) || '»'",
    EntityType.ELEMENT: "'Товар ' || id",
}
_EMAILS = {
    EntityType.CONTACT: """case
    when mark % 8 >= 5 then null
    when (mark >> 33) % 32 = 0 then 'office' || ((mark >> 40) % 64) || '@example.com'
    when (mark >> 33) % 32 = 1 then 'team' || (id // 2000) || '@example.com'
    else 'p' || id || '@example.org' end""",
    EntityType.COMPANY: """case
    when mark % 8 >= 4 then null
    else 'info@c' || ((mark >> 36) % 1048576) || '.example.net' end""",
}
_DIGITS = "phone::varchar"
_TYPED_PHONE = f"""case
    when phone = 0 then null
    when (mark >> 26) % 3 = 0 then '+7' || {_DIGITS}
    when (mark >> 26) % 3 = 1 then '8' || {_DIGITS}
    else '+7 (' || substr({_DIGITS}, 1, 3) || ') ' || substr({_DIGITS}, 4) end"""
_FIELDS = (
    '\'[{"field_id":101,"field_code":"PHONE","values":[{"value":"\' || typed_phone'
    ' || \'","enum_code":"WORK"}]}]\''
)


def stage(path: Path, world: World, *, started_at: datetime | None = None) -> None:
    """Write a complete staging of `world` to `path`: all cards, links of both sides, witnesses."""
    moment = started_at or now()
    with Staging.begin(path, Run("full", moment, BASE_URL, "RU")) as staging:
        staging.put_account(world.account_id, world.account.get("name"))
        staging.put_directory(_directory(world))
        for kind in EntityType:
            _cards(staging, world, kind, moment)
        _links(staging, world)


def _directory(world: World) -> dict[str, pa.Table]:
    """Users, pipelines, statuses and catalogs, read as the client reads them off the wire."""
    lines = [one | {"_embedded": {"statuses": one["statuses"]}} for one in world.pipelines]
    catalogs = [{"can_link_multiple": True} | one for one in world.catalogs]
    return directory_tables(
        msgspec.convert(world.users, list[wire.User]),
        msgspec.convert(lines, list[wire.Pipeline]),
        msgspec.convert(catalogs, list[wire.Catalog]),
    )


def _cards(staging: Staging, world: World, kind: EntityType, moment: datetime) -> None:
    db = staging.connection
    columns = world.card_columns(kind.api_name)
    table, key = TABLES[kind]
    known = {"price", "pipeline_id", "status_id", "responsible_user_id", "catalog_id"}
    kept = sorted(known & set(columns) & _columns(staging, table))
    reachable = kind in _EMAILS
    more = f", {_TYPED_PHONE} as typed_phone, {_EMAILS[kind]} as email" if reachable else ""
    db.register("world_rows", pa.table({name: pa.array(found) for name, found in columns.items()}))
    db.execute(
        "create temp table world_cards as "
        f"select *{more} from (select *, hash(id) as mark from world_rows)"
    )
    db.unregister("world_rows")
    closed = ", case when status_id in (142, 143) then to_timestamp(updated_at)::timestamp end"
    db.execute(
        f"insert into {table} by name select id as {key}, {_NAMES[kind]} as name, "
        f"{_FIELDS if reachable else 'null'} as custom_fields, false as is_deleted, "
        f"to_timestamp(created_at)::timestamp as created_at, "
        f"to_timestamp(updated_at)::timestamp as updated_at, $moment as read_at"
        + "".join(f", {name}" for name in kept)
        + (f"{closed} as closed_at" if kind is EntityType.LEAD else "")
        + " from world_cards",
        {"moment": moment},
    )
    if kind in CARD_TYPES:
        db.execute(
            f"insert into link_reads select '{kind}', id, $moment, true, null from world_cards",
            {"moment": moment},
        )
    if reachable:
        db.execute(
            f"insert into identifiers select 'phone', typed_phone, '+7' || {_DIGITS}, 'WORK', "
            f"'{kind}', id from world_cards where phone <> 0 "
            f"union all select 'email', email, email, 'WORK', '{kind}', id from world_cards "
            "where email is not null"
        )
    db.execute("drop table world_cards")


def _columns(staging: Staging, table: str) -> set[str]:
    return {row[0] for row in staging.connection.execute(f"describe {table}").fetchall()}


def _links(staging: Staging, world: World) -> None:
    columns = world.link_columns()
    is_main, price = np.asarray(columns["is_main"]), np.asarray(columns["price_id"])
    rows = pa.table(
        {
            "owner_type": _TYPES.take(pa.array(np.asarray(columns["entity_type"], np.int32))),
            "owner_id": pa.array(columns["entity_id"]),
            "other_type": _TYPES.take(pa.array(np.asarray(columns["to_entity_type"], np.int32))),
            "other_id": pa.array(columns["to_entity_id"]),
            "catalog_id": pa.array(columns["catalog_id"]),
            "is_main": pa.array(is_main == 1, mask=is_main < 0),
            "quantity": pa.array(columns["quantity"], from_pandas=True),
            "price_id": pa.array(price, mask=price == 0),
        }
    )
    db = staging.connection
    db.register("world_links", rows)
    db.execute(
        "insert into links by name "
        "select owner_type as entity_type, owner_id as entity_id, other_type as to_entity_type, "
        "catalog_id as to_catalog_id, other_id as to_entity_id, is_main, quantity, price_id "
        "from world_links "
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
