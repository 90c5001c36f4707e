"""Edits come in from files as people and programs write them; what is bad is told by its line."""

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.edits.edits import Edits
from linkgraph.edits.entries import Origin, Source
from linkgraph.edits.importing import Imported, read
from linkgraph.errors import InvalidRef, UsageError
from linkgraph.model import Ref
from queries import formats
from tests.edits.queues import edits_over, people, told


@pytest.fixture(name="edits")
def _edits(tmp_path: Path) -> Iterator[Edits]:
    edits = edits_over(tmp_path / "work", people)
    yield edits
    edits.close()


def imported(
    edits: Edits,
    content: str | bytes,
    format: str = "csv",
    *,
    partial: bool = False,
    updated_by: int | None = None,
) -> Imported:
    """Import the content of a file."""
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return edits.import_lines(stream, format, name="fixes", partial=partial, updated_by=updated_by)


def lines(content: str | bytes, format: str = "csv") -> tuple[list[str], list[int]]:
    """The edits that are read from a file, and the numbers of its bad lines."""
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    good, bad = read(stream, format, "fixes")
    edits = [str(one.edit) for line in good for one in line.entries]
    return edits, [line.number for line in bad]


WANTED = [
    "link lead:1 contact:3 main=yes",
    "link lead:1 element:4521/7 quantity=4.5 price=11",
    "unlink lead:1 company:1",
    "link lead:2 element:4521/7 price=none",
]


@pytest.mark.parametrize(
    "content",
    [
        "verb,a,b,main,quantity,price,updated_by\n"
        "link,lead:1,contact:3,yes,,,7\n"
        "link,lead:1,element:4521/7,,4.5,11,7\n"
        "UNLINK,lead:1,company:1,,,,7\n"
        "link,lead:2,element:4521/7,,,none,7\n",
        "\ufeffB;A;Verb;Price;Main;Quantity;updated_by\r\n"
        "contact:3;https://example.amocrm.ru/leads/detail/1;link;;TRUE;;7\r\n"
        "\r\n"
        "element:4521/7;leads/1;link;11;;4.5;7\r\n"
        "company:1;lead:1;unlink;;;;7\r\n"
        "element:4521/7;lead:2;link;none;;;7\r\n",
        "updated_by\tverb\ta\tb\tmain\tquantity\tprice\n"
        "7\tlink\tlead:1\tcontact:3\t1\t\t\n"
        "7\tlink\tlead:1\telement:4521/7\t\t4.5\t11\n"
        "7\tunlink\tlead:1\tcompany:1\n"
        "7\tlink\tlead:2\telement:4521/7\t\t\tnone",
    ],
)
def test_csv_is_read_as_people_save_it(edits: Edits, content: str) -> None:
    """Commas, semicolons or tabs, a byte order mark, any order, short lines, blank ones."""
    done = imported(edits, content)

    assert (done.bad, done.count) == ((), 4)
    assert told(done.queued.edits) == WANTED
    assert {one.updated_by for one in done.queued.edits} == {7}


def test_json_says_the_same_by_keys(edits: Edits) -> None:
    """One object a line; null says nothing."""
    rows = [
        {"verb": "link", "a": "lead:1", "b": "contact:3", "main": True, "quantity": None},
        {"verb": "link", "a": "lead:1", "b": "element:4521/7", "quantity": 4.5, "price": 11},
        {"fix": "unlink lead:1 company:1", "name": "Ромашка", "also": [1]},
        {"verb": "link", "a": "lead:2", "b": "element:4521/7", "price": "none", "updated_by": 9},
    ]
    content = b"\n\n".join(map(msgspec.json.encode, rows))

    done = imported(edits, content, "ndjson", updated_by=5)

    assert (done.bad, told(done.queued.edits)) == ((), WANTED)
    assert [one.updated_by for one in done.queued.edits] == [5, 5, 5, 9]


def test_an_answer_that_was_saved_is_imported_as_it_is(edits: Edits, tmp_path: Path) -> None:
    """Its column `fix` counts, several edits in a cell; rows without a fix propose nothing."""
    answer = pa.table(
        {
            "lead_id": [1, 2, 3],
            "name": ['=HYPERLINK("x")', "two\nlines; and more", 'quotes "and", commas'],
            "fix": [
                "unlink lead:1 company:1; link lead:1 company:2",
                None,
                "link lead:3 contact:3",
            ],
        }
    )
    for format in ("csv", "ndjson"):
        target = tmp_path / f"answer.{format}"
        formats.write(answer.to_reader(), target, format)
        with target.open("rb") as stream:
            done = edits.import_lines(stream, format, name=target.name)

        assert (done.bad, done.count) == ((), 2)
        assert told(done.queued.edits) == [
            "unlink lead:1 company:1",
            "link lead:1 company:2",
            "link lead:3 contact:3",
        ]
    first, *_, last = edits.list()
    assert first.origin == Origin(Source.FILE, "answer.csv:2")
    assert last.origin == Origin(Source.FILE, "answer.csv:5")


def test_bad_lines_are_told_and_nothing_is_queued(edits: Edits) -> None:
    """Those that are no edits, and those that the checks refuse; each by the line it begins on."""
    content = (
        "name,edit\n"
        "a,link lead:1 contact:3\n"
        '"b\nb",link lead:1 lead:2\n'
        "c,main lead:2 contact:1\n"
        "d,\n"
        "e,link lead:2 contact:3; link lead:9 contact:1\n"
        "f,=1+1\n"
    )

    done = imported(edits, content)

    assert [line.number for line in done.bad] == [3, 5, 7, 8]
    assert done.count == 5
    assert [line.text for line in done.bad][3] == "=1+1"
    assert all(line.reason for line in done.bad)
    assert (done.queued.edits, edits.list()) == ((), [])

    partly = imported(edits, content, partial=True)

    assert partly.bad == done.bad
    assert told(edits.list()) == ["link lead:1 contact:3"]


def test_a_good_line_that_counts_on_a_bad_one_is_bad(edits: Edits) -> None:
    """Its link will not be there."""
    content = "edit\nlink lead:2 contact:1; link lead:9 contact:1\nmain lead:2 contact:1\n"

    done = imported(edits, content, partial=True)

    assert [line.number for line in done.bad] == [2, 3]
    assert edits.list() == []


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("link,lead:1,contact:3\n", "csv"),
        ("", "csv"),
        ("verb,a,b,quantty\nlink,lead:1,element:4521/7,2\n", "csv"),
        ("verb,a\nlink,lead:1\n", "csv"),
        ("edit\nlink lead:1 contact:3\n".encode("utf-16"), "csv"),
        ("edit\nlink lead:1 contact:3\n".encode("utf-16-be"), "csv"),
        ("edit;имя\nlink lead:1 contact:3;Анна\n".encode("cp1251"), "csv"),
        ("<html>", "xlsx"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(content: str | bytes, format: str) -> None:
    """With what to do about it."""
    with pytest.raises(UsageError) as caught:
        lines(content, format)

    assert caught.value.hint


@pytest.mark.parametrize(
    "line",
    [
        *("[1]", "1", "{", '{"verb": "link"}', '{"edit": ["link lead:1 contact:3"]}'),
        *('{"verb": "link lead:1", "a": "contact:3", "b": "lead:2"}', "[" * 100_000, "\x00"),
        '{"verb": "link", "a": "lead:1", "b": "contact:3", "mian": true}',
        '{"verb": "link", "a": "lead:1", "b": "contact:3", "updated_by": "Анна"}',
        '{"verb": "link", "a": "lead:1", "b": "contact:3", "main": "perhaps"}',
        '{"verb": "link", "a": "lead:1", "b": "element:4521/7", "quantity": "2,5"}',
    ],
)
def test_a_line_that_is_no_edit_stops_no_other(line: str) -> None:
    """It is counted and told, whatever it is."""
    content = '{"edit": "link lead:1 contact:3"}\n' + line + '\n{"edit": "link lead:2 contact:3"}'

    assert lines(content, "ndjson") == (["link lead:1 contact:3", "link lead:2 contact:3"], [2])


def test_huge_cells_and_odd_characters_do_no_harm() -> None:
    """A megabyte beside the fix is passed over; one in the fix is a bad line, shown short."""
    megabyte = "x" * 1_000_000
    content = (
        f"name,fix\n{megabyte},link lead:1 contact:3\na\x00b,link lead:2 contact:3\n"
        f"c,{megabyte}\nd,link lead:1\x00 contact:3\ne,link\u2028lead:3 contact:3\n"
    )
    good, bad = read(io.BytesIO(content.encode()), "csv", "fixes")

    assert [str(one.edit) for line in good for one in line.entries] == [
        *("link lead:1 contact:3", "link lead:2 contact:3", "link lead:3 contact:3")
    ]
    assert [line.number for line in bad] == [4, 5]
    assert all(len(line.text) <= 200 and "\x00" not in line.text for line in bad)
    assert all(len(line.reason) < 500 for line in bad)


def test_the_address_of_another_account_is_a_bad_line() -> None:
    """Its cards are none of this account's."""

    def own(text: str) -> Ref:
        if "other" in text:
            raise InvalidRef("another account's", hint="mind the account")
        return Ref.parse(text)

    address = "https://other.amocrm.ru/leads/detail/1"
    for content in (f"edit\nlink {address} contact:3\n", f"verb,a,b\nlink,{address},contact:3\n"):
        good, bad = read(io.BytesIO(content.encode()), "csv", "fixes", ref=own)
        assert (good, [line.reason for line in bad]) == (
            [],
            ["another account's (mind the account)"],
        )


def test_thousands_of_lines_are_read() -> None:
    """All of them, the bad one among them told."""
    content = "verb,a,b\n" + "".join(f"link,lead:{n},contact:{n}\n" for n in range(20_000))

    edits, bad = lines(content)

    assert (len(edits), bad) == (19_999, [2])


@given(st.binary(max_size=200), st.sampled_from(["csv", "ndjson"]), st.booleans())
def test_no_file_breaks_the_import(content: bytes, format: str, header: bool) -> None:
    """Any bytes are edits, bad lines, or a file that is refused."""
    with suppress(UsageError):
        lines((b"verb,a,b,main\n" if header else b"") + content, format)
