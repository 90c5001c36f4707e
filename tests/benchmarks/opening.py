"""A fresh process that opens an index, looks once, walks, and tells what that took.

`python -m tests.benchmarks.opening FOLDER REF …` prints a JSON object; `opened` runs it, with the
index's files read or not read before.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from linkgraph.mirror.snapshots import INDEX, Snapshot

ROOT = Path(__file__).parents[2]


def opened(
    snapshot: Snapshot, account: Path, refs: Sequence[str], *, cold: bool
) -> dict[str, float]:
    """What opening and walking took in a process of its own: ms, and MB of private memory."""
    if cold:
        for path in (snapshot.folder / INDEX).iterdir():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.opening", str(account), *refs],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _private() -> float:
    """Memory that this process shares with no other and no file, in MB."""
    kilobytes = 0
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in {"Private_Dirty", "Private_Hugetlb"}:
            kilobytes += int(rest.split()[0])
    return kilobytes / 1024


def main() -> None:
    """Import, open, look once, walk from card to card."""
    folder, *refs = sys.argv[1:]
    began = time.perf_counter()
    from linkgraph.index import LinkIndex
    from linkgraph.mirror.snapshots import Snapshots
    from linkgraph.model import Ref

    cards = [Ref.parse(text) for text in refs]
    imported = time.perf_counter()
    index = LinkIndex.open(Snapshots(Path(folder)).require())
    index.neighbours(cards[0])
    looked = time.perf_counter()
    for one, other in itertools.pairwise(cards):
        index.path(one, other)
        index.neighbourhood(one, 3)
    print(  # noqa: T201
        json.dumps(
            {
                "import_ms": (imported - began) * 1e3,
                "open_ms": (looked - imported) * 1e3,
                "private_mb": _private(),
            }
        )
    )


if __name__ == "__main__":
    main()
