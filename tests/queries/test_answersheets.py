"""A workbook that is handed over says what it shows, of when, and what it leaves out."""

from pathlib import Path

import openpyxl

from queries.answersheets import sheets_of
from queries.catalogue import Catalogue
from queries.runner import ask
from queries.sheets import write_book
from tests.queries.conftest import BASE_URL, Little, World


def fill(world: World) -> None:
    world.card("company:1", "=1+1")
    world.card("contact:9", "Телефон\nофиса")
    for contact in (9, 10, 11):
        for company in (1, 2, 3) if contact == 9 else (1, 2):
            world.link(f"lead:{contact * 10 + company}", f"contact:{contact}")
            world.link(f"lead:{contact * 10 + company}", f"company:{company}")


def test_rows_and_what_was_cut_stand_on_two_sheets(little: Little, tmp_path: Path) -> None:
    """Above the rows: title, definition, parameters, how many rows of which snapshot."""
    question = Catalogue.load().get("companies-sharing-contacts")
    answer = ask(little(fill), question, {"hub_cap": 2})
    write_book(tmp_path / "pairs.xlsx", sheets_of(answer))

    book = openpyxl.load_workbook(tmp_path / "pairs.xlsx")
    assert book.sheetnames == ["Companies that share contacts", "Left out"]
    pairs, cut = (list(sheet.iter_rows(values_only=True)) for sheet in book)
    above = [row[0] for row in pairs[:4]]
    assert above == [
        "Companies that share contacts",
        question.definition,
        "min_shared = 2, hub_cap = 2",
        "1 row · snapshot 7 of 2026-03-01 09:30 UTC",
    ]
    assert pairs[5][:3] == ("company_a_id", "company_a_name", "company_a_url")
    assert pairs[6][:3] == (1, "=1+1", f"{BASE_URL}/companies/detail/1")
    sheet = book.worksheets[0]
    assert sheet.cell(7, 2).data_type != "f"
    assert sheet.cell(7, 2).hyperlink.target == f"{BASE_URL}/companies/detail/1"
    assert [row[0] for row in cut[:2]] == [f"Left out: {question.cut_meaning}", "1"]
    assert cut[-1][0] == 9


def test_a_limit_says_how_many_there_are(little: Little) -> None:
    """Whoever gets the first rows is told of the others."""
    answer = ask(little(fill), Catalogue.load().get("leads-without-contact"), limit=0)

    (sheet,) = sheets_of(answer)
    assert "0 of 0 rows" not in "".join(sheet.notes)

    def more(world: World) -> None:
        world.card("lead:1")
        world.card("lead:2")

    (sheet,) = sheets_of(ask(little(more), answer.question, limit=1))
    assert sheet.notes[-1].startswith("1 of 2 rows")
