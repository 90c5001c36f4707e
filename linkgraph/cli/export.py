"""`linkgraph export`: the mirror's tables as files."""

from pathlib import Path

import click

from linkgraph.cli.options import account_options, open_session
from linkgraph.cli.output import narrate
from linkgraph.settings import Home


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(("parquet", "csv")),
    default="parquet",
    show_default=True,
)
@click.option("-t", "--table", "names", multiple=True, help="Only this table; may be given again.")
@account_options
def export(
    folder: Path, format_: str, names: tuple[str, ...], account: str | None, home: Home
) -> None:
    """Write the snapshot's tables to FOLDER, a Parquet or CSV file each."""
    with open_session(home, account) as session:
        from linkgraph.session import EXPORTED

        for name, rows in session.export(folder, format_, names or EXPORTED).items():
            narrate(f"{folder / name}.{format_}: {rows:,} rows")
