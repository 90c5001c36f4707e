"""A plan on a screen, in a pipe and in a workbook: whole where it must be, whatever names are."""

import io
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import linkgraph
from linkgraph.cli import changelines, planlines
from linkgraph.cli.plansheets import write_plan_sheets
from linkgraph.edits.changes import Change, Way
from linkgraph.model import Metadata
from linkgraph.wording import planwords
from queries.impact import Impact
from tests.cli import plans
from tests.cli.conftest import HOSTILE
from tests.terminal import in_terminal, without_escapes


@cache
def screen(what: str, columns: int) -> str:
    """What a terminal shows of one of the samples."""
    command = [sys.executable, "-m", "tests.cli.plans", what]
    return without_escapes(in_terminal(command, columns=columns, rows=300, NO_COLOR="1"))


@pytest.mark.parametrize("columns", [48, 80, 140])
def test_a_screen_of_any_width(columns: int) -> None:
    """No line is wider; every change, state and command is there; names do no harm."""
    text = screen("plan", columns)
    lines = text.splitlines()

    assert "\x1b" not in text
    assert max(map(cell_len, lines)) <= columns
    assert "3 to link, 2 to change, 1 to unlink" in lines
    assert [line for line in lines if line.endswith((" to link", " to change", " to unlink"))]
    for change in plans.CHANGES:
        assert all(str(end) in text for end in change.pair)
    assert "␛[31m" in text
    for heading in ("Leads: 2 to link", "Leads: 1 to unlink", "Contacts: 1 to link"):
        assert heading in lines
    for way in ("--keep", "--drop", "--requeue"):
        assert f"    linkgraph edits resolve 8 {way}" in lines  # whole, to be copied
    assert text.index("when queued  linked, main") < text.index("now          not linked")
    assert "1 lead loses its last contact: lead:1 Сделка" in text
    assert "hooks.example/links" in text


def test_signs_and_states() -> None:
    """What is added, changed and taken away is told apart, with old and new."""
    text = screen("plan", 140)

    assert "+ lead:1234567" in text
    assert "− lead:1 " in text
    assert "~ lead:3 " in text
    assert "main → not main" in text
    assert "quantity 1 → 2.5, price none → 11" in text
    assert "makes room for company:21" in text
    assert "(1,204 cards: 1,200 + 4)" in text


def test_of_very_many_changes_the_first_of_each_kind_are_shown() -> None:
    """A small kind is shown whole, however many the others are; the rest is counted."""
    lines = screen("many", 100).splitlines()
    shown = [line for line in lines if line.startswith(("  + ", "  ~ ", "  − "))]

    assert len(shown) == changelines.CHANGES
    assert "Leads: 2 to change" in lines
    assert "Contacts: 10,001 to link" in lines
    assert (
        f"… and {10_006 - changelines.CHANGES:,} more (linkgraph edits plan -o plan.xlsx)" in lines
    )


@pytest.mark.parametrize("width", [90, 99, 100, 140])
def test_names_give_way_to_what_happens(width: int) -> None:
    """However long names are: what is set, and why, stands whole in a line that is not cut."""
    samples = [
        plans.change(1, "lead:1 contact:10", Metadata(), plans.MAIN, Way.RELINK),
        plans.change(
            2, "lead:1 contact:11", plans.LINKED, None, Way.UNLINK, "moves to contact:2032336"
        ),
    ]
    cards = {end: plans.card(str(end), "Очень длинное имя " * 3) for end in samples[0].pair}
    lines = [line.plain for line in changelines.changes(samples, cards, width)]

    assert max(map(cell_len, lines)) <= width
    assert [line for line in lines if line.endswith("not main → main")]
    assert [line for line in lines if line.endswith("moves to contact:2032336")]


def test_nothing_to_do_is_said() -> None:
    """An empty plan is two lines; nothing is said of requests or impact."""
    text = screen("empty", 80)

    assert "nothing to do" in text
    assert "request" not in text
    assert "Impact" not in text


def test_in_a_pipe_every_edit_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Tab-separated, nothing left out, nothing that could end a line."""
    planlines.write(plans.PLAN, plans.CARDS, None)
    header, *rows = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    found = [dict(zip(header, row, strict=True)) for row in rows]

    assert [row["what"] for row in found] == [
        *("link", "unlink", "link", "change", "change", "link"),
        *("conflict", "dropped", "skipped"),
    ]
    assert (found[3]["now"], found[3]["then"]) == ("linked, main", "linked")
    assert found[4]["owner_name"].startswith("␛[31m")
    assert found[1]["why"] == "makes room for company:21"
    assert found[6]["edits"] == "8"


def test_a_workbook_to_approve(tmp_path: Path) -> None:
    """All that the screen has and more: who asked for it and why; names lead to their cards."""
    target = tmp_path / "plan.xlsx"
    write_plan_sheets(target, plans.PLAN, plans.CARDS, plans.IMPACT, by="anna")
    book = openpyxl.load_workbook(target)

    assert book.sheetnames == ["Plan", "Changes", "Impact", "Left out"]
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    summary = [row for row in book["Plan"].values if row[0]]
    assert summary[0][0] == "Plan for small"
    assert str(summary[1][0]).startswith(f"{plans.URL} · planned by anna, links as read 2026-03-01")
    assert ("changes", 2, "leads: to change") in summary
    assert ("impact", 1, "1 lead loses its last contact") in summary
    assert ("fires", None, "hooks.example/links") in summary
    head, *rows = list(book["Changes"].values)[2:]
    first = dict(zip(head, rows[0], strict=True))
    assert len(rows) == len(plans.CHANGES)
    assert (first["what"], first["now"], first["then"]) == ("link", "not linked", "linked, main")
    assert (first["other_name"], first["edits"]) == ("=1+1", "#1")
    assert (first["queued_by"], first["origin"]) == ("anna", "question leads-without-company")
    links = {
        cell.hyperlink.target
        for row in book["Changes"].iter_rows()
        for cell in row
        if cell.hyperlink is not None
    }
    assert f"{plans.URL}/leads/detail/1" in links
    assert len(list(book["Impact"].values)) == 3 + 1 + 4 + 1 + 1
    left = list(book["Left out"].values)
    assert "linkgraph edits resolve 8 --keep" in str(left[1])
    assert [row[0] for row in left[-3:]] == ["conflict", "nothing to do", "still queued"]


def test_a_workbook_without_a_snapshot(tmp_path: Path) -> None:
    """No names and no impact are known: it is written all the same, and says so."""
    stream = io.BytesIO()
    write_plan_sheets(stream, plans.EMPTY, {}, None, by="anna")
    book = openpyxl.load_workbook(stream)

    assert book.sheetnames == ["Plan", "Changes"]
    assert "nothing is mirrored" in str(list(book["Plan"].values))


def test_many_conflicts_are_resolved_by_their_state() -> None:
    """A command that a person copies does not name a thousand numbers."""
    (words, command), *_ = planwords.resolving(plans.PLAN.conflicts * 1000)

    assert words.startswith("keep mine")
    assert command == "linkgraph edits resolve --all --state conflict --keep"


STATES = st.none() | st.builds(
    Metadata,
    st.sampled_from([None, True, False]),
    st.none() | st.floats(0.1, 1e6),
    st.none() | st.integers(0, 99),
)


@given(STATES, STATES, st.sampled_from(Way))
def test_what_changes_is_said(before: Metadata | None, after: Metadata | None, way: Way) -> None:
    """A change of what a link carries is never silent, and what stays the same is not mentioned."""
    change: Change = plans.change(1, "lead:1 contact:2", before, after, way)
    said = planwords.said(change)

    assert "None" not in said
    if before is not None and after is not None:
        assert ("main" in said) is (bool(before.is_main) != bool(after.is_main))
        assert ("quantity" in said) is (before.quantity != after.quantity)
        assert ("price" in said) is ((before.price_id or 0) != (after.price_id or 0))


def test_every_kind_of_impact_has_words() -> None:
    """Whatever an impact holds is told, in the singular and in the plural."""
    one, three = (tuple(plans.ref(f"lead:{n + 1}") for n in range(count)) for count in (1, 3))
    for name in set(Impact.__slots__) - {"main_flags_moved", "splits", "merges"}:
        of_one: dict[str, Any] = {name: one}
        of_three: dict[str, Any] = {name: three}
        (single,) = planwords.told(Impact(**of_one))
        (several,) = planwords.told(Impact(**of_three))
        assert single.words.startswith("1 ")
        assert several.words.startswith("3 ")
        assert len(several.cards) == 3
    assert HOSTILE not in str(list(planwords.told(plans.IMPACT)))
    assert len(list(planwords.told(plans.IMPACT))) == 4


def test_the_impact_of_a_plan_on_a_mirrored_account(small_home: Path) -> None:
    """A lead's only contact goes to another lead: both are told of, in words and by name."""
    linked = Metadata(is_main=True)
    changes = (
        plans.change(1, "lead:4 contact:14", linked, None, Way.UNLINK),
        plans.change(2, "lead:1 contact:14", None, linked, Way.LINK),
    )
    plan = replace(plans.PLAN, changes=changes)
    with linkgraph.open(home=small_home) as session:
        impact = session.impact(planwords.deltas(plan))
        cards = session.cards(planwords.named(plan, impact))
    text = "\n".join(line.plain for line in planlines.impact_lines(impact, cards))

    assert "1 lead loses its last contact: lead:4 На острове" in text
    assert "no main one" not in text  # of a lead without any contact
    assert "1 card gets a new main contact: lead:1 Сделка (contact:14 for contact:10)" in text
    assert "1 component falls apart" in text
    assert "(2 cards: 1 + 1)" in text
    assert "1 component grows together" in text
