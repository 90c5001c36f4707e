"""The journal's tables in `account.sqlite`. Rows are added and their state is moved on; none goes.

Refs are kept in their text form (`lead:1`), what a link carries as JSON of `model.Metadata`
(null: not linked).
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

METADATA = MetaData()

#: One row an edit that a person, a question or a program queued.
EDITS = Table(
    "edits",
    METADATA,
    Column("edit_id", Integer, primary_key=True),
    Column("uuid", String, nullable=False, unique=True),
    Column("verb", String, nullable=False),
    Column("a", String, nullable=False),
    Column("b", String, nullable=False),
    Column("is_main", Boolean),
    Column("quantity", Float),
    Column("price_id", Integer),
    Column("updated_by", Integer),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False, default=""),
    Column("queued_by", String, nullable=False),
    Column("queued_at", DateTime, nullable=False),
    Column("origin", String, nullable=False),
    Column("origin_detail", String, nullable=False, default=""),
    Column("snapshot", Integer),
    Column("base", JSON),
    Column("seen", JSON(none_as_null=True)),
    Column("push_id", Integer),
    Index("edits_by_state", "state"),
    Index("edits_by_a", "a"),
    Index("edits_by_b", "b"),
    sqlite_autoincrement=True,
)

#: Every state that an edit was in, with what caused it.
EDIT_EVENTS = Table(
    "edit_events",
    METADATA,
    Column("event_id", Integer, primary_key=True),
    Column("edit_id", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("by", String, nullable=False),
    Column("push_id", Integer),
    Column("note", String, nullable=False, default=""),
    Index("events_by_edit", "edit_id"),
    sqlite_autoincrement=True,
)

#: One row a push.
PUSHES = Table(
    "pushes",
    METADATA,
    Column("push_id", Integer, primary_key=True),
    Column("uuid", String, nullable=False, unique=True),
    Column("began_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("by", String, nullable=False),
    Column("state", String, nullable=False),
    Column("undo_of", Integer),
    Column("requests", Integer, nullable=False, default=0),
    Column("note", String, nullable=False, default=""),
    sqlite_autoincrement=True,
)

#: What a push does to one link: one row a link, numbered within the push.
CHANGES = Table(
    "changes",
    METADATA,
    Column("push_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("other", String, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("write", JSON(none_as_null=True)),
    Column("way", String, nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("phase", Integer, nullable=False),
    Column("updated_by", Integer),
    Column("edits", JSON, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("answer", String, nullable=False, default=""),
    Column("note", String, nullable=False, default=""),
    Column("moved_at", DateTime, nullable=False),
)

#: All links of a card that a push touched, as they were before it and after it.
CARD_STATES = Table(
    "card_states",
    METADATA,
    Column("push_id", Integer, primary_key=True),
    Column("card", String, primary_key=True),
    Column("moment", String, primary_key=True),
    Column("links", JSON, nullable=False),
    Column("whole", Boolean, nullable=False),
)

#: What pushes have learned of how the account takes writes.
WRITE_FACTS = Table(
    "write_facts",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("learned_at", DateTime, nullable=False),
)
