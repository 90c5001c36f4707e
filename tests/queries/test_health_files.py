"""A health report as a file is what was found, and text in it stays text."""

import io
import json
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from linkgraph.errors import LinkgraphError, UsageError
from linkgraph.mirror.schema import literal
from linkgraph.plaintext import plain
from queries.catalogue import Catalogue
from queries.figures import Figure, Figures
from queries.header import parse
from queries.health import Health, examine
from queries.health_files import FORMATS, as_json, write
from queries.health_page import page
from queries.question import Question
from tests.pictures.hostile import HOSTILE
from tests.queries.conftest import Fill, Little, World

HEADER = """\
-- title: Leads of {name}
-- group: {group}
-- question: Which leads?
-- definition: Leads & more.
-- parameters: none
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   lead_url: Its address
--   kind: What is wrong
--   fix: The edit
-- problem: leads of {name}
select
    lead_id, name as lead_name, {url} as lead_url, created_at,
    case when price > 0 then name end as kind,
    case when price > 1 then 'main lead:' || lead_id || ' contact:9' end as fix
from leads
where {where}
order by lead_id
"""
DATABASE_TAKES = {kind: text for kind, text in HOSTILE.items() if kind not in {"surrogate", "nul"}}


def question(name: str, where: str, group: str = "Leads", url: str = "url") -> Question:
    """A problem question over leads; `url` is the SQL of their address."""
    source = HEADER.format(name=name, where=where, group=group, url=url)
    return parse(f"leads-of-{name}", source, f"{name}.sql")


ASKED = Catalogue(
    {
        each.name: each
        for each in (
            question("worth", "price > 0"),
            question("nobody", "false"),
            question("trouble", "error('no <b>luck</b>')", group="Trouble"),
        )
    }
)


def world(*names: str) -> Fill:
    """Leads with those names."""

    def fill(world: World) -> None:
        for number, name in enumerate(names, 1):
            world.card(f"lead:{number}", name, price=number, created_at="2026-01-02")

    return fill


@pytest.fixture(name="health")
def _health(little: Little) -> Health:
    """One question found three leads, one none, and one fails; it was two before."""
    found = examine(little(world("One", "Two", "Three")), ASKED, 2, account="Acme & <Co>")
    return found.since(
        6, Figures({"leads-of-worth": Figure(2, 0), "leads-of-nobody": Figure(0, 0)})
    )


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.style = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["style"] and not self.style:
            self.style = data
        else:
            self.texts.append(data)

    def all(self, name: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [value or "" for key, value in self.attributes if key == name]


TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section"),
    *("h1", "h2", "h3", "p", "span", "a", "small", "code", "dl", "dt", "dd", "div", "details"),
    *("summary", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "target", "rel"),
    *("scope", "colspan", "role", "aria-label", "tabindex"),
}


def test_page_tells_all(health: Health) -> None:
    """Totals, changes, failures, the worst rows with their cards, and how to see the others."""
    found = Page(page(health))
    said = " ".join(" ".join(found.texts).split())

    assert "Health of Acme & <Co>" in said
    for words in ("3", "+1", "changes since snapshot 6", "safe fixes", "2 of 3 · all of them:"):
        assert words in said
    assert "linkgraph ask leads-of-worth" in said
    assert "no <b>luck</b>" in said
    assert "linkgraph ask leads-of-nobody" not in said
    assert "https://example.amocrm.ru/leads/detail/2" in found.all("href")
    assert "#leads-of-worth" in found.all("href")
    assert "#leads-of-nobody" not in found.all("href")
    assert "leads-of-worth" in found.all("id")


def test_page_says_that_nothing_was_found(little: Little) -> None:
    """No problem is said so, and no empty table stands there."""
    found = Page(page(examine(little(world()), ASKED, account="Acme")))

    assert "No problems found." in found.texts
    assert "section" not in found.tags


def test_page_does_not_say_so_where_a_question_failed(little: Little) -> None:
    """What was not answered may have been a problem."""
    trouble = question("trouble", "error('no luck')", group="Trouble")
    asked = Catalogue({trouble.name: trouble})
    found = Page(page(examine(little(world("One")), asked, account="Acme")))

    assert "No problems found." not in found.texts
    assert "not answered" in found.texts


def test_page_needs_nothing_else(health: Health) -> None:
    """No script, no image, no font; its policy forbids all but the style that it has."""
    found = Page(page(health))
    (policy,) = (each for each in found.all("content") if "default-src" in each)

    assert set(found.tags) <= TAGS
    assert "default-src 'none'" in policy
    assert b64encode(sha256(found.style.encode()).digest()).decode() in policy
    assert "unsafe" not in policy
    assert "url(" not in found.style
    assert "@import" not in found.style


@pytest.mark.parametrize("kind", DATABASE_TAKES)
def test_page_bears_hostile_names(little: Little, kind: str) -> None:
    """Whatever a card, a value or an account is called, it is text, on one line, and there."""
    text = DATABASE_TAKES[kind]

    written = page(examine(little(world(text)), ASKED, account=text))
    found = Page(written)

    assert set(found.tags) <= TAGS
    assert {name for name, _ in found.attributes} <= ATTRIBUTES
    assert any(plain(text).strip() in each for each in found.texts)
    assert not set(written) & set("\x00\x1b\u202e\u2066\u2028\u2029\x85\ufffe\uffff")
    assert len(written) < 100_000


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "data:text/html,x"),
        *("//example.org", "file:///etc/passwd", 'https://x/" onclick="alert(1)', "vbscript:x"),
        *("https://x/\u202e", "java\nscript:alert(1)", ""),
    ],
)
def test_page_leads_only_to_the_web(little: Little, url: str) -> None:
    """An address that is none is no link, the account's own neither; the name is there."""
    asked = question("worth", "true", url=literal(url))
    health = examine(little(world("Named")), Catalogue({asked.name: asked}))
    found = Page(page(replace(health, url=url)))

    assert found.all("href") == ["#leads-of-worth"]
    assert "Named" in found.texts
    assert not [name for name, _ in found.attributes if name.startswith("on")]


def test_json_has_its_shape(health: Health) -> None:
    """The keys are stable: programs read them."""
    stream = io.BytesIO()
    write(health, stream, "json")
    found = json.loads(stream.getvalue())
    questions = found.pop("questions")
    worth, nobody, trouble = (questions[place] for place in (1, 0, 2))

    assert found.pop("linkgraph")
    assert found == {
        **{"account": "Acme & <Co>", "url": "https://example.amocrm.ru", "snapshot": 7},
        **{"taken_at": "2026-03-01T09:30:00Z", "compared_with": 6, "not_compared": None},
        **{"problems": 3, "change": None, "fixes": 2},
    }
    assert worth.pop("seconds") > 0
    assert worth == {
        **{"name": "leads-of-worth", "group": "Leads", "title": "Leads of worth"},
        **{"problem": "leads of worth", "count": 3, "before": 2, "change": 1, "fixes": 2},
        **{"left_out": None, "note": "", "error": None},
        "worst": [
            {
                **{"lead_id": number, "lead_name": name, "created_at": "2026-01-02T00:00:00Z"},
                "lead_url": f"https://example.amocrm.ru/leads/detail/{number}",
                **{"kind": name, "fix": fix},
            }
            for number, name, fix in ((1, "One", None), (2, "Two", "main lead:2 contact:9"))
        ],
    }
    assert (nobody["count"], nobody["change"], nobody["worst"]) == (0, 0, [])
    assert (trouble["count"], trouble["fixes"], trouble["worst"]) == (None, None, [])
    assert "no <b>luck</b>" in trouble["error"]
    assert as_json(health)["questions"][1]["count"] == 3


def test_workbook_reads_back(health: Health, tmp_path: Path) -> None:
    """A summary, and a sheet for each question with rows, which says how many are not there."""
    target = tmp_path / "health.xlsx"
    write(health, target, "xlsx")
    book = load_workbook(target)
    summary, worth = (list(book[name].values) for name in book.sheetnames)

    assert book.sheetnames == ["Health", "Leads of worth"]
    assert summary[0][0] == "Health of Acme & <Co>"
    assert "since snapshot 6" in str(summary[1][0])
    assert "at most 2 rows" in str(summary[2][0])
    assert [row[:6] for row in summary[5:]] == [
        ("Leads", "leads of nobody", 0, 0, 0, 0),
        ("Leads", "leads of worth", 3, 1, 2, 2),
        ("Trouble", "leads of trouble", None, None, None, None),
    ]
    assert "no <b>luck</b>" in str(summary[-1][7])
    assert [row[1] for row in worth if isinstance(row[0], int)] == ["One", "Two"]
    assert "linkgraph ask leads-of-worth" in " ".join(str(row[0]) for row in worth)


def test_hostile_names_in_a_workbook(little: Little) -> None:
    """Formulas and markup are text, in names and in titles."""
    names = ["=1+1", "<r><t>x</t></r>", *DATABASE_TAKES.values()]
    stream = io.BytesIO()
    write(examine(little(world(*names)), ASKED, account="=1+1"), stream, "xlsx")
    book = load_workbook(io.BytesIO(stream.getvalue()))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {"=1+1", "<r><t>x</t></r>"} <= {cell.value for cell in cells}


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_cannot_be_written(health: Health, tmp_path: Path, format: str) -> None:
    """It is told, and nothing half-written stays."""
    with pytest.raises(LinkgraphError, match="cannot write"):
        write(health, tmp_path / "nowhere" / f"health.{format}", format)

    assert not list(tmp_path.glob(".health*"))


def test_a_form_that_is_none(health: Health) -> None:
    """A misspelt form is told with those there are."""
    with pytest.raises(UsageError, match="pdf"):
        write(health, io.BytesIO(), "pdf")


def test_why_nothing_is_compared(health: Health) -> None:
    """Where the snapshot before cannot be read, the files say so."""
    alone = replace(health, compared=None, uncompared="snapshot 6 was <removed>")

    assert any("snapshot 6 was <removed>" in each for each in Page(page(alone)).texts)
    assert as_json(alone)["not_compared"] == "snapshot 6 was <removed>"
