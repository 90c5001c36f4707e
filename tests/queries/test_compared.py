"""Which two snapshots a comparison means: by numbers, moments, weekdays, words."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from linkgraph.errors import InvalidParameter
from linkgraph.mirror.snapshots import Snapshot, SnapshotCard
from queries import compared as module
from queries.compared import compared

#: When each kept snapshot was taken (UTC): a Monday, a Wednesday twice, a Friday.
TAKEN = {
    3: "2026-11-16T08:00:00",
    5: "2026-11-18T08:00:59.999999",
    6: "2026-11-18T20:00:00",
    9: "2026-11-20T08:30:00",
}


@pytest.fixture(autouse=True)
def _on_friday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the Friday of the newest snapshot, at noon."""
    monkeypatch.setattr(module, "now", lambda: datetime.fromisoformat("2026-11-20T12:00:00"))


@pytest.fixture
def kept(tmp_path: Path) -> list[Snapshot]:
    """The snapshots of `TAKEN`, oldest first."""
    made = []
    for number, taken_at in TAKEN.items():
        folder = tmp_path / f"{number:06}"
        folder.mkdir()
        told = SnapshotCard(1, number, "full", "", "", taken_at, taken_at, 0, {}, {})
        (folder / "snapshot.json").write_text(json.dumps(asdict(told)))
        made.append(Snapshot(number, folder))
    return made


def numbers(kept: list[Snapshot], since: str, until: str = "newest") -> tuple[int, int]:
    """The numbers of the two, where the last one kept is the one that is read."""
    earlier, later = compared(kept, kept[-1], since, until)
    return earlier.number, later.number


@pytest.mark.parametrize(
    ("since", "until", "meant"),
    [
        pytest.param("previous", "newest", (6, 9), id="the last two"),
        pytest.param("3", "newest", (3, 9), id="by number"),
        pytest.param("3", "5", (3, 5), id="both by number"),
        pytest.param("previous", "5", (3, 5), id="the one kept before the later one"),
        pytest.param("previous", "previous", (5, 6), id="before the newest, and before that"),
        pytest.param("5", "previous", (5, 6), id="up to the one before the newest"),
        pytest.param("2026-11-18 00:00", "newest", (3, 9), id="a day is its beginning"),
        pytest.param("2026-11-18 08:00", "newest", (5, 9), id="the minute that a hint shows"),
        pytest.param("2026-11-18 07:59", "newest", (3, 9), id="a minute before it"),
        pytest.param("2026-11-19 00:00", "newest", (6, 9), id="the last one of the day before"),
        pytest.param("2026-11-17 00:00", "2026-11-19 00:00", (3, 6), id="two days"),
        pytest.param("2026-11-18", "newest", (3, 9), id="from the beginning of a day"),
        pytest.param("2026-11-16", "newest", (3, 9), id="the first one of a day, if none is older"),
        pytest.param("monday", "2026-11-18", (3, 6), id="up to the end of a day"),
        pytest.param("2026-11-18", "2026-11-18", (3, 6), id="what a day brought"),
        pytest.param("tuesday", "newest", (3, 9), id="the last Tuesday"),
        pytest.param("thursday", "newest", (6, 9), id="yesterday"),
        pytest.param("tuesday", "thursday", (3, 6), id="two weekdays"),
    ],
)
def test_which_two_are_meant(
    kept: list[Snapshot], since: str, until: str, meant: tuple[int, int]
) -> None:
    """A moment means the snapshot that stood then: the last one taken up to it."""
    assert numbers(kept, since, until) == meant


def test_a_weekday_is_never_today(kept: list[Snapshot]) -> None:
    """On a Friday, Friday is that of last week; nothing was kept then."""
    with pytest.raises(InvalidParameter, match="no snapshot of «friday» is kept"):
        numbers(kept, "friday")


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("4", "newest", "no snapshot of «4» is kept"),
        ("3", "8", "no snapshot of «8» is kept"),
        ("2026-11-16 07:59", "newest", "no snapshot of «2026-11-16 07:59» is kept"),
        ("5", "3", "snapshot 5 is not earlier than 3"),
        ("9", "newest", "snapshot 9 is not earlier than 9"),
        ("newest", "newest", "snapshot 9 is not earlier than 9"),
        ("previous", "3", "snapshot 3 is the oldest that is kept: there is nothing to compare"),
        ("2026-11-20 09:00", "newest", "snapshot 9 is not earlier than 9"),
    ],
)
def test_what_cannot_be_compared(
    kept: list[Snapshot], since: str, until: str, message: str
) -> None:
    """The message says which it is, the hint what is kept or what to do."""
    with pytest.raises(InvalidParameter) as caught:
        numbers(kept, since, until)

    assert message in caught.value.message
    oldest = "sync again" in caught.value.hint
    assert oldest or caught.value.hint == (
        "kept are 3 of 2026-11-16 08:00, 5 of 2026-11-18 08:00, 6 of 2026-11-18 20:00, "
        "9 of 2026-11-20 08:30"
    )


def test_with_one_snapshot_there_is_nothing_to_compare(kept: list[Snapshot]) -> None:
    """However it is asked."""
    for since in ("previous", "newest", "3", "2026-11-17 00:00"):
        with pytest.raises(InvalidParameter) as caught:
            numbers(kept[:1], since)
        assert caught.value.hint


def test_the_one_that_is_read_is_the_newest(kept: list[Snapshot]) -> None:
    """A session goes on with the snapshot it has: a newer one in the folder is not the newest."""
    earlier, later = compared(kept, kept[1], "previous", "newest")
    assert (earlier.number, later.number) == (3, 5)
    with pytest.raises(InvalidParameter):
        compared(kept, kept[0], "previous", "previous")


def test_the_one_that_is_read_may_be_gone_from_the_folder(kept: list[Snapshot]) -> None:
    """Syncs went on and only newer ones are kept: there is none before it."""
    with pytest.raises(InvalidParameter, match="oldest"):
        compared(kept[2:], kept[1], "previous", "newest")
