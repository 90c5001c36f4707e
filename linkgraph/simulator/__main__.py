"""`python -m linkgraph.simulator`: an account as a process of its own."""

import argparse
import sys
from typing import Any

import msgspec

from linkgraph.simulator.server import run


def main() -> int:
    """Read the options and serve."""
    options = _parser().parse_args()
    try:
        run(
            port=options.port,
            size=options.size,
            seed=options.seed,
            world=options.world,
            behaviour=dict(options.behaviour),
            faults=options.fault,
            rate=options.rate,
            latency=options.latency,
            save=options.save,
        )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m linkgraph.simulator", description="A simulated amoCRM account."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free)")
    parser.add_argument("--size", default="1k", help="links to generate: 1k, 100k, 1m, 12345")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same account")
    parser.add_argument("--world", metavar="FILE", help="serve a world file instead")
    parser.add_argument(
        "--behaviour",
        metavar="K=V",
        type=_switch,
        action="append",
        default=[],
        help="set a switch; may be given again",
    )
    parser.add_argument(
        "--fault",
        metavar="JSON",
        type=_fault,
        action="append",
        default=[],
        help="add a scripted fault; may be given again",
    )
    parser.add_argument("--rate", type=_rate, default=7, help="requests a second, or none")
    parser.add_argument("--latency", type=float, default=0, help="seconds added to every answer")
    parser.add_argument("--save", metavar="FILE", help="write the world there at the end")
    return parser


def _switch(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _fault(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from error


def _rate(text: str) -> float | None:
    return None if text.lower() == "none" else float(text)


if __name__ == "__main__":
    sys.exit(main())
