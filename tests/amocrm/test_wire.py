"""Bodies: what the reference shows is read, what is odd is mended, what is foreign is told."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgraph.amocrm import bodies, wire
from linkgraph.amocrm.wire import LinkItem, LinkMetadata
from linkgraph.model import Ref

Example = Callable[[str], bytes]


def links_of(body: bytes) -> list[wire.Link]:
    """The links of a list's body."""
    answer = bodies.envelope(body, bodies.Links)
    return (answer.embedded and answer.embedded.links) or []


def test_the_single_list_of_the_reference_is_read(example: Example) -> None:
    """All four links of the example, its metadata told apart: quantity, flags, null."""
    links = links_of(example("single_list"))
    assert [(link.to_entity_type, link.to_entity_id) for link in links] == [
        ("catalog_elements", 597393),
        ("contacts", 11069775),
        ("contacts", 11271233),
        ("companies", 11271229),
    ]
    assert [link.metadata for link in links] == [
        LinkMetadata(quantity=1, catalog_id=4521),
        LinkMetadata(main_contact=True),
        LinkMetadata(main_contact=False),
        None,
    ]
    assert links[0].entity_id is None


@pytest.mark.parametrize("name", ["mass_list", "link_answer", "mass_link_answer"])
def test_the_other_lists_of_the_reference_name_both_sides(example: Example, name: str) -> None:
    """Mass lists and link answers carry the side that was asked, too."""
    body = json.loads(example(name))
    links = links_of(example(name))
    assert len(links) == body["_total_items"]
    assert bodies.envelope(example(name), bodies.Links).total_items == len(links)
    for link, said in zip(links, body["_embedded"]["links"], strict=True):
        assert (link.entity_id, link.entity_type) == (said["entity_id"], said["entity_type"])


def test_writes_look_as_in_the_reference(example: Example) -> None:
    """Items serialise to the reference's requests: only what is set, `is_main` for the flag."""
    element, contact = Ref.parse("element:1026/10"), Ref.parse("contact:457282")
    single = [LinkItem.to(element, quantity=1), LinkItem.to(contact, is_main=True)]
    assert json.loads(msgspec.json.encode(single)) == json.loads(example("link_request"))
    assert json.loads(msgspec.json.encode([item.unlinking() for item in single])) == json.loads(
        example("unlink_request")
    )
    mass = [
        LinkItem.to(element, owner=Ref.parse("lead:14158851"), quantity=1),
        LinkItem.to(contact, owner=Ref.parse("lead:14158852"), is_main=True),
    ]
    assert json.loads(msgspec.json.encode(mass)) == json.loads(example("mass_link_request"))
    null_price = LinkItem.to(element, price_id=None)
    assert json.loads(msgspec.json.encode(null_price))["metadata"]["price_id"] is None


@pytest.mark.parametrize("body", [b"", b"  ", b"[]", b'{"_embedded": {"links": []}}'])
def test_nothing_in_any_form_is_an_empty_list(body: bytes) -> None:
    """An empty body, an empty list and an empty collection all say "none"."""
    assert links_of(body) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"_embedded": null, "_links": {}}',
        b'{"_embedded": {}}',
        b'{"_embedded": []}',
        b'{"_embedded": {"links": null}}',
        b'{"_page": 1, "_links": {"self": {"href": "x"}}}',
    ],
)
def test_a_missing_or_null_collection_is_an_empty_list(body: bytes) -> None:
    """PHP writes `[]` for an empty object, and keys may be missing."""
    assert links_of(body) == []


@pytest.mark.parametrize(
    ("body", "truncated"),
    [
        (b'{"_embedded": {"links": [{"to_entity_id": 1, "to_e', True),
        (b"\xff\xfe", True),
        (b'{"hello": "world"}', False),
        (b"{}", False),
        (b'"text"', False),
        (b'{"_embedded": {"links": [{"to_entity_type": "leads"}]}}', False),
        (b'{"_embedded": {"links": [{"to_entity_id": %s}]}}' % (b"9" * 400), False),
        (b'{"_embedded": {"links": [{"to_entity_id": "\\ud800"}]}}', False),
        (b'{"_embedded": {"links": %s}}' % (b"[" * 100_000), False),
    ],
    ids=["cut", "binary", "other", "bare", "text", "keyless", "huge", "surrogate", "deep"],
)
def test_what_is_no_list_is_never_an_empty_one(body: bytes, truncated: bool) -> None:
    """Cut JSON may be asked for again; JSON of something else may not pass for "none"."""
    with pytest.raises(bodies.Malformed) as caught:
        links_of(body)
    assert caught.value.truncated is truncated


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb"\ud800", "\ufffd"),
        (rb"\uDE00x", "\ufffdx"),
        (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\\ud800", "\\ud800"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
    ],
)
def test_half_a_surrogate_pair_stops_no_list(sent: bytes, read: str) -> None:
    """A name cut in the middle of an emoji is read, with the half replaced and nothing else; its
    custom fields too."""
    body = b'{"_embedded": {"leads": [{"id": 1, "name": "%s", "custom_fields_values": ["%s"]}]}}'
    answer = bodies.envelope(body % (sent, sent), bodies.Cards)
    assert answer.embedded is not None
    (card,) = answer.embedded.all
    assert card.name == read
    assert json.loads(card.custom_fields_json or "") == [read]


def test_odd_but_readable_shapes_are_mended() -> None:
    """Numbers as text, whole floats, flags as 0 and 1, `[]` metadata, unknown keys and types."""
    body = b"""{"_total_items": "3", "new": 1, "_embedded": {"links": [
        {"to_entity_id": "7", "to_entity_type": "unicorns", "metadata": []},
        {"to_entity_id": 8.0, "to_entity_type": "contacts", "metadata": {"main_contact": 1}},
        {"to_entity_id": 9, "to_entity_type": "catalog_elements",
         "metadata": {"quantity": "1.5", "catalog_id": "3", "price_id": null, "new": {}}}]}}"""
    first, second, third = links_of(body)
    assert (first.to_entity_id, first.to_entity_type, first.metadata) == (7, "unicorns", None)
    assert (second.to_entity_id, second.metadata) == (8, LinkMetadata(main_contact=True))
    assert third.metadata == LinkMetadata(quantity=1.5, catalog_id=3)


def test_a_card_of_any_type_is_read_with_its_links() -> None:
    """Every key is optional; embedded cards become links with the metadata that they carry."""
    card = bodies.decode(
        b"""{"id": 1, "name": "\xd0\x98", "price": 10.5, "custom_fields_values": null,
        "_embedded": {"tags": [{"id": 1, "name": "vip"}], "companies": [{"id": 2, "_links": {}}],
        "contacts": [{"id": 3, "is_main": true}, {"id": 4, "is_main": false}], "leads": null,
        "catalog_elements": [{"id": 5, "metadata": {"quantity": 2, "catalog_id": 6}},
                             {"id": 5, "quantity": 1, "catalog_id": 7, "price_id": 8}]}}""",
        wire.Card,
    )
    assert card.custom_fields_json is None
    assert [tag.name for tag in card.tags] == ["vip"]
    assert list(card.embedded_links()) == [
        ("companies", 2, None),
        ("contacts", 3, LinkMetadata(main_contact=True)),
        ("contacts", 4, LinkMetadata(main_contact=False)),
        ("catalog_elements", 5, LinkMetadata(quantity=2, catalog_id=6)),
        ("catalog_elements", 5, LinkMetadata(quantity=1, catalog_id=7, price_id=8)),
    ]
    assert list(bodies.decode(b'{"id": 1}', wire.Card).embedded_links()) == []


def test_custom_fields_are_kept_to_the_letter_even_where_the_rest_is_mended() -> None:
    """Empty texts and lists inside custom fields are data, not shapes to put right."""
    fields = '[{"field_id":1,"metadata":[],"values":[{"value":""},{"value":"Ы"}]}]'
    for card_id in ("1", '"1"'):
        card = bodies.decode(
            f'{{"id":{card_id},"custom_fields_values":{fields}}}'.encode(), wire.Card
        )
        assert card.id == 1
        assert card.custom_fields_json == fields


@pytest.mark.parametrize("key", ["link", "unlink"])
@pytest.mark.parametrize("array", ["value_after", "value_before"])
def test_the_other_end_of_a_link_event_is_found_in_either_array(key: str, array: str) -> None:
    """Which array and key an unlink uses is not documented (amocrm-api section 3)."""
    event = msgspec.convert(
        {
            "id": "01",
            "type": "entity_linked",
            array: [{key: {"entity": {"type": "contact", "id": "5"}}}, 7, {key: None}],
        },
        wire.Event,
    )
    assert event.other_ends() == [("contact", 5)]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["_embedded", "_links", "next", "href", "links", "metadata", "leads", "id"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True)
@given(_json)
def test_no_json_breaks_the_reader(value: Any) -> None:
    """Whatever comes is read or told apart; nothing else is ever raised."""
    body = json.dumps(value).encode()
    for embedded in (bodies.Links, bodies.Cards, bodies.Events):
        try:
            bodies.envelope(body, embedded)
        except bodies.Malformed:
            continue
