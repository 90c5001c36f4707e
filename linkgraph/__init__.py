"""linkgraph: every link of an amoCRM / Kommo account, mirrored into DuckDB.

>>> import linkgraph
>>> with linkgraph.open() as session:                                           # doctest: +SKIP
...     session.ask("companies-sharing-contacts", min_shared=2).rows()
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkgraph.session import Session

__all__ = ["__version__", "open"]
__version__ = "0.1.0"


def open(
    account: str | None = None, home: Path | str | None = None, *, read_only: bool = False
) -> "Session":
    """The session of an account: the named one, else the default of the home.

    With `read_only` nothing can be written to the CRM, whatever the account's settings say.

    Raises:
        NoAccount: there is none, or not that one.
    """
    from linkgraph.session import Session  # imports DuckDB and Arrow, which the model does not need

    return Session.open(account, home, read_only=read_only)
