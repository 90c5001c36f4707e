"""How many links changed between two snapshots, by relation: counted once, kept beside the later.

The counts are those of the rows of the question `link-changes`, whatever it says a change is.
"""

from collections import defaultdict

import msgspec

from linkgraph.errors import LinkgraphError
from linkgraph.mirror.merge import Change
from linkgraph.mirror.snapshots import Snapshot
from queries.asked import Asked, Sources
from queries.figures import definition, stamp
from queries.question import Question
from queries.running import Stop
from queries.statements import values_of
from queries.wholefiles import whole_file

FILE = "changes.json"
_FORMAT = 1


def change_counts(
    sources: Sources,
    question: Question,
    earlier: Snapshot,
    later: Snapshot,
    *,
    timeout: float | None = None,
    stop: Stop | None = None,
) -> tuple[Change, ...]:
    """What changed of each relation, by its name; relations of which nothing changed left out.

    Raises:
        InvalidParameter: one of the two is not kept any more.
        QueryStopped: it timed out or was stopped.
    """
    entries = _entries(later)
    key = f"{stamp(earlier)} {definition(question)}"
    if key not in entries:
        entries = {**entries, key: list(_count(sources, question, earlier, later, timeout, stop))}
        _keep(later, entries)
    return tuple(entries[key])


class _File(msgspec.Struct, frozen=True):
    format: int
    snapshot: str
    since: dict[str, list[Change]]
    """By the earlier snapshot and the definition of the question."""


def _count(
    sources: Sources,
    question: Question,
    earlier: Snapshot,
    later: Snapshot,
    timeout: float | None,
    stop: Stop | None,
) -> list[Change]:
    assert sources.compare is not None, "there are snapshots to compare"
    since, until = str(earlier.number), str(later.number)
    values = values_of(question, question.sql, question.bind({"since": since, "until": until}))
    # DuckDB leaves the columns out that are not counted: names and addresses cost nothing here.
    sql = f"""
        select relation, change, count(*) as links from (
        {question.sql}
        ) group by relation, change
    """
    asked = Asked(values, Sources(sources.compare(since, until)), timeout, stop or Stop())
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in asked.sql(sql, **values).to_pylist():
        counts[row["relation"]][row["change"]] = row["links"]
    return [
        Change(relation, *(of.get(name, 0) for name in ("added", "removed", "changed")))
        for relation, of in sorted(counts.items())
    ]


def _entries(later: Snapshot) -> dict[str, list[Change]]:
    """What is kept; nothing where the file is damaged, or is that of another snapshot."""
    try:
        content = msgspec.json.decode((later.cache / FILE).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return {}
    fits = (content.format, content.snapshot) == (_FORMAT, stamp(later))
    return content.since if fits else {}


def _keep(later: Snapshot, entries: dict[str, list[Change]]) -> None:
    """Keep counts; where the disk does not take them they are counted again next time."""
    try:
        content = _File(_FORMAT, stamp(later), entries)
        later.cache.mkdir(parents=True, exist_ok=True)
        with whole_file(later.cache / FILE) as stream:
            stream.write(msgspec.json.encode(content))
    except (OSError, LinkgraphError):
        return  # a home that takes no files, or a snapshot that was removed meanwhile
