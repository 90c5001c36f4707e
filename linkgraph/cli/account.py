"""`linkgraph account`: the accounts of a home."""

import sys
from collections.abc import Callable
from dataclasses import replace as replaced

import click

from linkgraph import access, accounts
from linkgraph.accounts import AccountSettings
from linkgraph.amocrm import Address, wire
from linkgraph.cli import tables
from linkgraph.cli.options import home_option
from linkgraph.cli.output import narrate
from linkgraph.errors import UsageError
from linkgraph.mirror.snapshots import Snapshots
from linkgraph.plaintext import plain
from linkgraph.settings import Home

WHERE_TOKENS_ARE_MADE = """\
The long-lived token is made in the CRM, at {url}, by an administrator:
  amoMarket (in Kommo: Settings → Integrations) → ⋮ → Create integration → external or private,
  with access to all; save it, then «Keys and scopes» → Generate a long-lived token.
Whoever has the token can do what that administrator can. It is kept in a file that only you can
read, and is shown nowhere."""


@click.group()
def account() -> None:
    """Accounts: add, list, check, use, remove."""


@account.command(short_help="Keep an account: its address and its token, checked.")
@click.argument("name")
@click.option("--url", required=True, help="Address of the account; any card's address will do.")
@click.option("--token-stdin", is_flag=True, help="Read the token from stdin instead of asking.")
@click.option("--rate", type=float, help="Requests a second; 7 by default, the most allowed.")
@click.option("--read-only", is_flag=True, help="Refuse every write to this account, for good.")
@click.option("--phone-country", metavar="CC", help="Country of phones without a country code.")
@click.option("--replace", is_flag=True, help="Change an account that is there already.")
@home_option
def add(
    name: str,
    url: str,
    token_stdin: bool,
    rate: float | None,
    read_only: bool,
    phone_country: str | None,
    replace: bool,
    home: Home,
) -> None:
    """Keep an account: its address and a long-lived token, checked by asking the CRM.

    With --replace the other settings of the account stay, and read-only stays for good.
    """
    address = Address.parse(url)
    home.check_name(name, replace=replace)
    kept = home.account(name).settings if name in home.account_names() else None
    settings = replaced(kept or AccountSettings(address.url), url=address.url)
    if rate is not None:
        settings = replaced(settings, rate=rate)
    if read_only:
        settings = replaced(settings, read_only=True)
    if phone_country is not None:
        settings = replaced(settings, phone_country=phone_country.upper())
    access.checked_rate(settings.rate, address)
    token = _token(address.url, from_stdin=token_stdin)
    known = access.check(address.url, token)
    if phone_country is None and kept is None:
        settings = replaced(settings, phone_country=_country(known).upper())
    added = home.add(name, settings, token, replace=replace)
    narrate(f"account {name}: «{plain(known.name)}» at {address.url}")
    if settings.read_only:
        narrate("it is read-only: nothing will ever be written to it from here")
    ends = accounts.expiry(token)
    if ends is not None:
        narrate(f"the token ends on {ends:%Y-%m-%d}")
    narrate(f"kept in {added.folder}")
    narrate("next: linkgraph sync" + ("" if home.default == name else f" --account {name}"))


@account.command("list")
@home_option
def list_(home: Home) -> None:
    """List the accounts of the home."""
    names = home.account_names()
    if not names:
        home.account()  # raises, and says how to add one
    rows = []
    for name in names:
        kept = home.account(name)
        snapshot = Snapshots(kept.folder).current()
        rows.append(
            [
                name,
                kept.settings.url,
                "default" if name == home.default else "",
                "read-only" if kept.read_only else "",
                f"snapshot {snapshot.number}" if snapshot else "not mirrored",
            ]
        )
    tables.write_rows(["name", "address", "default", "writes", "mirror"], rows)


@account.command(short_help="Ask the CRM whether address and token still hold.")
@click.argument("name", required=False)
@home_option
def check(name: str | None, home: Home) -> None:
    """Ask the CRM whether the account's address and token still hold."""
    kept = home.account(name)
    known = access.check(kept.settings.url, kept.token)
    narrate(f"account {kept.name}: «{plain(known.name)}» at {kept.settings.url} answers")
    ends = accounts.expiry(kept.token)
    if ends is not None:
        narrate(f"the token ends on {ends:%Y-%m-%d}")


@account.command(short_help="Make an account the default.")
@click.argument("name")
@home_option
def use(name: str, home: Home) -> None:
    """Make an account the one that commands mean when none is named."""
    home.use(name)
    narrate(f"the default account is {name}")


@account.command(short_help="Forget an account; with --data, all of it.")
@click.argument("name")
@click.option("--data", is_flag=True, help="Remove its snapshots and all else of it too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def remove(name: str, data: bool, yes: bool, home: Home) -> None:
    """Forget an account and its token; with --data, leave nothing of it behind."""
    kept = home.account(name)
    what = "its token and all its snapshots" if data else "its token; its snapshots stay"
    if not yes:
        _confirm(f"Remove account {name} ({kept.settings.url}), {what}?")
    home.remove(name, data=data)
    narrate(f"account {name} is removed")
    if not data and kept.folder.exists():
        narrate(f"its snapshots stay in {kept.folder}")


def _confirm(question: str, ask: Callable[..., bool] = click.confirm) -> None:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask you in", hint="say --yes")
    ask(question, abort=True, err=True)


def _token(url: str, *, from_stdin: bool) -> str:
    if from_stdin:
        token = sys.stdin.readline(100_000)
    elif sys.stdin.isatty():
        narrate(WHERE_TOKENS_ARE_MADE.format(url=url))
        token = click.prompt("Token (not shown)", hide_input=True, err=True)
    else:
        raise UsageError(
            "there is no terminal to ask for the token in",
            hint="pipe it in: … | linkgraph account add NAME --url URL --token-stdin",
        )
    token = token.strip().removeprefix("Bearer ").strip()
    if not token or not token.isascii() or any(char.isspace() for char in token):
        raise UsageError("that is no token", hint="it is one long word of letters, digits and dots")
    return str(token)


def _country(known: wire.Account) -> str:
    country = known.country or ""
    return country if len(country) == 2 and country.isascii() and country.isalpha() else "RU"
