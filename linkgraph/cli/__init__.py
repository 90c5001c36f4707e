"""The command line: thin skins over `linkgraph.session`.

stdout is data, stderr is narration, exit codes are `exits.ExitCode`. Commands are imported when
they are called, so that `--help` is quick.
"""

import sys

import click

import linkgraph
from linkgraph.cli.exits import ExitCode, code_of, tell
from linkgraph.cli.lazily import LazyGroup
from linkgraph.cli.output import close_quietly, narrate, prepare_streams
from linkgraph.errors import LinkgraphError

#: Where each command stands, and its line in `--help`, in the order of a first acquaintance.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo:demo", "A simulated account, mirrored and asked: try it without a CRM."),
    "browse": ("browse:browse", "The browser: walk the graph, ask, edit and push. The default."),
    "account": ("account:account", "Accounts: add, list, check, use, remove."),
    "sync": ("sync:sync", "Mirror the account, or just some cards."),
    "status": ("status:status", "What is mirrored, and how old it is."),
    "find": ("cards:find", "Find cards by name, phone, e-mail, id or address."),
    "show": ("cards:show", "Show a card and its links."),
    "path": ("path:path", "Show how two cards are connected."),
    "health": ("health:health", "Count every problem, show the worst, and what changed."),
    "ask": ("ask:ask", "Ask a question of the library."),
    "changes": ("changes:changes", "Show which links came, went or changed between two syncs."),
    "sql": ("sql:sql", "Run SQL over the mirror."),
    "schema": ("schema:schema", "List the tables that SQL reads, and what they mean."),
    "export": ("export:export", "Write tables, the graph or pictures of it as files."),
    "link": ("queueing:link", "Queue an edit that links cards."),
    "unlink": ("queueing:unlink", "Queue an edit that takes links away."),
    "main": ("queueing:main", "Queue an edit that makes a contact the main one."),
    "move": ("queueing:move", "Queue an edit that moves all links of a card to another."),
    "edits": ("edits:edits", "The queue of edits: list, import, plan, push, undo, log."),
    "simulate": ("simulate:simulate", "Run a simulated account on this machine."),
}


class _Commands(LazyGroup):
    """All commands."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `linkgraph ask … | head`; click would end it as a failure
            close_quietly(sys.stdout)
            return ExitCode.OK


@click.group(
    cls=_Commands,
    listed=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: linkgraph demo. Without a command, the browser opens.",
    invoke_without_command=True,
)
@click.version_option(linkgraph.__version__, prog_name="linkgraph")
@click.pass_context
def linkgraph_command(context: click.Context) -> int | None:
    """Mirror every link of an amoCRM / Kommo account, and ask questions of the whole graph."""
    if context.invoked_subcommand is not None:
        return None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):  # a script wants to know what there is
        click.echo(context.get_help())
        return ExitCode.OK
    from linkgraph.cli import browse
    from linkgraph.settings import Home

    return browse.run(Home.locate(None))


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit code. No foreseeable failure shows a traceback."""
    prepare_streams()
    try:
        result = linkgraph_command.main(arguments, "linkgraph", standalone_mode=False)
        sys.stdout.flush()  # a full disk is to be told of here, not when Python ends
    except (click.exceptions.Abort, KeyboardInterrupt):
        narrate("interrupted")
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except LinkgraphError as error:
        tell(error)
        return code_of(error)
    except BrokenPipeError:
        close_quietly(sys.stdout)
        return ExitCode.OK
    except OSError as error:
        close_quietly(sys.stdout)
        what = f"{error.filename}: " if error.filename else "what was to be said is cut short: "
        tell(
            LinkgraphError(
                f"{what}{error.strerror or error}",
                hint="look for room and rights where the output goes",
            )
        )
        return ExitCode.FAILED
    return result if isinstance(result, int) else ExitCode.OK
