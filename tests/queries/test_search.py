"""Search as one types: what is found, in which order, and that it can be stopped at any moment."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.errors import InvalidParameter, InvalidRef, QueryStopped
from linkgraph.index.folding import SEPARATOR, fold, is_exact, signature
from linkgraph.index.textfile import BLOCK, TextFile, TextWriter
from linkgraph.mirror.snapshots import CACHE, INDEX
from linkgraph.model import EntityType, Ref
from linkgraph.session import Session
from queries.cardlines import card_lines
from queries.running import Stop
from tests.queries.conftest import BASE_URL, World
from tests.queries.looking import session_of

HOSTILE = "x'); drop table leads; --\u202e\n[red]%_\x1b[31m"
NAMES = [
    *("Иванов", "иванов", "ИВАНОВА Анна", "Пётр Иванов", "Семёнов-Иванов", "ООО «Иванов и Ко»"),
    *("Фёдоров", "Федоров", "Ромашка", "ООО «Ромашка»", 'ЗАО "Ромашка"', "ТОО Қазақстан", "қазан"),
    *(
        "Größe",
        "GROSSE",
        "ñandú",
        "Ñandú Sur",
        "İstanbul",
        "漢字",
        "字漢",
        "漢字かな",
        "😀 улыбка",
        "😀😀",
    ),
    *("№ 15", "# 15", "a\nb", "a b", " ", "", "а", "А", "аа", "баа", HOSTILE, "я" * 5000, None),
]
KINDS = list(EntityType)
LETTERS = st.text(st.sampled_from("аяиванорАЁёеЕ «»\"-ñÑşқ漢字😀ßa\nb%'"), min_size=1, max_size=3)
PIECES = st.sampled_from([name for name in NAMES if name and name.strip()]).flatmap(
    lambda name: st.tuples(st.integers(0, len(name) - 1), st.integers(1, 9)).map(
        lambda cut: name[cut[0] : cut[0] + cut[1]]
    )
)
#: Neither digits nor «@»: such texts may mean more than a name.
TEXTS = (LETTERS | PIECES).filter(
    lambda text: (
        text.strip() != "" and not set("@:/") & set(text) and not any(map(str.isdigit, text))
    )
)


def fill(world: World) -> None:
    """Every name on a card of each type, some of them deleted."""
    for place, name in enumerate(NAMES):
        for kind in KINDS:
            number = f"{kind}:{'9/' if kind is EntityType.ELEMENT else ''}{place + 1}"
            more = {"status_id": (141, 142, 143)[place % 3]} if kind is EntityType.LEAD else {}
            world.card(number, name, deleted=(place + kind.rank) % 7 == 0, **more)
    for kind_of, value, card in (
        *(("phone", "+79123456789", 1), ("phone", "+79123450000", 2), ("email", "a@b.ru", 2)),
        *(("email", "89123456@b.ru", 3), ("phone", "+74957654321;ext=12", 4)),
    ):
        world.row(
            "identifiers",
            kind=kind_of,
            value=value,
            normalised=value,
            entity_type="contact",
            entity_id=card,
        )
    world.row("identifiers", kind="phone", value="1", entity_type="contact", entity_id=5)
    world.link("lead:1", "contact:500")


@pytest.fixture(name="session", scope="module")
def _session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with session_of(tmp_path_factory.mktemp("search"), fill) as session:
        yield session


def searched(session: Session, text: str, **how: object) -> list[str]:
    """What is found in the end."""
    *_, found = session.search(text, **how)  # type: ignore[arg-type]
    return [str(one.ref) for one in found]


def expected(text: str, kinds: list[EntityType], *, words: bool) -> list[str]:
    """The cards whose names hold a text, best first: the obvious way."""
    sought = fold(text.strip())
    hits = []
    for kind in kinds:
        for place, name in enumerate(NAMES):
            folded = fold(name or "")
            if sought not in folded:
                continue
            starts = [at for at in range(len(folded)) if folded.startswith(sought, at)]
            begins_word = any(not folded[at - 1].isalnum() for at in starts if at)
            rank = 0 if starts[0] == 0 else 1 if begins_word and words else 2
            deleted = (place + kind.rank) % 7 == 0
            ref = f"{kind}:{'9/' if kind is EntityType.ELEMENT else ''}{place + 1}"
            hits.append((deleted, rank, len(folded), kind.rank, place, ref))
    return [ref for *_, ref in sorted(hits)]


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, kinds=st.none() | st.sets(st.sampled_from(KINDS)), limit=st.integers(1, 60))
def test_names_are_found_best_first(
    session: Session, text: str, kinds: set[EntityType] | None, limit: int
) -> None:
    """Names that begin with a text, then words, then any part; short ones first, deleted last."""
    own = [kind for kind in KINDS if kinds is None or kind in kinds]
    found, total = session.find(text, limit, kinds)

    assert (
        searched(session, text, kinds=kinds, limit=limit)
        == (expected(text, own, words=True)[:limit])
    )
    whole = expected(text, own, words=False)
    assert ([str(one.ref) for one in found], total) == (whole[:limit], len(whole))


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("8 912 345", ["contact:1", "contact:2"]),  # as it is typed in Russia
        ("+7 (912) 345-67-89", ["contact:1"]),
        ("89123456789", ["contact:1"]),
        ("4957654321", ["contact:4"]),
        ("A@B", ["contact:2"]),
        ("89123456@b.ru", ["contact:3"]),
        ("lead:3", ["lead:3"]),
        (f"{BASE_URL}/contacts/detail/4", ["contact:4"]),
        ("contact:500", []),
        ("lead:12345", []),
    ],
)
def test_more_than_names(session: Session, text: str, refs: list[str]) -> None:
    """A phone by its first digits in any style, an e-mail, a ref, an address find their card."""
    assert searched(session, text)[: len(refs) or None] == refs


def test_an_id_finds_the_cards_that_have_it_first(session: Session) -> None:
    """A number means the cards of every type with that id, and then names that hold it."""
    found = [one for one in list(session.search("15"))[-1] if not one.is_deleted]

    assert {str(one.ref) for one in found if one.matched == "id"} == {
        *("lead:15", "customer:15", "contact:15", "company:15", "element:9/15")
    } - {str(one.ref) for one in list(session.search("15"))[-1] if one.is_deleted}
    assert [one.matched for one in found] == sorted(one.matched for one in found)
    assert {one.name for one in found if one.matched == "name"} == {"№ 15", "# 15"}


def test_results_grow(session: Session) -> None:
    """Each list is as good as the one before, and nothing ends without one."""
    for text in ("а", "иван", "qqqq", "15", "", "  "):
        lists = list(session.search(text, limit=5))

        assert lists
        assert all(len(before) <= len(after) for before, after in itertools.pairwise(lists))
        assert (lists[-1] == []) == (text in {"qqqq", "", "  "})


def test_a_search_is_stopped(session: Session) -> None:
    """A search that is stopped ends, before it begins or on its way."""
    stop = Stop()
    lists = session.search("15", stop=stop)
    next(lists)
    stop.ask()

    with pytest.raises(QueryStopped):
        list(lists)
    with pytest.raises(QueryStopped):
        next(session.search("иванов", stop=stop))


def test_what_cannot_be_looked_for(session: Session) -> None:
    """The address of another account's card is refused, and an empty text where all is counted."""
    with pytest.raises(InvalidRef):
        list(session.search("https://other.amocrm.ru/leads/detail/1"))
    with pytest.raises(InvalidParameter):
        session.find("  ")


def test_names_are_those_of_the_tables(session: Session) -> None:
    """Names, addresses and states of cards are the same with and without a query."""
    refs = [
        Ref(kind, id_, 9 if kind is EntityType.ELEMENT else 0)
        for kind in KINDS
        for id_ in range(60)
    ]
    refs += [Ref(EntityType.CONTACT, 500), Ref(EntityType.ELEMENT, 1, 8)]

    assert session.cards(refs) == card_lines(session.engine, refs)
    assert list(session.cards(reversed(refs))) == refs[::-1]


def _without(session: Session) -> None:
    shutil.rmtree(session.snapshot.folder.parent.parent / CACHE)


def _cut(session: Session) -> None:
    path = session.snapshot.cache / "texts" / "names.utf8"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])


def _of_another(session: Session) -> None:
    path = session.snapshot.cache / "texts" / "texts.json"
    path.chmod(0o600)
    path.write_text(path.read_text().replace('"number": 7', '"number": 6'))


@pytest.mark.parametrize("harm", [_without, _cut, _of_another])
def test_texts_that_do_not_fit_are_made_anew(
    tmp_path: Path, harm: Callable[[Session], None]
) -> None:
    """What is missing, damaged or of another snapshot is built by whoever wants it first."""
    with session_of(tmp_path, lambda world: world.card("lead:1", "Сделка")) as session:
        assert searched(session, "дел") == ["lead:1"]
        harm(session)
    with Session(session.account) as again:
        assert searched(again, "дел") == ["lead:1"]
        again.close()
        assert searched(again, "сделка") == ["lead:1"]


def test_a_home_that_takes_no_files(tmp_path: Path) -> None:
    """Where nothing can be kept, what is needed is made all the same."""
    with session_of(tmp_path, lambda world: world.card("lead:1", "Сделка")) as session:
        (session.account.folder / CACHE).write_text("no folder can be made here")

        assert searched(session, "сде") == ["lead:1"]
        assert not (session.snapshot.folder / INDEX).exists()


@given(st.text(), st.text())
def test_folding(text: str, other: str) -> None:
    """A text keeps its length when folded, has no separator, and contains what it contained."""
    whole = other + text + other

    assert len(fold(text)) == len(text) == len(signature(text))
    assert fold(fold(text)) == fold(text)
    assert signature(fold(text)) == signature(text)
    assert SEPARATOR not in signature(text)
    assert signature(text) in signature(whole)
    assert fold(text) in fold(whole)
    if (
        len(text) == len(other)
        and signature(text) == signature(other)
        and is_exact(signature(text))
    ):
        assert fold(text) == fold(other)


@pytest.mark.parametrize(("a", "b"), [("ФЁДОРОВ", "федоров"), ("ñANDÚ", "ÑandÚ"), ("ІЇЄ", "іїє")])
def test_case_is_no_matter(a: str, b: str) -> None:
    """Capital and small letters are the same, in Cyrillic and in Latin letters with marks too."""
    assert fold(a) == fold(b)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=6) | st.none(), st.integers(0, 3)), max_size=20),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 2),
)
def test_a_file_of_texts_gives_back_what_was_put_in(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str | None, int]],
    start: int,
    stop: int,
    giants: int,
) -> None:
    """Every text stands under its number, whatever comes before, however large it is."""
    path = tmp_path_factory.mktemp("texts") / "texts"
    rows = rows + [("я" * BLOCK, 1)] * giants
    numbered = [text for text, gap in rows for text in [*[""] * gap, text or ""]]
    with TextWriter(path) as file:
        for part in (rows[:5], rows[5:]):
            if part:
                texts = pa.array([text for text, _ in part], pa.string())
                file.put(texts, pa.array([gap for _, gap in part], pa.int64()).to_numpy())
    found: dict[int, bytes] = {}
    for block in TextFile(path).blocks(start, stop):
        separator, *own = bytes(block.data[: block.size]).split(bytes([SEPARATOR]))
        assert separator == b""
        found |= dict(enumerate(own, block.first))

    assert all(found[number] == signature(numbered[number]) for number in found)
    assert set(range(start, min(stop, len(numbered)))) <= set(found)
