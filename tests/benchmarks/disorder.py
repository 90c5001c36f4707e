"""What is wrong in an account, done to a staging: the generator makes none of it.

Links that one side does not tell of, second companies and second main contacts, cards that are
gone or cannot be read, odd quantities; and what a week changes, for a second snapshot.
"""

from datetime import timedelta
from pathlib import Path

import duckdb

from linkgraph.mirror.schema import literal

#: The links of each kind are numbered by a hash of both ends; a statement takes some of a thousand.
_LOT = "(hash({a}, {b}, {salt}) % 1000)"


def _lot(salt: int, a: str = "entity_id", b: str = "to_entity_id") -> str:
    return _LOT.format(a=a, b=b, salt=salt)


def _both(owner: str, other: str) -> str:
    """The links of two types as rows owner, other, from the owner's side."""
    return (
        "select entity_id as owner, to_entity_id as other from links "
        f"where entity_type = '{owner}' and to_entity_type = '{other}'"
    )


def _linked(rows: str, owner: str, other: str) -> list[str]:
    """Link the rows owner, other of a query from both sides, where they are not linked yet."""
    return [
        f"create or replace temp table added as select owner, min(other) as other from ({rows}) "
        f"where other is not null and (owner, other) not in (select (owner, other) "
        f"from ({_both(owner, other)})) group by owner",
        f"insert into links select '{owner}', owner, '{other}', 0, other, null, null, null "
        "from added",
        f"insert into links select '{other}', other, '{owner}', 0, owner, null, null, null "
        "from added",
    ]


def _partners(owner: str, other: str, salt: int, per_mille: int) -> str:
    """For some links of two types the owner with another link's other end."""
    return (
        "select owner, lead(other, 3) over (order by owner) as other "
        f"from ({_both(owner, other)}) where {_lot(salt, 'owner', 'other')} < {per_mille}"
    )


def disturb(staging: Path) -> None:
    """Put a few of each thousand cards and links into disorder."""
    statements = [
        # One side does not tell.
        f"delete from links where {_lot(1)} < 2 and to_entity_type = 'company' "
        "and entity_type <> 'element'",
        f"delete from links where {_lot(2)} < 1 and entity_type = 'company' "
        "and to_entity_type in ('lead', 'contact', 'customer')",
        # Second companies and second main contacts; flags that nobody told.
        *_linked(_partners("lead", "company", 3, 4), "lead", "company"),
        *_linked(_partners("contact", "company", 4, 4), "contact", "company"),
        *_linked(_partners("customer", "company", 5, 4), "customer", "company"),
        f"update links set is_main = true where {_lot(6)} < 20 and is_main = false",
        f"update links set is_main = null where {_lot(7)} < 5 and is_main is not null",
        f"update links set quantity = case when to_entity_id % 3 = 0 then null "
        f"else to_entity_id % 3 - 2 end where {_lot(8)} < 5 and to_entity_type = 'element'",
        # The generator tells no price of two links in three: here that is the exception.
        f"update links set price_id = 652101 where {_lot(14)} >= 20 "
        "and price_id is null and to_entity_type = 'element'",
        # Gone, though links still name them.
        *(
            f"insert into gone select '{kind}', 0, {kind}_id from {table} "
            f"where hash({kind}_id, 9) % 1000 < 2"
            for kind, table in (
                ("lead", "leads"),
                ("contact", "contacts"),
                ("company", "companies"),
            )
        ),
        # Not readable with this user's rights.
        *(
            f"insert into unreadable select '{kind}', 0, {kind}_id, 'no rights', "
            f"(select started_at from run) from {table} where hash({kind}_id, 10) % 1000 < 2"
            for kind, table in (("contact", "contacts"), ("company", "companies"))
        ),
        "delete from gone where (entity_type, entity_id) in "
        "(select (entity_type, entity_id) from unreadable)",
    ]
    for kind, table in (("contact", "contacts"), ("company", "companies")):
        hidden = f"in (select entity_id from unreadable where entity_type = '{kind}')"
        statements += [
            f"delete from {table} where {kind}_id {hidden}",
            *(
                f"delete from {rows} where entity_type = '{kind}' and entity_id {hidden}"
                for rows in ("links", "link_reads", "identifiers", "embedded")
            ),
        ]
    _run(staging, statements)


def age(staging: Path, links: int) -> None:
    """Change about a hundredth of `links` links: some go, come, move to another company."""
    removed, flagged = max(links // 250, 1), max(links // 400, 1)
    _run(
        staging,
        [
            "create temp table removed as select least(entity_id, to_entity_id) as a, "
            "greatest(entity_id, to_entity_id) as b from links "
            f"where entity_type < to_entity_type using sample {removed} rows (reservoir, 7)",
            "delete from links where (least(entity_id, to_entity_id), "
            "greatest(entity_id, to_entity_id)) in (select (a, b) from removed)",
            # Contacts that go to another company: their links to the former one end.
            f"create temp table moved as {_partners('contact', 'company', 11, 15)}",
            "delete from links where to_entity_type = 'company' and entity_type = 'contact' "
            "and entity_id in (select owner from moved)",
            "delete from links where to_entity_type = 'contact' and entity_type = 'company' "
            "and to_entity_id in (select owner from moved)",
            *_linked("from moved", "contact", "company"),
            *_linked(_partners("lead", "contact", 12, 8), "lead", "contact"),
            "create temp table flagged as select entity_id, to_entity_id from links "
            f"where is_main is not null using sample {flagged} rows (reservoir, 8)",
            "update links set is_main = not is_main where (entity_id, to_entity_id) in "
            "(select (entity_id, to_entity_id) from flagged)",
            f"update links set quantity = quantity + 1 where {_lot(13)} < 20 "
            "and to_entity_type = 'element'",
        ],
        later=timedelta(days=7),
    )


def _run(staging: Path, statements: list[str], later: timedelta = timedelta()) -> None:
    with duckdb.connect() as db:
        db.execute(f"attach {literal(str(staging))} as staged; use staged")
        db.begin()
        for statement in statements:
            db.execute(statement)
        db.execute("update run set started_at = started_at + ?", [later])
        db.commit()
