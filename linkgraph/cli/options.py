"""Options that many commands share, and the session that they lead to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from linkgraph.errors import InvalidParameter
from linkgraph.model import MAX_ID
from linkgraph.plaintext import plain
from linkgraph.settings import ACCOUNT_VARIABLE, HOME_VARIABLE, Home

if TYPE_CHECKING:
    from linkgraph.session import Session

F = TypeVar("F", bound=Callable[..., Any])
_ID = re.compile(r"#?(\d{1,19})", re.ASCII)


class Id(click.ParamType[int]):
    """The id of an edit, a push or a user: a whole number that the tables can hold."""

    name = "id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The number of a text, also of one written as `#12`."""
        match = _ID.fullmatch(str(value))
        number = int(match[1]) if match else 0
        if not 0 < number <= MAX_ID:
            self.fail(f"«{plain(value, 40)}» is no id", param, ctx)
        return number


def home_option(command: F) -> F:
    """`--home`, which arrives as a `Home`."""
    return click.option(
        "--home",
        metavar="DIR",
        envvar=HOME_VARIABLE,
        callback=lambda context, option, value: Home.locate(value),
        help=f"Where accounts and snapshots are kept. [env: {HOME_VARIABLE}]",
    )(command)


def account_options(command: F) -> F:
    """`--account` and `--home`."""
    named = click.option(
        "--account",
        metavar="NAME",
        help=f"Which account, if not the default. [env: {ACCOUNT_VARIABLE}]",
    )
    return home_option(named(command))


def output_options(*formats: str) -> Callable[[F], F]:
    """`-f` and `-o`: the form of the data on stdout, or in a file."""

    def decorate(command: F) -> F:
        form = click.option(
            "-f",
            "--format",
            "format_",
            type=click.Choice(("table", *formats)),
            help="Form of the data; by default a table, or what the file's name says.",
        )
        out = click.option(
            "-o",
            "--output",
            metavar="FILE",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write to a file instead of stdout.",
        )
        return form(out(command))

    return decorate


format_option = click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(("table", "json")),
    help="Form of the data; a table by default.",
)

#: For commands that write to the CRM; settings and environment say it for all of them.
read_only_option = click.option(
    "--read-only", is_flag=True, help="Send nothing that changes the CRM, whatever is asked."
)

parameter_option = click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter; may be given again.",
)


def named_values(texts: Iterable[str], example: str = "-p min_shared=3") -> dict[str, str]:
    """`name=value` texts as a dictionary.

    Raises:
        InvalidParameter: one has no `=`, or a name is given twice.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InvalidParameter(
                f"«{text[:80]}» is not NAME=VALUE", hint=f"for instance: {example}"
            )
        if name.strip() in values:
            raise InvalidParameter(
                f"{plain(name.strip(), 60)} was given twice", hint="give it once"
            )
        values[name.strip()] = value
    return values


def open_session(
    home: Home, account: str | None, memory: str | None = None, *, read_only: bool = False
) -> Session:
    """The session of a command. Imported here because it brings DuckDB and Arrow along."""
    from linkgraph.session import Session

    return Session(home.account(account), memory_limit=memory, read_only=read_only)
