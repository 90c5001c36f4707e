"""A sync as a process of its own, to be killed: `python -m tests.mirror.pulling URL TOKEN FOLDER`.

Prints a line whenever the phase or step changes or requests were sent, then waits for an answer on
stdin where it was told to stop at that line.
"""

import sys
from pathlib import Path

from linkgraph.amocrm import Address, AmoClient, Pacer
from linkgraph.index.store import write
from linkgraph.mirror.progress import Progress
from linkgraph.mirror.sync import Plan, sync


def main() -> None:
    """Sync, and stand still for good where `halt` says."""
    url, token, folder, halt = sys.argv[1:]

    def watch(progress: Progress) -> None:
        where = f"{progress.phase}:{progress.step}" if ":" in halt else str(progress.requests)
        if where == halt or (halt.isdecimal() and progress.requests >= int(halt)):
            sys.stdout.write("here\n")
            sys.stdout.flush()
            sys.stdin.read()  # until killed

    client = AmoClient(Address.parse(url), token, pacer=Pacer(float("inf")))
    sync(client, Plan(Path(folder), "RU", 3, 1.0, build_index=write), watch)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
