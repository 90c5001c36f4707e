"""From an account's settings to a client that may ask it.

Here a token meets its address: the pace is shared with every other process of the account, and a
read-only account gets a client that cannot write.
"""

import asyncio
import math
from pathlib import Path

import httpx

from linkgraph.accounts import Account
from linkgraph.amocrm import Address, AmoClient, Pacer, RetryPolicy, wire
from linkgraph.errors import SettingsError

#: The CRM's own limit, in requests a second (amocrm-api, section 4).
LIMIT = 7.0


def client(
    account: Account,
    *,
    rate: float | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    read_only: bool = False,
) -> AmoClient:
    """A client for an account of a home, at the account's pace or a slower one.

    It cannot write where `read_only` says so, or the account, or the environment.

    Raises:
        SettingsError: the rate is above what the CRM allows, or there is no token.
        InvalidAddress: the account's address is none.
    """
    address = Address.parse(account.settings.url)
    pace = account.settings.rate if rate is None else rate
    return AmoClient(
        address,
        account.token,
        pacer=Pacer(checked_rate(pace, address), _pace_file(address, account)),
        read_only=read_only or account.read_only,
        transport=transport,
    )


def checked_rate(rate: float, address: Address) -> float:
    """The rate, if it is one that the CRM allows; a simulated account may have any.

    Raises:
        SettingsError: it is not.
    """
    if not rate > 0 or (rate > LIMIT and not address.is_loopback) or math.isnan(rate):
        raise SettingsError(
            f"a rate of {rate:g} requests a second is not allowed",
            hint=f"the CRM allows {LIMIT:g}, and blocks accounts that go on asking for more",
        )
    return rate


def check(url: str, token: str) -> wire.Account:
    """Ask an account for itself: whether the address is one, and the token fits it.

    Raises:
        InvalidAddress, NotAmoCRM: the address is no account's.
        Unauthorized: the token does not fit it.
        ApiError: another reason why it did not answer.
    """

    async def ask() -> wire.Account:
        # A person waits for the answer: an address where nobody lives is told after one more try.
        patience = RetryPolicy(attempts=2)
        async with AmoClient(
            Address.parse(url), token, pacer=Pacer(), read_only=True, retry_policy=patience
        ) as asking:
            return await asking.account()

    return asyncio.run(ask())


def _pace_file(address: Address, account: Account) -> Path:
    # Kommo counts by IP address, so all its accounts on this machine share one pace.
    return account.home / "pace-kommo" if address.counts_by_ip else account.folder / "pace"
