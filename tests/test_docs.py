"""The pages of the documentation tell the truth."""

from pathlib import Path

import pytest

from tests import docs
from tests.readme import without_moments
from tests.running import running_account


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.name)
def test_pages_print_what_they_say(page: Path, demo_home: Path, tmp_path: Path) -> None:
    """Whoever runs the Python of a page after `linkgraph demo --size 5k` sees the same."""
    printed = docs.outputs(page, demo_home, tmp_path)

    assert printed == [said for _, said in docs.blocks(page)], "python -m tests.docs"
    for code, _ in docs.blocks(page):
        for name in ("around.graphml", "neighbourhood.svg", "paths.html", "around.svg"):
            assert name not in code or (tmp_path / name).exists()


def test_the_page_of_edits_does_what_it_says(tmp_path: Path) -> None:
    """Whoever does all that the page of edits does, in its order, sees the same."""
    with running_account(tmp_path / "home"):
        done = docs.edits_page(tmp_path / "home", tmp_path)

    written = docs.EDITS.read_text(encoding="utf-8")
    assert without_moments(written) == without_moments(done), "python -m tests.docs"


def test_the_page_of_questions_is_that_of_the_catalogue() -> None:
    """Every question with its definition, its parameters and its columns."""
    assert docs.QUESTIONS.read_text(encoding="utf-8") == docs.question_page(), (
        "python -m tests.docs writes it anew"
    )
