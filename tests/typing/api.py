"""The public face, as a type checker sees it. Never run: only checked."""

from datetime import datetime
from typing import assert_type

import linkgraph
from linkgraph.mirror.sync import Report
from linkgraph.model import EntityType, Ref
from linkgraph.session import Session
from queries.lookup import CardView
from queries.runner import Answer
from queries.sandbox import SqlResult

session = linkgraph.open("work", home="/somewhere")
assert_type(session, Session)
assert_type(session.ask("orphan-contacts"), Answer)
assert_type(session.ask("companies-sharing-contacts", min_shared=2, limit=10), Answer)
assert_type(session.sql("select 1", timeout=5), SqlResult)
assert_type(session.show(Ref.parse("lead:1")), CardView)
assert_type(session.sync([Ref(EntityType.LEAD, 1)]), Report)
assert_type(session.token_ends(), datetime | None)
