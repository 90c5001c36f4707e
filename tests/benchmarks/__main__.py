"""Run the benchmarks: `python -m tests.benchmarks [NAME …] [--size 1m]`.

Every module of this folder that has a `run(links)` is one; its docstring's first line is its title.
"""

import argparse
import importlib
import pkgutil
from pathlib import Path

from rich.console import Console

from linkgraph.simulator import links_of_size
from tests.benchmarks.measures import show

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The benchmarks there are."""
    found = []
    for module in pkgutil.iter_modules([str(FOLDER)]):
        if module.name.startswith("_"):
            continue
        if hasattr(importlib.import_module(f"tests.benchmarks.{module.name}"), "run"):
            found.append(module.name)
    return sorted(found)


def main() -> None:
    """Run those asked for, or all, and print a table for each."""
    known = names()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--size", default="1m", help="links in the account: 100k, 1m, 10m")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(known))
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(known)}")
    links = links_of_size(given.size)
    console = Console()
    for name in given.names or known:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        title = (module.__doc__ or name).splitlines()[0].rstrip(".")
        show(f"{title}, {links:,} links", module.run(links), console)


if __name__ == "__main__":
    main()
