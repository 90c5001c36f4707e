"""Addresses: what people paste, and where a token may go."""

import pytest

from linkgraph.amocrm import Address
from linkgraph.errors import InvalidAddress


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example.amocrm.ru", "https://example.amocrm.ru"),
        ("  https://Example.AMOCRM.ru./  ", "https://example.amocrm.ru"),
        ("https://example.amocrm.com/leads/detail/1?x=ы", "https://example.amocrm.com"),
        ("https://example.kommo.com:443/api/v4", "https://example.kommo.com"),
        ("my-shop2.kommo.com/contacts/detail/5#tab", "https://my-shop2.kommo.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost:8080/leads", "http://localhost:8080"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_whatever_page_is_pasted_the_account_is_found(text: str, url: str) -> None:
    """A bare host, a card's page, capitals, a dot at the end: the origin comes out."""
    assert Address.parse(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example",
        "amocrm.ru",
        "www.amocrm.ru",
        "https://WWW.kommo.com/oauth",
        "http://example.amocrm.ru",
        "ftp://example.amocrm.ru",
        "https://example.amocrm.ru:8443",
        "https://example.amocrm.ru.evil.example",
        "https://evilamocrm.ru",
        "https://example.amocrm.ru@evil.example",
        "https://user:secret@example.amocrm.ru",
        "https://evil.example\\@example.amocrm.ru",
        "https://evil.example/.amocrm.ru",
        "https://exam ple.amocrm.ru",
        "https://a.b.amocrm.ru",
        "https://éxample.amocrm.ru",
        "http://192.168.0.1",
        "http://example.com",
        "https://127.0.0.1:80",
        "http://127.0.0.1:99999",
        "http://[::1",
        "-bad-.amocrm.ru",
    ],
)
def test_anything_else_is_refused_with_a_remedy(text: str) -> None:
    """No address that is not surely an account's, or not encrypted, gets a token."""
    with pytest.raises(InvalidAddress) as caught:
        Address.parse(text)
    assert caught.value.hint
    assert "secret" not in caught.value.message


def test_kommo_counts_by_ip() -> None:
    """On kommo.com all accounts of a machine share one limit (amocrm-api section 4)."""
    assert Address.parse("example.kommo.com").counts_by_ip
    assert not Address.parse("example.amocrm.ru").counts_by_ip


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.amocrm.ru/api/v4/leads?page=2&a[]=1", "/api/v4/leads?page=2&a[]=1"),
        ("https://EXAMPLE.amocrm.ru:443/x", "/x"),
        ("http://example.amocrm.ru/x", None),
        ("https://example.amocrm.ru:444/x", None),
        ("https://other.amocrm.ru/x", None),
        ("https://u@example.amocrm.ru/x", None),
        ("https://example.amocrm.ru\\@evil.example/x", None),
        ("/api/v4/leads?page=2", None),
        ("https://example.amocrm.ru:port/x", None),
    ],
)
def test_only_the_very_same_origin_holds_a_url(url: str, target: str | None) -> None:
    """Scheme, host and port must be the account's own."""
    assert Address.parse("example.amocrm.ru").target_of(url) == target
