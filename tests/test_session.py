"""The public face: `linkgraph.open` and what a program does with the session it gives."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from sqlalchemy import MetaData, Table, func, inspect, select

import linkgraph
from linkgraph.accounts import AccountSettings
from linkgraph.errors import (
    ConnectionFailed,
    InvalidParameter,
    InvalidRef,
    LinkgraphError,
    NoAccount,
    NothingMirrored,
    QueryForbidden,
    SettingsError,
    UnknownQuestion,
    UsageError,
)
from linkgraph.graphing import EXPORTED
from linkgraph.index import Walk
from linkgraph.model import Ref
from linkgraph.session import Session
from linkgraph.settings import Home
from linkgraph.simulator import Simulator, load_world

WORLD = {
    "leads": [{"id": 1, "name": "Сделка"}, {"id": 2, "name": "Вторая"}],
    "contacts": [{"id": 3, "name": "Анна"}, {"id": 4, "name": "Борис"}],
    "companies": [{"id": 5, "name": "Ромашка"}],
    "links": [
        {"entity_type": "leads", "entity_id": 1, "to_entity_type": "contacts", "to_entity_id": 3},
        {"entity_type": "leads", "entity_id": 1, "to_entity_type": "companies", "to_entity_id": 5},
    ],
}


@pytest.fixture(name="crm")
def _crm() -> Iterator[Simulator]:
    with Simulator(load_world(WORLD), rate=None) as running:
        yield running


@pytest.fixture(name="home")
def _home(crm: Simulator, tmp_path: Path) -> Path:
    home = Home(tmp_path / "home")
    home.add("work", AccountSettings(crm.url, rate=float("inf")), crm.token)
    return home.root


@pytest.fixture(name="session")
def _session(home: Path) -> Iterator[Session]:
    with linkgraph.open(home=home) as session:
        session.sync()
        yield session


def link(crm: Simulator, lead: int, contact: int) -> None:
    """Link a contact to a lead in the CRM itself."""
    httpx.post(
        f"{crm.url}/api/v4/leads/{lead}/link",
        json=[{"to_entity_id": contact, "to_entity_type": "contacts"}],
        headers={"Authorization": f"Bearer {crm.token}"},
    ).raise_for_status()


def edges(session: Session) -> int:
    """How many links there are."""
    count = session.sql("select count(*) as n from edges").rows()[0]["n"]
    assert isinstance(count, int)
    return count


def test_from_open_to_an_answer(session: Session) -> None:
    """Open, ask, read: parameters by name, typed or as text, rows as dicts or as Arrow."""
    answer = session.ask("leads-without-contact")
    by_text = session.ask("companies-sharing-contacts", {"min_shared": "1"}, limit=5)
    by_name = session.ask("companies-sharing-contacts", min_shared=1)

    assert [row["lead_id"] for row in answer.rows()] == [2]
    assert answer.table.num_rows == 1
    assert by_text.rows() == by_name.rows() == []


def test_sql_finds_and_shows(session: Session) -> None:
    """Cards are found by name, shown with their links, and asked for in SQL."""
    (card,), total = session.find("анна")
    view = session.show(card.ref)

    assert (str(card.ref), total) == ("contact:3", 1)
    assert [str(other.ref) for group in view.links for other in group.cards] == ["lead:1"]
    assert session.sql("select name from leads where lead_id = $id", {"id": 2}).rows() == [
        {"name": "Вторая"}
    ]


def test_engine_is_sqlalchemys(session: Session) -> None:
    """The engine reflects tables and runs expressions of SQLAlchemy, and writes nothing."""
    assert set(EXPORTED) <= set(inspect(session.engine).get_table_names())
    leads = Table("leads", MetaData(), autoload_with=session.engine)
    with session.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(leads)) == 2
        names = connection.scalars(select(leads.c.name).order_by(leads.c.lead_id)).all()
    assert names == ["Сделка", "Вторая"]
    assert session.engine is session.engine


def test_export_writes_what_was_asked(session: Session, tmp_path: Path) -> None:
    """Each table becomes a file of its own, its rows counted; the folder is made."""
    folder = tmp_path / "a" / "b"

    assert session.export(folder, "parquet", ["leads", "edges", "leads"]) == {
        "leads": 2,
        "edges": 2,
    }
    assert {path.name for path in folder.iterdir()} == {"leads.parquet", "edges.parquet"}
    assert pq.read_table(folder / "leads.parquet").num_rows == 2
    assert set(session.export(folder, "csv")) == set(EXPORTED)


@pytest.mark.parametrize("name", ["nope", "meta; drop table leads", "", "LEADS", "cards"])
def test_export_of_an_unknown_table(name: str, session: Session, tmp_path: Path) -> None:
    """A table that is not exported is refused before anything is written."""
    with pytest.raises(InvalidParameter):
        session.export(tmp_path / "new", "csv", ["leads", name])

    assert not (tmp_path / "new").exists()


def test_export_to_where_nothing_can_be(session: Session, tmp_path: Path) -> None:
    """A folder that cannot be made is told, not shown as a traceback."""
    (tmp_path / "file").write_text("")

    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(LinkgraphError, match="file"):
            session.export(folder, "csv")


def test_snapshot_stays_until_closed(crm: Simulator, session: Session) -> None:
    """A session reads one snapshot, whatever is published; `close` lets it look again."""
    before = edges(session)
    link(crm, 2, 4)
    report = session.sync()

    assert (before, edges(session), session.snapshot.number) == (2, 2, 1)
    session.close()
    assert (edges(session), session.snapshot.number) == (3, report.snapshot.number)


def test_sync_of_a_card(crm: Simulator, session: Session) -> None:
    """Some cards' links are read again without the rest."""
    link(crm, 2, 4)

    report = session.sync([Ref.parse("lead:2"), Ref.parse("leads/2")])
    session.close()

    assert report.requests < 10
    assert edges(session) == 3


def test_what_a_full_sync_costs(session: Session, home: Path) -> None:
    """The cost is a formula before the first sync and a number after it; runs are kept."""
    Home(home).add("new", AccountSettings("https://example.amocrm.ru"), "token")
    with linkgraph.open("new", home) as unknown:
        assert unknown.forecast().requests is None
        assert unknown.runs() == []

    known = session.forecast(7)

    assert known.based_on == 1
    assert known.requests is not None
    assert known.requests > 0
    assert [run.error for run in session.runs()] == [None]


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_cost_at_no_rate(rate: float, session: Session) -> None:
    """A rate that is none is refused before a cost is reckoned with it, and nothing is asked."""
    with pytest.raises(SettingsError, match="rate"):
        session.forecast(rate)
    with pytest.raises(SettingsError, match="rate"):
        session.sync(rate=rate)


def test_what_makes_no_sense(session: Session) -> None:
    """Unknown questions, parameters, cards and forbidden SQL have an error each, with a remedy."""
    calls: list[tuple[type[LinkgraphError], Callable[[], object]]] = [
        (UnknownQuestion, lambda: session.ask("nope")),
        (InvalidParameter, lambda: session.ask("orphan-contacts", nope=1)),
        (InvalidParameter, lambda: session.find("  ")),
        (InvalidRef, lambda: session.show(Ref.parse("lead:999"))),
        (QueryForbidden, lambda: session.sql("drop table leads")),
    ]

    for error, call in calls:
        with pytest.raises(error) as caught:
            call()
        assert caught.value.hint


@pytest.mark.parametrize("text", ["\ud800", "select '\udcff'"])
def test_text_that_is_none(text: str, session: Session) -> None:
    """Halves of surrogate pairs, which no database keeps, are refused as such."""
    for call in (lambda: session.find(text), lambda: session.sql(text)):
        with pytest.raises(LinkgraphError, match="is no text"):
            call()


def test_nothing_mirrored_yet(home: Path) -> None:
    """Before the first sync every question says that there is nothing to read."""
    with linkgraph.open(home=home) as session:
        for call in (lambda: session.engine, lambda: session.ask("orphan-contacts")):
            with pytest.raises(NothingMirrored) as caught:
                call()
            assert "linkgraph sync" in caught.value.hint


def test_no_account(tmp_path: Path) -> None:
    """Without an account there is no session, and the error says how to add one."""
    with pytest.raises(NoAccount) as caught:
        linkgraph.open(home=tmp_path)

    assert "linkgraph account add" in caught.value.hint


def test_account_whose_folder_is_gone(tmp_path: Path) -> None:
    """An account that stands in the settings alone asks for its token, and makes no files."""
    (tmp_path / "config.toml").write_text("[accounts.work]\nurl = 'https://example.amocrm.ru'\n")

    with linkgraph.open(home=tmp_path) as session:
        assert session.runs() == []
        assert session.forecast().requests is None
        with pytest.raises(SettingsError, match="no usable token"):
            session.sync()

    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_crm_that_is_away(session: Session, crm: Simulator) -> None:
    """With the CRM out of reach a sync fails as such, and the mirror still answers."""
    Home(session.account.home).add(
        "work", AccountSettings("http://127.0.0.1:1"), crm.token, replace=True
    )

    with linkgraph.open(home=session.account.home) as away:
        with pytest.raises(ConnectionFailed):
            away.sync([Ref.parse("lead:1")])
        assert edges(away) == 2


def test_address_of_another_accounts_card(session: Session) -> None:
    """A card's address is taken in its own account only: elsewhere its id is another card's."""
    own = f"{session.account.settings.url}/leads/detail/1"
    other = "https://other.amocrm.ru/leads/detail/1"

    assert session.ref(own) == Ref.parse("lead:1")
    assert [card.ref for card in session.find(own)[0]] == [Ref.parse("lead:1")]
    for ask in (session.ref, session.find):
        with pytest.raises(InvalidRef, match="another account"):
            ask(other)
    assert session.find("https://example.com/no/card") == ([], 0)


def test_cards_by_the_handful(session: Session, crm: Simulator) -> None:
    """Names, addresses and states come for many cards at once, also for those nobody knows."""
    crm.world.remove_card("leads", 2)
    session.sync([Ref.parse("lead:2")])
    session.close()

    lines = session.cards(["contact:4", "lead:2", Ref.parse("lead:99"), "contacts/4"])

    assert [str(ref) for ref in lines] == ["contact:4", "lead:2", "lead:99"]
    borys, second, nobody = lines.values()
    assert (borys.name, borys.is_deleted, borys.is_known, borys.note()) == (
        "Борис",
        False,
        True,
        "",
    )
    assert borys.url == f"{crm.url}/contacts/detail/4"
    assert (second.is_deleted, second.note()) == (True, "deleted")
    assert (nobody.name, nobody.is_known, nobody.note(1000)) == (
        None,
        False,
        "in no list · 1,000 links",
    )
    assert session.cards([]) == {}


def test_surroundings_as_a_tree(session: Session) -> None:
    """What lies around a card: how much at each distance, and each card's place in the tree."""
    tree = session.surroundings("contact:3", depth=2)

    assert (tree.counts, tree.total, tree.cut) == ((1, 1, 1), 3, False)
    assert [(str(twig.card.ref), twig.depth, twig.links) for twig in tree] == [
        ("contact:3", 0, 1),
        ("lead:1", 1, 2),
        ("company:5", 2, 1),
    ]
    assert [
        (str(ref), [bunch.total for bunch in bunches]) for ref, bunches in tree.bunches.items()
    ] == [
        ("contact:3", [1]),
        ("lead:1", [1]),
    ]
    with pytest.raises(InvalidParameter):
        session.surroundings("contact:3", depth=0)


def test_a_part_is_drawn(session: Session, tmp_path: Path) -> None:
    """A neighbourhood, a component or the paths between two cards make a drawing and a file."""
    around = session.draw(around="contact:3", depth=1)
    component = session.picture(tmp_path / "part.svg", component=Ref.parse("lead:1"))
    path = session.picture(str(tmp_path / "part.html"), path=("contact:3", "company:5"))

    assert [card.name for card in around.cards] == ["Анна", "Сделка"]
    assert [card.hidden for card in around.cards] == [0, 1]
    assert [(card.ring, card.is_focus) for card in around.cards] == [(0, True), (1, False)]
    assert around.note.startswith("2 cards · snapshot 1 of ")
    assert len(component.cards) == 3
    assert [str(card.ref) for card in path.cards] == ["contact:3", "lead:1", "company:5"]
    assert {file.name for file in tmp_path.iterdir()} >= {"part.svg", "part.html"}


def test_graph_for_other_programs(session: Session, tmp_path: Path) -> None:
    """The graph, or a part of it, becomes GraphML, its cards and links counted."""
    target = tmp_path / "graph.graphml"

    assert session.export_graph(target) == (5, 2)
    assert session.export_graph(str(target), around="lead:1", depth=1) == (3, 2)
    assert session.export_graph(target, walk=Walk.of("lead_contact", skip="company")) == (4, 1)


def test_parts_that_make_no_sense(session: Session, tmp_path: Path) -> None:
    """A picture of nothing, of two things or of something unheard of is refused, with a remedy."""
    strange: dict[str, object] = {"arround": "lead:1"}
    calls: list[tuple[type[LinkgraphError], Callable[[], object]]] = [
        (InvalidParameter, lambda: session.draw()),
        (InvalidParameter, lambda: session.draw(around="lead:1", component="lead:1")),
        (InvalidParameter, lambda: session.draw(around="lead:1", depth=-1)),
        (InvalidParameter, lambda: session.draw(around="lead:1", limit=0)),
        (InvalidParameter, lambda: session.export_graph(tmp_path / "x.graphml", **strange)),  # type: ignore[arg-type]
        (InvalidRef, lambda: session.draw(around="lead:99")),
        (InvalidRef, lambda: session.draw(component="https://other.amocrm.ru/leads/detail/1")),
        (LinkgraphError, lambda: session.draw(path=("lead:1", "lead:2"))),
        (UsageError, lambda: session.picture(tmp_path / "x.png", around="lead:1")),
    ]

    for error, call in calls:
        with pytest.raises(error) as caught:
            call()
        assert caught.value.hint
    assert not list(tmp_path.glob("x.*"))


def test_edits_wait_for_whoever_opens_the_account_next(home: Path) -> None:
    """Queued before the first sync or after it; cards of other accounts are refused."""
    with linkgraph.open(home=home) as session:
        (link,) = session.edits.link("lead:2", "contact:4").edits
        session.sync()
    with linkgraph.open(home=home) as session:
        queued = session.edits.unlink("lead:1", "company:5")
        with pytest.raises(InvalidRef, match="another account"):
            session.edits.link("lead:1", "https://other.amocrm.ru/contacts/detail/4")

        assert [one.id for one in session.edits.list()] == [link.id, queued.edits[0].id]
        assert (queued.edits[0].snapshot, queued.warnings) == (1, ())
