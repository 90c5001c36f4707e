"""Rates that the CRM allows, ends of tokens, and the pace that processes share."""

import base64
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import linkgraph
from linkgraph import access, accounts
from linkgraph.accounts import Account, AccountSettings
from linkgraph.amocrm import Address
from linkgraph.errors import InvalidAddress, SettingsError
from linkgraph.settings import Home

REAL = Address.parse("example.amocrm.ru")
HERE = Address.parse("http://127.0.0.1:8080")


def token(claims: object) -> str:
    """A JWT with these claims; its signature is of no interest."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{payload}.signature"


def account(tmp_path: Path, url: str, name: str = "work") -> Account:
    """An account kept in a home."""
    return Home(tmp_path).add(name, AccountSettings(url=url), "secret")


@pytest.mark.parametrize("rate", [0.01, 1, 3.5, 7])
def test_rates_that_the_crm_allows(rate: float) -> None:
    """Up to 7 requests a second may be asked of the CRM."""
    assert access.checked_rate(rate, REAL) == rate


@pytest.mark.parametrize("rate", [0, -1, 7.01, 1000, math.inf, -math.inf, math.nan])
def test_rates_that_the_crm_blocks(rate: float) -> None:
    """More than 7, none, or no number at all is refused before anything is asked."""
    with pytest.raises(SettingsError, match="rate"):
        access.checked_rate(rate, REAL)


def test_simulated_account_takes_any_rate() -> None:
    """On this machine there is no limit, but a rate must still be one."""
    assert access.checked_rate(math.inf, HERE) == math.inf
    assert access.checked_rate(10_000, HERE) == 10_000
    for rate in (0, -5, math.nan):
        with pytest.raises(SettingsError):
            access.checked_rate(rate, HERE)


@given(st.integers(0, 4_000_000_000))
def test_end_of_a_token(moment: int) -> None:
    """A long-lived token tells when it ends, in UTC."""
    assert accounts.expiry(token({"exp": moment})) == datetime.fromtimestamp(moment, UTC)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        [],
        5,
        None,
        {"exp": None},
        {"exp": "soon"},
        {"exp": []},
        {"exp": 10**30},
        {"exp": -(10**30)},
        {"exp": math.inf},
        {"exp": math.nan},
    ],
    ids=repr,
)
def test_claims_without_an_end(claims: object) -> None:
    """A token that does not say when it ends has no known end, and is no reason to fail."""
    assert accounts.expiry(token(claims)) is None


@given(st.text() | st.builds("{}.{}.{}".format, st.text(), st.text(), st.text()))
def test_texts_that_are_no_token(text: str) -> None:
    """Whatever was pasted for a token, asking for its end does not fail."""
    accounts.expiry(text)


def test_token_of_endless_depth() -> None:
    """A payload nested beyond what Python reads has no known end."""
    payload = base64.urlsafe_b64encode(b"[" * 70_000).decode()

    assert accounts.expiry(f"a.{payload}.b") is None


def test_pace_of_kommo_is_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kommo counts by IP address: its accounts share one pace file; amoCRM's have their own."""
    files: list[Path] = []
    monkeypatch.setattr(access, "Pacer", lambda rate, path: files.append(path))
    for name, domain in (("a", "kommo.com"), ("b", "kommo.com"), ("c", "amocrm.ru")):
        access.client(account(tmp_path, f"https://{name}.{domain}", name))

    first, second, own = files

    assert first == second == tmp_path / "pace-kommo"
    assert own == tmp_path / "c" / "pace"


def test_client_needs_a_token_and_an_address(tmp_path: Path) -> None:
    """Without a usable token or address there is no client, and the error says which."""
    kept = account(tmp_path, "https://example.amocrm.ru")
    (kept.folder / "credentials.json").unlink()
    with pytest.raises(SettingsError, match="no usable token"):
        access.client(kept)

    with pytest.raises(InvalidAddress):
        access.client(account(tmp_path, "https://example.com", "other"))


def test_read_only_is_said_in_three_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the account's settings, for one session, by the environment; nothing takes it back."""
    kept = account(tmp_path, "https://example.amocrm.ru")
    set_so = AccountSettings("https://other.amocrm.ru", read_only=True)

    assert not access.client(kept).read_only
    assert access.client(kept, read_only=True).read_only
    assert access.client(Home(tmp_path).add("other", set_so, "secret")).read_only
    with (
        linkgraph.open("work", tmp_path) as free,
        linkgraph.open("work", tmp_path, read_only=True) as bound,
    ):
        assert (free.read_only, bound.read_only) == (False, True)
    monkeypatch.setenv(accounts.READ_ONLY_VARIABLE, "1")
    assert access.client(kept).read_only


def test_client_refuses_a_rate_that_is_too_high(tmp_path: Path) -> None:
    """Neither the settings nor an option can ask more of the CRM than it allows."""
    kept = account(tmp_path, "https://example.amocrm.ru")

    with pytest.raises(SettingsError, match="8 requests"):
        access.client(kept, rate=8)
