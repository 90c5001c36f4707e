"""A health report as one page that can be handed over: no script, nothing from elsewhere.

The page is built as a tree, never as text: markup in a name cannot become markup of the page. Its
policy allows the style that stands in it, by hash, and nothing else.
"""

from base64 import b64encode
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import linkgraph
from linkgraph.pictures.drawing import web_address
from linkgraph.plaintext import plain
from queries.fields import Field, fields
from queries.health import Finding, Health, signed, told

_TEXT = 200


def page(health: Health) -> str:
    """Make the page."""
    style = files(__package__).joinpath("health.css").read_text(encoding="utf-8")
    root = Element("html", {"lang": "en"})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _policy(style)})
    scale = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    SubElement(head, "meta", scale)
    SubElement(head, "meta", {"name": "referrer", "content": "no-referrer"})
    SubElement(head, "meta", {"name": "color-scheme", "content": "light dark"})
    _add(head, "title", f"Health of {plain(health.account, _TEXT)}")
    SubElement(head, "style").text = style
    body = SubElement(SubElement(root, "body"), "main")
    _heading(body, health)
    _overview(body, health)
    for group, findings in health.groups():
        shown = [each for each in findings if each.answer and each.answer.table.num_rows]
        if shown:
            _add(body, "h2", group)
        for each in shown:
            _worst(body, each)
    _add(body, "footer", f"linkgraph {linkgraph.__version__}")
    return f"<!doctype html>\n{tostring(root, encoding='unicode', method='html')}\n"


def _policy(style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _heading(body: Element, health: Health) -> None:
    header = SubElement(body, "header")
    _add(header, "h1", f"Health of {plain(health.account, _TEXT)}")
    line = _add(header, "p", "")
    address = web_address(health.url)
    _link(line, plain(health.url, _TEXT), address)
    taken = f"{health.taken_at:%Y-%m-%d %H:%M}"
    since = "" if health.compared is None else f" · changes since snapshot {health.compared}"
    _add(line, "span", f" · snapshot {health.snapshot} of {taken} UTC{since}")
    if health.uncompared:
        _add(header, "p", f"What changed is not known: {plain(health.uncompared, 500)}", "warning")
    totals = SubElement(body, "dl", {"class": "totals"})
    _total(totals, f"{health.problems:,}", "problem" if health.problems == 1 else "problems")
    if health.compared is not None and health.change is not None:
        kind = _direction(health.change)
        _total(totals, signed(health.change) or "±0", f"since snapshot {health.compared}", kind)
    _total(totals, f"{health.fixes:,}", "safe fix" if health.fixes == 1 else "safe fixes")
    if failed := health.figures.failed:
        _total(totals, f"{len(failed):,}", "not answered", "warning")
    if not health.problems and not failed:
        _add(body, "p", "No problems found.", "none")


def _total(totals: Element, number: str, words: str, kind: str = "") -> None:
    box = SubElement(totals, "div")
    _add(box, "dt", words)
    _add(box, "dd", number, kind)


def _overview(body: Element, health: Health) -> None:
    """Every question in a line, by group."""
    table = SubElement(body, "table", {"class": "overview"})
    heading = SubElement(SubElement(table, "thead"), "tr")
    has_changes = health.compared is not None
    titles = [("Number", "number"), *([("Change", "number")] if has_changes else [])]
    for title, kind in (*titles, ("Problem", ""), ("Safe fixes", "number")):
        _add(heading, "th", title, kind).set("scope", "col")
    width = 4 if has_changes else 3
    for group, findings in health.groups():
        rows = SubElement(table, "tbody")
        row = SubElement(rows, "tr", {"class": "group"})
        _add(row, "th", group).attrib.update({"colspan": str(width), "scope": "rowgroup"})
        for each in findings:
            row = SubElement(rows, "tr", {"class": "" if each.count or each.error else "zero"})
            _add(row, "td", _number(each), "number")
            if has_changes:
                kind = f"number {_direction(each.change or 0)}"
                _add(row, "td", signed(each.change), kind)
            words = _add(row, "td", "")
            shown = each.answer is not None and each.answer.table.num_rows
            _link(words, each.words, f"#{each.name}" if shown else None, outside=False)
            if each.error:
                _add(words, "p", plain(each.error, 500), "idle" if each.is_idle else "warning")
            _add(row, "td", f"{each.fixes:,}" if each.fixes else "", "number")


def _worst(body: Element, finding: Finding) -> None:
    """A question with its worst rows."""
    answer = finding.answer
    assert answer is not None
    section = SubElement(body, "section", {"id": finding.name})
    heading = _add(section, "h3", "")
    _add(heading, "span", _number(finding), "count")
    _add(heading, "span", f" {finding.words}")
    if change := signed(finding.change):
        _add(heading, "span", f" {change}", f"change {_direction(finding.change or 0)}")
    facts = [told(finding.fixes, "safe fix", "es")] if finding.fixes else []
    if answer.cut is not None and answer.cut.count:
        facts.append(f"left out: {answer.cut.count:,} · {plain(answer.cut.meaning, _TEXT)}")
    facts += [plain(answer.note, 500)] if answer.note else []
    line = _add(section, "p", finding.question.text, "asked")
    for fact in facts:
        _add(line, "span", f" · {fact}")
    _rows(section, finding)
    shown = answer.table.num_rows
    under = _add(section, "p", "", "under")
    if answer.not_shown:
        _add(under, "span", f"{shown:,} of {finding.count:,} · all of them: ")
    _add(under, "code", f"linkgraph ask {finding.name}")
    more = SubElement(section, "details")
    _add(more, "summary", "What is listed")
    _add(more, "p", finding.question.definition)


def _rows(section: Element, finding: Finding) -> None:
    assert finding.answer is not None
    rows = finding.answer.rows()
    columns = [
        field
        for field in fields(finding.answer.table.column_names)
        if any(_tells(field, row) for row in rows)
    ]
    label = {"role": "region", "aria-label": finding.words, "tabindex": "0"}
    table = SubElement(SubElement(section, "div", {"class": "scroll", **label}), "table")
    heading = SubElement(SubElement(table, "thead"), "tr")
    for field in columns:
        _add(heading, "th", field.title, _kind(rows, field)).set("scope", "col")
    body = SubElement(table, "tbody")
    for row in rows:
        line = SubElement(body, "tr")
        for field in columns:
            _cell(_add(line, "td", "", _kind(rows, field)), field, row)


def _cell(cell: Element, field: Field, row: dict[str, Any]) -> None:
    if field.name is None:
        cell.text = field.text(row, _TEXT)
    elif row[field.column] is not None:
        name = plain(row[field.name], _TEXT).strip() or "—"
        url = row[field.url] if field.url else None
        _link(cell, name, web_address(url if isinstance(url, str) else None))
        if ":" in field.ref(row):  # users, pipelines and statuses are known by their names
            _add(cell, "small", field.ref(row))


def _tells(field: Field, row: dict[str, Any]) -> bool:
    """Whether a value says something; that links were read whole is as it should be."""
    value = row[field.column]
    return value is not None and not (field.column == "links_whole" and value)


def _kind(rows: list[dict[str, Any]], field: Field) -> str:
    """How a column stands: numbers to the right, times on one line, edits as commands."""
    if field.column == "fix":
        return "fix"
    kinds = {type(row[field.column]) for row in rows if row[field.column] is not None}
    if kinds <= {datetime, date}:
        return "when"
    is_number = field.name is None and kinds <= {int, float} and not field.column.endswith("_id")
    return "number" if is_number else ""


def _link(parent: Element, text: str, address: str | None, *, outside: bool = True) -> None:
    if address is None:
        _add(parent, "span", text)
        return
    link = _add(parent, "a", text)
    link.set("href", address)
    if outside:
        link.attrib |= {"target": "_blank", "rel": "noopener noreferrer"}


def _add(parent: Element, tag: str, text: str, kind: str = "") -> Element:
    element = SubElement(parent, tag, {"class": kind} if kind else {})
    element.text = text
    return element


def _number(finding: Finding) -> str:
    return "—" if finding.count is None else f"{finding.count:,}"


def _direction(change: int) -> str:
    return "more" if change > 0 else "fewer" if change < 0 else ""
