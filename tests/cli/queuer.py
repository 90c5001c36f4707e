"""One of several processes that queue at once: `python -m tests.cli.queuer HOME COUNT OTHER`.

Links each of so many leads with a contact that all of them want, and with one of its own.
"""

import sys

import linkgraph


def main() -> None:
    """Queue one edit after the other."""
    home, count, other = sys.argv[1:]
    with linkgraph.open(home=home) as session:
        for number in range(int(count)):
            session.edits.link(f"lead:{1000 + number}", "contact:10")
            session.edits.link(f"lead:{1000 + number}", other)


if __name__ == "__main__":
    main()
