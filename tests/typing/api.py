"""The public face, as a type checker sees it. Never run: only checked."""

from datetime import datetime
from typing import assert_type

import linkgraph
from linkgraph.edit import Edit
from linkgraph.index import LinkIndex, Walk
from linkgraph.index.results import Path, Paths
from linkgraph.mirror.sync import Report
from linkgraph.model import EntityType, Ref
from linkgraph.pictures.drawing import Drawing
from linkgraph.pictures.html import html
from linkgraph.pictures.svg import svg
from linkgraph.session import Session
from queries.cardlines import CardLine
from queries.figures import Figures
from queries.health import Health
from queries.lookup import CardView
from queries.runner import Answer
from queries.sandbox import SqlResult
from queries.surroundings import Surroundings

session = linkgraph.open("work", home="/somewhere")
assert_type(session, Session)
assert_type(session.ask("orphan-contacts"), Answer)
assert_type(session.ask("companies-sharing-contacts", min_shared=2, limit=10), Answer)
assert_type(session.ask("path", {"a": "lead:1", "b": "lead:2"}).refs(0), dict[str, Ref])
assert_type(session.ask("wrong-main-contact").edits(0), tuple[Edit, ...])
assert_type(session.sql("select 1", timeout=5), SqlResult)
assert_type(session.health(worst=10, timeout=5), Health)
assert_type(session.health().change, int | None)
assert_type(session.figures(), Figures)
assert_type(session.show(Ref.parse("lead:1")), CardView)
assert_type(session.sync([Ref(EntityType.LEAD, 1)]), Report)
assert_type(session.token_ends(), datetime | None)
assert_type(session.taken_at, datetime)

assert_type(session.index, LinkIndex)
assert_type(session.index.path("lead:1", Ref(EntityType.LEAD, 2)), Path | None)
assert_type(session.index.paths("lead:1", "lead:2", Walk(max_degree=500), limit=3), Paths)
assert_type(session.cards(["lead:1"]), dict[Ref, CardLine])
assert_type(session.surroundings("lead:1", 3, Walk.of(skip="element")), Surroundings)
assert_type(session.draw(around="lead:1", depth=2), Drawing)
assert_type(session.picture("around.svg", path=("lead:1", "lead:2"), limit=50), Drawing)
assert_type(session.export_graph("part.graphml", component="lead:1", walk=Walk()), tuple[int, int])
assert_type(svg(session.draw(component="lead:1")), str)
assert_type(html(session.draw(component="lead:1")), str)
