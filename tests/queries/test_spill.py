"""Where DuckDB spills: one's own folder stays, that of a killed process goes with the next one."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from queries.engine import open_engine
from queries.spill import Spill
from tests.queries.conftest import World

_READER = """
import sys
from pathlib import Path
from queries.engine import open_engine

path = Path(sys.argv[1])
engine = open_engine(path, temp_directory=path.parent)
next(found for found in path.parent.glob("linkgraph-*") if found.is_dir()).joinpath("left").touch()
print("open", flush=True)
sys.stdin.read()
"""


def _reader(path: Path) -> subprocess.Popen[bytes]:
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == b"open\n"
    return reader


def test_what_a_killed_reader_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    """While it lives its folder is let alone; once it is killed, whoever opens next removes it."""
    path = tmp_path / "mirror.duckdb"
    World(path).save()
    with _reader(path) as reader:
        open_engine(path, temp_directory=tmp_path).dispose()
        (left,) = tmp_path.glob("linkgraph-*/left")

        reader.kill()
    assert left.exists()
    engine = open_engine(path, temp_directory=tmp_path)
    assert not left.parent.exists()
    engine.dispose()

    assert [found.name for found in tmp_path.iterdir()] == ["mirror.duckdb"]


def test_many_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    """Whoever comes and goes meanwhile, a folder stands until it is closed."""

    def come_and_go(number: int) -> bool:
        spill = Spill(tmp_path)
        (spill.path / "rows").write_text("spilled")
        Spill(tmp_path).close()
        stood = (spill.path / "rows").exists()
        spill.close()
        return stood

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(come_and_go, range(200)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """Nothing is left where nothing can be made."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Spill(tmp_path / "file")
