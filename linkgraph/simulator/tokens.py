"""Long-lived tokens: JWT-shaped, signed, and good for as long as the account is the same.

Invariant: the key is derived from the account's id, so a simulator started again takes the
tokens of the one before. Nothing here is secret: it guards an account that does not exist.
"""

import base64
import binascii
import hashlib
import hmac
import time
from typing import Any

import msgspec

YEAR = 365 * 86400
_HEADER = {"typ": "JWT", "alg": "HS256"}


def make_token(account_id: int, *, now: float | None = None, lifetime: int = YEAR) -> str:
    """A token of the account; the claims are those amocrm-api §5 lists."""
    issued = int(time.time() if now is None else now)
    claims = {
        "aud": "00000000-0000-4000-8000-000000000000",
        "jti": hashlib.sha256(f"{account_id}/{issued}".encode()).hexdigest(),
        "iat": issued,
        "nbf": issued,
        "exp": issued + lifetime,
        "sub": "1",
        "grant_type": "",
        "account_id": account_id,
        "base_domain": "localhost",
        "version": 2,
        "scopes": ["crm"],
    }
    signed = f"{_encode(msgspec.json.encode(_HEADER))}.{_encode(msgspec.json.encode(claims))}"
    return f"{signed}.{_encode(_signature(signed, account_id))}"


def is_good_token(token: str, account_id: int, *, now: float | None = None) -> bool:
    """Whether a token is of this account, rightly signed, and not expired."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(
        signature.encode(), _encode(_signature(signed, account_id)).encode()
    ):
        return False
    claims = _claims(signed)
    expires = claims.get("exp")
    return (
        claims.get("account_id") == account_id
        and isinstance(expires, int)
        and expires > (time.time() if now is None else now)
    )


def _signature(signed: str, account_id: int) -> bytes:
    key = hashlib.sha256(f"simulated account {account_id}".encode()).digest()
    return hmac.digest(key, signed.encode(), "sha256")


def _claims(signed: str) -> dict[str, Any]:
    part = signed.rpartition(".")[2]
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (msgspec.DecodeError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
