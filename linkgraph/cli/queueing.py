"""`linkgraph link`, `unlink`, `main` and `move`: single edits into the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from linkgraph.cli.options import Id, account_options, open_session
from linkgraph.errors import InvalidParameter
from linkgraph.model import MAX_ID
from linkgraph.plaintext import plain
from linkgraph.settings import Home

if TYPE_CHECKING:
    from linkgraph.edit import Verb
    from linkgraph.model import Metadata
    from linkgraph.session import Session

F = TypeVar("F", bound=Callable[..., Any])

_NO_PRICE = "none"

updated_by_option = click.option(
    "--updated-by",
    metavar="USER_ID",
    type=Id(),
    help="The CRM user in whose name it is written; else the token's.",
)


@click.command()
@click.argument("ref")
@click.argument("others", nargs=-1, required=True, metavar="REF...")
@click.option("--main", "is_main", is_flag=True, help="Make the contact the main one.")
@click.option("--quantity", type=float, help="Quantity of a catalog element.")
@click.option(
    "--price", metavar="ID|none", help="Price field of a catalog element, or none to clear it."
)
@updated_by_option
@account_options
def link(
    ref: str,
    others: tuple[str, ...],
    is_main: bool,
    quantity: float | None,
    price: str | None,
    updated_by: int | None,
    account: str | None,
    home: Home,
) -> None:
    """Queue edits that link the first card to each of the others.

    \b
        linkgraph link lead:123 contact:45 --main
        linkgraph link lead:123 element:4521/7 --quantity 2.5

    Where they are linked already, what the options say is set: the main contact, a quantity, a
    price. All are queued, or none. To send them: linkgraph edits push
    """
    from linkgraph.edit import Verb
    from linkgraph.model import Metadata

    metadata = Metadata(is_main or None, quantity, _price(price))
    with open_session(home, account) as session:
        _queue(session, Verb.LINK, ref, others, metadata, updated_by)


@click.command()
@click.argument("ref")
@click.argument("others", nargs=-1, required=True, metavar="REF...")
@updated_by_option
@account_options
def unlink(
    ref: str, others: tuple[str, ...], updated_by: int | None, account: str | None, home: Home
) -> None:
    """Queue edits that take away the links of the first card to each of the others."""
    from linkgraph.edit import Verb

    with open_session(home, account) as session:
        _queue(session, Verb.UNLINK, ref, others, None, updated_by)


@click.command()
@click.argument("owner", metavar="LEAD")
@click.argument("contact")
@updated_by_option
@account_options
def main(owner: str, contact: str, updated_by: int | None, account: str | None, home: Home) -> None:
    """Queue an edit that makes CONTACT the main contact of LEAD, or of a customer.

    The two must be linked already, or be linked by an edit in the queue.
    """
    from linkgraph.edit import Verb

    with open_session(home, account) as session:
        _queue(session, Verb.MAIN, owner, (contact,), None, updated_by)


@click.command()
@click.argument("from_", metavar="FROM")
@click.argument("to")
@updated_by_option
@account_options
def move(from_: str, to: str, updated_by: int | None, account: str | None, home: Home) -> None:
    """Queue an edit that moves all links of the card FROM to the card TO, as for duplicates.

    Which links those are is settled by the plan. The card FROM itself stays.
    """
    from linkgraph.edit import Verb

    with open_session(home, account) as session:
        _queue(session, Verb.MOVE, from_, (to,), None, updated_by)


def _queue(
    session: Session,
    verb: Verb,
    first: str,
    others: tuple[str, ...],
    metadata: Metadata | None,
    updated_by: int | None,
) -> None:
    """Queue an edit for each of the others, all or none, and tell of it."""
    from linkgraph.cli import queuedlines
    from linkgraph.edit import Edit
    from linkgraph.edits.entries import Entry, Origin, Source
    from linkgraph.model import Metadata

    origin = Origin(Source.COMMAND, verb.value)
    card = session.ref(first)
    edits = [
        Edit(verb, card, other, metadata or Metadata())
        for other in dict.fromkeys(map(session.ref, others))
    ]
    queued = session.edits.add(Entry(edit, origin, updated_by) for edit in edits)
    queuedlines.tell(session, queued)


def _price(text: str | None) -> int | None:
    """The id of a price field; 0 for none.

    Raises:
        InvalidParameter: it is neither.
    """
    if text is None:
        return None
    if text == _NO_PRICE:
        return 0
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) <= MAX_ID:
        raise InvalidParameter(
            f"«{plain(text, 40)}» is no price field",
            hint="give the id of one of the catalog's price fields, or none",
        )
    return int(text)
