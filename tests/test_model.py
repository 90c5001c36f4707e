"""Refs, links and relations: what a person may write, and what may be linked to what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.errors import InvalidRef
from linkgraph.model import (
    MAX_ID,
    REPORTS,
    EntityType,
    Link,
    Metadata,
    Ref,
    Relation,
    by_type,
    linkable,
)

LEAD, CUSTOMER, CONTACT, COMPANY, ELEMENT = EntityType
IDS = st.integers(1, MAX_ID)
TYPES = st.sampled_from(EntityType)
REFS = st.one_of(
    st.builds(Ref, st.sampled_from([LEAD, CUSTOMER, CONTACT, COMPANY]), IDS),
    st.builds(Ref, st.just(ELEMENT), IDS, st.integers(0, MAX_ID)),
)

#: What each type's link routes answer with, written down from the reference a second time.
REPORTED = {
    "leads": {"contacts", "companies", "catalog_elements"},
    "contacts": {"companies", "customers", "catalog_elements"},
    "companies": {"contacts", "leads", "customers", "catalog_elements"},
    "customers": {"contacts", "companies", "catalog_elements"},
    "catalog_elements": set(),
}


@given(REFS)
def test_ref_reads_what_it_writes(ref: Ref) -> None:
    """The text of a ref is read back as the same card, in any case and amid blanks."""
    assert Ref.parse(str(ref)) == ref
    assert Ref.parse(f"  {str(ref).upper()}\n") == ref


@given(REFS, st.sampled_from(["amocrm.ru", "amocrm.com", "kommo.com"]), st.sampled_from("#?/"))
def test_address_names_its_card(ref: Ref, domain: str, end: str) -> None:
    """The address of a card's page, whatever stands behind it, names the card."""
    if ref.type is ELEMENT and ref.catalog_id == 0:
        return  # no page of the CRM: it is how linkgraph calls an element of unknown catalog

    assert Ref.parse(f"https://example.{domain}{ref.path()}{end}tab=1") == ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("lead:123", Ref(LEAD, 123)),
        ("leads:123", Ref(LEAD, 123)),
        ("leads/123", Ref(LEAD, 123)),
        ("Companies:6", Ref(COMPANY, 6)),
        ("customers/7", Ref(CUSTOMER, 7)),
        ("contact:0045", Ref(CONTACT, 45)),
        ("element:4521/597393", Ref(ELEMENT, 597393, 4521)),
        ("elements:4521:597393", Ref(ELEMENT, 597393, 4521)),
        ("catalog_elements/4521/597393", Ref(ELEMENT, 597393, 4521)),
        ("https://example.amocrm.ru/leads/detail/7593303?compact=yes", Ref(LEAD, 7593303)),
        ("HTTPS://Example.amoCRM.ru/contacts/detail/3", Ref(CONTACT, 3)),
        ("https://example.kommo.com/catalogs/4521/detail/9#x", Ref(ELEMENT, 9, 4521)),
        ("https://example.amocrm.com/api/v4/companies/6", Ref(COMPANY, 6)),
        ("https://example.amocrm.ru/api/v4/catalogs/4521/elements/9", Ref(ELEMENT, 9, 4521)),
        ("http://127.0.0.1:8080/customers/detail/5", Ref(CUSTOMER, 5)),
    ],
)
def test_forms_of_a_ref(text: str, ref: Ref) -> None:
    """Singular and plural, colon and slash, pages and API addresses are understood."""
    assert ref == Ref.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lead",
        "lead:",
        "lead:x",
        "lead:-1",
        "lead:0",
        "lead:1.0",
        "lead:١٢٣",  # digits, but not those of an id
        "lead:1 2",
        "lead:1\nlead:2",
        "lead:" + "9" * 19,
        "lead:" + "9" * 10_000,
        "lead:4521/5",
        "element:5",
        "element:4521/0",
        "user:5",
        "other:5",
        "__class__:5",
        "https://example.amocrm.ru/",
        "https://example.amocrm.ru/leads/",
        "https://example.amocrm.ru/leads/detail/0",
        "https://example.amocrm.ru/users/5",
        "https://example.com/leads/detail/5",
        "https://amocrm.ru.example.com/leads/detail/5",
        "https://evilamocrm.ru/leads/detail/5",
        "https://[/leads/detail/5",
        "://",
        "https://example.amocrm.ru:x/leads/detail/y",
        "\x00",
        "lead:\ud800",
        "🙂" * 500,
    ],
)
def test_texts_that_name_no_card(text: str) -> None:
    """What names no card is refused with the forms that do, and is quoted but shortly."""
    with pytest.raises(InvalidRef) as caught:
        Ref.parse(text)

    assert caught.value.hint
    assert len(caught.value.message) < 200


@given(st.text())
def test_any_text_is_a_ref_or_refused(text: str) -> None:
    """No text makes the parser stumble, and what it reads is a card that can be."""
    try:
        ref = Ref.parse(text)
    except InvalidRef:
        return
    assert 0 < ref.id <= MAX_ID


@given(TYPES, TYPES)
def test_relation_has_no_direction(a: EntityType, b: EntityType) -> None:
    """A relation is the same from either end, and its ends are the types that it joins."""
    relation = Relation.between(a, b)

    assert relation is Relation.between(b, a)
    assert linkable(a, b) is linkable(b, a) is (relation is not Relation.OTHER)
    if relation.ends is not None:
        assert sorted(relation.ends) == sorted([a, b])


def test_reports_are_those_of_the_reference() -> None:
    """Which types a card's links are told to lead to is what the reference lists."""
    told = {kind.api_name: {to.api_name for to in REPORTS[kind]} for kind in EntityType}

    assert told == REPORTED


def test_every_relation_is_reported() -> None:
    """Whatever may be linked is reported by at least one side, and nothing else is."""
    pairs = {frozenset({a, b}) for a in EntityType for b in EntityType if linkable(a, b)}

    assert {frozenset({a, b}) for a, told in REPORTS.items() for b in told} == pairs
    assert not any(linkable(kind, kind) for kind in EntityType)
    assert not linkable(LEAD, CUSTOMER)


@given(REFS, REFS)
def test_link_has_no_direction(a: Ref, b: Ref) -> None:
    """A link is the same whichever end is named first, and the owner's type owns it."""
    link = Link.between(a, b)

    assert link == Link.between(b, a)
    assert link.owner.type.rank <= link.other.type.rank
    assert {link.owner, link.other} == {a, b}
    assert link.relation is Relation.between(a.type, b.type)


def test_link_keeps_its_metadata() -> None:
    """What a link carries stays with it when its ends change places."""
    metadata = Metadata(is_main=True)

    link = Link.between(Ref(CONTACT, 1), Ref(LEAD, 2), metadata)

    assert (link.owner, link.metadata) == (Ref(LEAD, 2), metadata)


@given(st.lists(REFS))
def test_by_type_loses_nothing(refs: list[Ref]) -> None:
    """Sorted into types, every card is there once, in the order in which it came."""
    grouped = by_type(refs)

    assert {ref for group in grouped.values() for ref in group} == set(refs)
    for kind, group in grouped.items():
        assert group == [ref for ref in dict.fromkeys(refs) if ref.type is kind]


@pytest.mark.parametrize("kind", list(EntityType))
def test_names_of_types(kind: EntityType) -> None:
    """A type is known by the API's plural and by the singular; other words are no type."""
    assert EntityType.from_api(kind.api_name) is kind
    assert EntityType.from_api(kind.value) is kind
    assert EntityType.from_api("users") is None
