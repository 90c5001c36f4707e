"""Every question with its second implementation, and how the two answers are compared."""

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from itertools import zip_longest
from random import Random
from typing import Any

from linkgraph.model import Ref
from queries.asked import Sources
from queries.parameters import Kind, Parameter
from queries.question import Question, stem_of
from queries.runner import CUT_ROWS, ask
from tests.queries.reference import (
    catalogs,
    changes,
    duplicates,
    graph,
    leads,
    linkquality,
    orphans,
    sharing,
)
from tests.queries.reference.account import Card, Snapshot, url
from tests.queries.reference.asking import Asking, Expected, Row

REFERENCES: dict[str, Callable[[Asking], Expected]] = {
    "asymmetric-links": linkquality.asymmetric_links,
    "catalog-problems": catalogs.catalog_problems,
    "companies-sharing-contacts": sharing.companies_sharing_contacts,
    "company-groups": sharing.company_groups,
    "contacts-touching-many-companies": sharing.contacts_touching_many_companies,
    "contacts-with-several-companies": linkquality.contacts_with_several_companies,
    "cross-owner": leads.cross_owner,
    "dangling-links": linkquality.dangling_links,
    "duplicate-companies": duplicates.duplicate_companies,
    "duplicate-contacts": duplicates.duplicate_contacts,
    "duplicate-leads": leads.duplicate_leads,
    "elements-together": catalogs.elements_together,
    "glue": graph.glue,
    "hubs": graph.hubs,
    "islands": graph.islands,
    "lead-company-mismatch": leads.lead_company_mismatch,
    "leads-without-company": leads.leads_without_company,
    "leads-without-contact": leads.leads_without_contact,
    "leads-without-main-contact": leads.leads_without_main_contact,
    "link-changes": changes.link_changes,
    "look-alikes": duplicates.look_alikes,
    "moved-contacts": changes.moved_contacts,
    "neighbourhood": graph.neighbourhood,
    "orphan-companies": orphans.orphan_companies,
    "orphan-contacts": orphans.orphan_contacts,
    "orphan-customers": orphans.orphan_customers,
    "path": graph.path,
    "several-companies": linkquality.several_companies,
    "shared-contacts": sharing.shared_contacts,
    "wrong-main-contact": leads.wrong_main_contact,
}

#: Values that are worth trying on an account of a few cards, where the range says too little.
_WORTH: dict[str, tuple[Any, ...]] = {
    "agencies": ("none", "1", "2, 3"),
    "depth": (1, 2, 3, 4),
    "hub_cap": (2, 3, 50, 50),
    "max_degree": (0, 0, 1, 3, 5),
    "max_hops": (10, 10, 0, 1, 2, 3, 5),
    "min_degree": (1, 2, 3),
    "min_score": (0, 0, 50, 70),
    "min_size": (2, 3, 4),
    "min_times": (1, 2),
    "min_shared": (1, 1, 2),
    "paths": (1, 2, 5),
    "per_level": (1, 2, 3, 5, 50),
    "percentile": (0, 0, 50, 75, 99.9, 100),
    "resolution": (0.5, 1, 2),
    "seed": (0, 1),
    "shared_line": (1, 2, 5),
    "top": (1, 3, 1000),
}


def parameters(question: Question, now: Snapshot, draw: Random) -> dict[str, Any] | None:
    """Parameters to ask a question with; None where the account has no card that one takes."""
    given: dict[str, Any] = {}
    for parameter in question.parameters:
        values = _values(parameter, now)
        if values:
            given[parameter.name] = draw.choice(values)
        elif parameter.required:
            return None
    return given


def _values(parameter: Parameter, now: Snapshot) -> list[Any]:
    if parameter.kind is Kind.CARD:
        known = [str(one) for one in graph.known(now)]
        return [
            ref
            for ref in known
            if not parameter.choices or Ref.parse(ref).type in parameter.choices
        ]
    if parameter.kind is Kind.BOOLEAN:
        return [False, True]
    if parameter.kind is Kind.SNAPSHOT:
        return []  # the newest and the one before: there are no others
    if parameter.choices:  # most say which rows to leave out: half the time none are
        return [*parameter.choices, *[parameter.default] * len(parameter.choices)]
    values = _WORTH.get(parameter.name, (parameter.default,))
    return [value for value in values if parameter.low is None or float(value) >= parameter.low]


def check(
    sources: Sources,
    question: Question,
    given: dict[str, Any],
    now: Snapshot,
    before: Snapshot,
    taken_at: datetime,
) -> int:
    """Ask a question and compare the answer with the second one; returns how many rows it had."""
    answer = ask(sources, question, given)
    rows = answer.rows()
    expected = REFERENCES[question.name](Asking(now, before, taken_at, answer.parameters, rows))
    names = (now, before) if question.compares else (now,)
    wrong = _difference(rows, expected.rows, names)
    if wrong is None and answer.cut is not None and expected.cut is not None:
        wrong = _difference(answer.cut.rows(), expected.cut[:CUT_ROWS], names)
        wrong = wrong or _difference([{"n": answer.cut.count}], [{"n": len(expected.cut)}], names)
    assert wrong is None, f"{question.name} {given}: {wrong}"
    assert (answer.cut is None) == (expected.cut is None)
    return len(rows)


def _difference(rows: list[Row], expected: list[Row], names: tuple[Snapshot, ...]) -> str | None:
    """The first row that is not as expected, in words; None where all are."""
    for place, (row, like) in enumerate(zip_longest(rows, expected)):
        if row is None or like is None:
            return f"row {place}: answered {row}, expected {like}"
        assert set(like) <= set(row), "a column is called otherwise"
        told = _told(like, names)
        wrong = [
            f"{column}: answered {row[column]!r}, expected {told[column]!r}"
            for column in told
            if column in row and not _equal(row[column], told[column])
        ]
        if wrong:
            return f"row {place}, {row}: {', '.join(wrong)}"
    return None


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, Fraction | float):
        return abs(a - b) < 1e-9
    return bool(a == b)


def _told(row: Row, names: tuple[Snapshot, ...]) -> Row:
    """A row with ids and refs for cards, and their names and addresses beside."""
    told: Row = {}
    for column, value in row.items():
        is_ref = column.endswith("ref")
        told[column] = value
        if isinstance(value, Card):
            told[column] = str(value) if is_ref else value.id
        stem = stem_of(column)
        if stem is not None and (isinstance(value, Card) or value is None):
            told[f"{stem}name"] = _name(value, names)
            told[f"{stem}url"] = None if value is None else url(value)
        elif column.endswith("user_id"):
            told[f"{stem}name"] = names[0].user_name(value)
    return told


def _name(one: Card | None, names: tuple[Snapshot, ...]) -> str | None:
    """As the first of some snapshots says that has a row of it."""
    said = next((snapshot for snapshot in names if one in snapshot.cards), names[0])
    return said.name(one)
