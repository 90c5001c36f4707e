"""One account: what a person may set of it, and its token.

Settings are values: what an address or a rate may be is checked by who uses it.
"""

import base64
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from linkgraph.errors import SettingsError

READ_ONLY_VARIABLE = "LINKGRAPH_READ_ONLY"


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What a person may set of an account, in `config.toml`."""

    url: str
    """Address of the account, without a path."""
    rate: float = 7.0
    """Requests a second; the CRM allows 7, less where others share the account's budget."""
    read_only: bool = False
    """Refuse every write, whatever asks for it."""
    phone_country: str = "RU"
    """Country (ISO 3166) whose rules read phones without a country code."""
    keep: int = 3
    """How many snapshots stay."""
    max_removals: float = 0.2
    """The share of a relation whose removal in one sync wants a confirmation."""
    batch: int = 50
    """Items in a request that links or unlinks."""
    settle: float = 5.0
    """Seconds in which a write that was not answered may still be done."""
    confirm_unlinks: int = 20
    """Unlinks in one push above which their number must be typed."""

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            value: object = getattr(self, name)
            whole = name in _WHOLE
            if (
                isinstance(value, bool)
                or not isinstance(value, int if whole else (int, float))
                or not low <= float(value) <= high
            ):
                raise SettingsError(
                    f"{name} = {value!r} is not a number from {low} to {high}",
                    hint="correct it in config.toml",
                )
        if not isinstance(self.url, str) or not isinstance(self.read_only, bool):
            raise SettingsError(
                "url is a text, read_only is true or false", hint="correct it in config.toml"
            )
        country: object = self.phone_country
        if not isinstance(country, str) or not re.fullmatch(r"[A-Z]{2}", country):
            raise SettingsError(
                f"phone_country = {self.phone_country!r} is no country code",
                hint="two capital letters, such as RU, KZ or US",
            )


_LIMITS = {
    "rate": (0.01, float("inf")),
    "keep": (1, 1000),
    "max_removals": (0.0, 1.0),
    "batch": (1, 250),
    "settle": (0.0, 3600.0),
    "confirm_unlinks": (0, 10**9),
}
_WHOLE = frozenset({"keep", "batch", "confirm_unlinks"})


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a home: its name, its settings and its folder."""

    name: str
    settings: AccountSettings
    folder: Path
    home: Path

    @property
    def token(self) -> str:
        """The long-lived token. Never show it.

        Raises:
            SettingsError: there is none, or the file is unreadable.
        """
        path = self.folder / "credentials.json"
        try:
            token = json.loads(path.read_text(encoding="utf-8"))["token"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"account {self.name} has no usable token in {path}",
                hint=f"enter it again: linkgraph account add {self.name} --url "
                f"{self.settings.url} --replace",
            ) from error
        return str(token)

    @property
    def read_only(self) -> bool:
        """Whether writes are refused: by the account's setting or by the environment."""
        return self.settings.read_only or os.environ.get(READ_ONLY_VARIABLE, "") not in {"", "0"}


def expiry(token: str) -> datetime | None:
    """When a long-lived token ends (UTC), as its own `exp` claim says; None where it says nothing.

    The claim is read, not verified: only the CRM can do that.
    """
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None
