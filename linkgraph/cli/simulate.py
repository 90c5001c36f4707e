"""`linkgraph simulate`: an account on this machine, for trying things and for tests."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from linkgraph.cli.options import named_values
from linkgraph.errors import UsageError


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port on 127.0.0.1; any free one by default.",
)
@click.option("--size", default="10k", show_default=True, help="Links: 1k, 250k, 1m, 12345.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Same seed, same account.",
)
@click.option("--world", type=click.Path(path_type=Path), help="Serve a world file instead.")
@click.option("--behaviour", "switches", metavar="K=V", multiple=True, help="Set a switch.")
@click.option("--fault", "faults", metavar="JSON", multiple=True, help="Add a scripted fault.")
@click.option("--rate", default="7", show_default=True, help="Requests a second; none: no limit.")
@click.option(
    "--latency", type=click.FloatRange(0, 3600), default=0.0, help="Seconds added to every answer."
)
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

    if save is not None and not save.absolute().parent.is_dir():
        raise UsageError(f"there is no folder for {save}", hint="make it, or save elsewhere")
    try:
        run(
            port=port,
            size=size,
            seed=seed,
            world=world,
            behaviour=named_values(switches, "--behaviour latency=0.6"),
            faults=[_fault(text) for text in faults],
            rate=_rate(rate),
            latency=latency,
            save=save,
            announce=_announce,
        )
    except (OSError, ValueError) as error:
        raise UsageError(str(error), hint="linkgraph simulate --help") from error


def _fault(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"--fault {text[:80]} is not JSON: {error}",
            hint="""for instance: --fault '{"action": "status", "status": 500}'""",
        ) from error


def _rate(text: str) -> float | None:
    """Requests a second; None for no limit."""
    if text.lower() == "none":
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not rate > 0:
        raise UsageError(f"--rate {text[:80]} is no number above 0", hint="--rate none lifts it")
    return rate


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
