"""The terminal browser: a Textual application over `linkgraph.session`.

It holds no SQL, no HTTP and no rule: whatever it does is one call of the session, which the command
line has too.
"""

import gc
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkgraph.errors import LinkgraphError
    from linkgraph.session import Session


def open_browser(session: "Session | None", problem: "LinkgraphError | None" = None) -> int:
    """Open the browser in this terminal, until it is quit; returns the process's exit code.

    Args:
        session: of the account to browse; None where there is none, which `problem` explains.
        problem: why there is no account.
    """
    from tui.app import LinkgraphApp

    # Some shells export the size that their terminal had once (`resize` does, and some containers);
    # it would be believed before the terminal itself, which says what it has now.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    gc.disable()  # until the first screen stands: what starting makes is needed to the end
    app = LinkgraphApp(session, problem, owns_process=True)
    app.run()
    return app.return_code or 0
