"""What a terminal of a given width shows of an answer: whole refs and numbers, honest names."""

import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from linkgraph.cli import tables
from tests.terminal import in_terminal, linkgraph, without_escapes

HOSTILE = "x\x1b[31m\u202e\n[red]y\x1b]8;;https://evil.example\x1b\\z"
WIDTHS = (60, 80, 120)


def drawn(table: pa.Table, width: int) -> tuple[str, list[str]]:
    """A table as a terminal shows it, escapes included, and what has no room."""
    shown, left_out = tables.rendered(table, width)
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=True, color_system="standard", highlight=False
    )
    console.print(shown)
    return out.getvalue(), left_out


def answer(**more: list[Any]) -> pa.Table:
    """An answer with a lead, a company and numbers."""
    columns: dict[str, list[Any]] = {
        "lead_id": [1234567890123, 2],
        "lead_name": ["Поставка мебели для переговорной комнаты на третьем этаже", None],
        "lead_url": ["https://example.amocrm.ru/leads/detail/1234567890123", None],
        "company_a_id": [98765432101, None],
        "company_a_name": ["株式会社テスト株式会社テスト株式会社", None],
        "price": [1_234_567_890, None],
        "created_at": [datetime.fromisoformat("2026-03-01T09:30:00"), None],
        "is_deleted": [True, None],
    }
    return pa.table({**columns, **more})


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_to_be_copied_is_whole(width: int) -> None:
    """Refs, numbers, times and flags are never cut; columns without room are named, in order."""
    text, left_out = drawn(answer(), width)
    shown = without_escapes(text)
    whole = {
        "lead": "lead:1234567890123",
        "company a": "company:98765432101",
        "price": "1,234,567,890",
        "created at": "2026-03-01 09:30",
        "is deleted": "yes",
    }

    for heading, value in whole.items():
        assert (value in shown) is (heading not in left_out)
    assert list(whole)[len(whole) - len(left_out) :] == left_out
    assert "lead:1234567890123" in shown


@pytest.mark.parametrize("width", [20, 40, *WIDTHS])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Names in wide letters and narrow ones keep within the terminal."""
    text, _ = drawn(answer(), width)

    assert max(cell_len(line) for line in without_escapes(text).splitlines()) <= width


CELLS = st.text() | st.integers(-(2**62), 2**62) | st.booleans() | st.floats() | st.none()


@given(
    st.dictionaries(st.text(min_size=1, max_size=12), st.sampled_from(["id", "text", "number"])),
    st.integers(30, 140),
    st.data(),
)
def test_any_answer_is_shown(kinds: dict[str, str], width: int, data: st.DataObject) -> None:
    """Whatever the columns are called and hold, nothing in the table acts on the terminal."""
    values = {"id": st.integers(0, 2**62), "text": st.text(max_size=90), "number": st.floats()}
    table = pa.table(
        {
            name: pa.array(data.draw(st.lists(values[kind] | st.none(), min_size=2, max_size=2)))
            for name, kind in kinds.items()
        }
    )

    text, left_out = drawn(table, width)

    rest = {char for char in without_escapes(text) if not char.isprintable()}
    assert rest <= {"\n", "\u200c", "\u200d", "\u00a0", *_BLANKS}
    assert len(left_out) < max(len(kinds), 1)


#: Blanks of other widths than a space's.
_BLANKS = {chr(code) for code in (*range(0x2000, 0x200B), 0x1680, 0x202F, 0x205F, 0x3000)}


def test_hostile_names_are_text(tmp_path: Path) -> None:
    """Codes and markup in a name are shown, not obeyed."""
    text, _ = drawn(answer(lead_name=[HOSTILE, "[/x] closing"]), 120)

    assert "x␛[31m\\u202e⏎[red]y␛]8;;https://evil.example␛\\z" in without_escapes(text)
    assert "[/x] closing" in text
    assert "\x1b[31m" not in text
    assert "\x1b]8;;https://evil" not in text


def test_cards_are_linked_to_their_own_address() -> None:
    """A name leads to its card's page in the CRM."""
    text, _ = drawn(answer(), 120)

    assert "https://example.amocrm.ru/leads/detail/1234567890123\x1b\\" in text


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/leads/detail/1234567890123",
        "https://example.amocrm.ru.evil.example/leads/detail/1234567890123",
        "https://example.amocrm.ru/leads/detail/2",
        "https://example.amocrm.ru/contacts/detail/1234567890123",
        "https://example.amocrm.ru/leads/detail/1234567890123/\x1b]8;;",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_linked(url: str) -> None:
    """An address that is not the very card's own in the CRM does not become a link."""
    text, _ = drawn(answer(lead_url=[url, None]), 120)

    assert "\x1b]8;" not in text


def test_nothing_is_shown_as_nothing() -> None:
    """NULLs are empty, a card without a name a dash, and an id of no known type stays an id."""
    table = pa.table({"user_id": [5], "user_name": pa.array([None], pa.string()), "n": [None]})

    text = without_escapes(drawn(table, 80)[0])

    assert "—" in text
    assert "\n 5\n" in text
    assert "None" not in text
    assert "None" not in without_escapes(drawn(answer(), 120)[0])


def test_empty_answer_has_its_headings() -> None:
    """An answer without rows shows what it would have told."""
    text, left_out = drawn(answer().slice(0, 0), 120)

    assert left_out == []
    assert "lead" in text
    assert "created" in text


def test_columns_of_one_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Two columns of one name are both there, as in files."""
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    tables.write_arrow(table)

    assert capsys.readouterr().out == "a\ta_2\n1\t2\n"


def test_lines_of_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe each row is one line with as many fields as the header, whatever it holds."""
    rows = [[HOSTILE, "a\tb", None, True, ["x", None], datetime(2026, 3, 1)]]  # noqa: DTZ001

    tables.write_rows(["name", "tab", "none", "flag", "list", "at"], rows)

    header, line = capsys.readouterr().out.splitlines()
    assert line.split("\t")[1:] == ["a⇥b", "", "true", "x, ", "2026-03-01T00:00:00"]
    assert header.count("\t") == line.count("\t")


@pytest.mark.parametrize("columns", WIDTHS)
def test_commands_fit_their_terminal(columns: int, demo_home: Path) -> None:
    """An answer, the accounts and the questions keep their columns in terminals of all widths."""
    for command in (["ask", "wrong-main-contact"], ["account", "list"], ["ask"], ["status"]):
        written = in_terminal(
            [sys.executable, "-m", "linkgraph", *command],
            columns=columns,
            LINKGRAPH_HOME=str(demo_home),
        )
        data = without_escapes(written).split("too narrow")[0].splitlines()
        wide = [line for line in data if cell_len(line) > columns and "/" not in line]

        assert wide == [], command


def test_colours_can_be_switched_off(demo_home: Path) -> None:
    """NO_COLOR is obeyed, and COLUMNS wins over the terminal's width."""
    command = [sys.executable, "-m", "linkgraph", "ask", "wrong-main-contact"]

    plain = in_terminal(command, LINKGRAPH_HOME=str(demo_home), NO_COLOR="1", COLUMNS="40")

    assert "\x1b[3" not in plain
    assert "too narrow for main contact" in without_escapes(plain)


def test_old_encodings_lose_nothing(demo_home: Path) -> None:
    """A character that an old terminal lacks is written out; it is no reason to fail."""
    done = linkgraph(
        *("find", "Иванов", "--limit", "1", "--home", str(demo_home)), PYTHONIOENCODING="ascii"
    )

    assert done.returncode == 0, done.stderr
    assert "\\u0418\\u0432\\u0430\\u043d\\u043e\\u0432" in done.stdout
