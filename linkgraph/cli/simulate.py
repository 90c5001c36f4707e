"""`linkgraph simulate`: an account on this machine, for trying things and for tests."""

import json
import sys
from pathlib import Path

import click

from linkgraph.cli.options import named_values
from linkgraph.errors import UsageError


@click.command()
@click.option("--port", type=int, default=0, help="Port on 127.0.0.1; any free one by default.")
@click.option("--size", default="10k", show_default=True, help="Links: 1k, 250k, 1m, 12345.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same account.")
@click.option("--world", type=click.Path(path_type=Path), help="Serve a world file instead.")
@click.option("--behaviour", "switches", metavar="K=V", multiple=True, help="Set a switch.")
@click.option("--fault", "faults", metavar="JSON", multiple=True, help="Add a scripted fault.")
@click.option("--rate", default="7", show_default=True, help="Requests a second; none: no limit.")
@click.option("--latency", type=float, default=0.0, help="Seconds added to every answer.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the world there at the end.")
def simulate(
    port: int,
    size: str,
    seed: int,
    world: Path | None,
    switches: tuple[str, ...],
    faults: tuple[str, ...],
    rate: str,
    latency: float,
    save: Path | None,
) -> None:
    """Run a simulated account until Ctrl-C; prints its address and a token.

    Add it from another terminal: linkgraph account add NAME --url ADDRESS, and paste the token.
    """
    from linkgraph.simulator import run  # brings the web server along

    try:
        run(
            port=port,
            size=size,
            seed=seed,
            world=world,
            behaviour=named_values(switches),
            faults=[json.loads(fault) for fault in faults],
            rate=None if rate.lower() == "none" else float(rate),
            latency=latency,
            save=save,
            announce=_announce,
        )
    except (OSError, ValueError) as error:
        raise UsageError(str(error), hint="linkgraph simulate --help") from error


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
