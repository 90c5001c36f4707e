"""How an account takes writes, as pushes have learned it, kept in its journal."""

from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from linkgraph.edits.changes import Habits
from linkgraph.edits.journal import Journal
from linkgraph.edits.tables import WRITE_FACTS
from linkgraph.mirror.clock import now


def known(journal: Journal) -> Habits:
    """What was learned of the account so far; the usual where nothing was."""
    with journal.file.reading() as connection:
        learned = dict(connection.execute(select(WRITE_FACTS.c.name, WRITE_FACTS.c.value)).all())
    names = {item.name for item in fields(Habits)}
    return Habits(**{name: value for name, value in learned.items() if name in names})


def learn(journal: Journal, **facts: Any) -> Habits:
    """Keep what was learned, by the names of `Habits`; returns all that is known now."""
    with journal.file.writing() as connection:
        for name, value in facts.items():
            statement = sqlite.insert(WRITE_FACTS).values(name=name, value=value, learned_at=now())
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"],
                    set_={
                        "value": statement.excluded["value"],
                        "learned_at": statement.excluded["learned_at"],
                    },
                )
            )
    return known(journal)
