"""Many texts in one file, to be scanned from end to end: a separator and a byte a character each.

The file is read in blocks of whole texts with plain reads, never mapped: what a scan has passed
over takes no memory of the process, and a disk that is slow keeps no other thread waiting.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from linkgraph.index.folding import SEPARATOR, Bytes, byte_codes

if TYPE_CHECKING:
    import pyarrow as pa

Longs = NDArray[np.int64]

#: Small enough to stay in the cache and to be searched through within a millisecond.
BLOCK = 1 << 18
_SUFFIX = ".blocks.npy"


class Block(NamedTuple):
    """Some texts of a file, one after the other."""

    first: int
    """The number of the first of them"""
    data: bytearray
    """They begin at 0; what stands behind `size` belongs to an earlier block"""
    size: int


class TextFile:
    """A file of texts, to be read."""

    def __init__(self, path: Path) -> None:
        """Open what a `TextWriter` wrote to `path`.

        Raises:
            OSError, ValueError: it is not there, or not whole.
        """
        self.path = path
        self._blocks: Longs = np.load(path.with_name(path.name + _SUFFIX), allow_pickle=False)
        if self._blocks.ndim != 2 or path.stat().st_size != self._blocks[-1, 0]:
            raise ValueError(f"{path} is not what it was")

    def __len__(self) -> int:
        return int(self._blocks[-1, 1])

    def blocks(self, start: int, stop: int) -> Iterator[Block]:
        """The texts from number `start` up to `stop`, with some before and behind them.

        A block's data is overwritten by the next one.
        """
        if start >= stop:
            return
        starts, numbers = self._blocks[:, 0], self._blocks[:, 1]
        first = int(numbers.searchsorted(start, "right")) - 1
        data = bytearray()
        with open(self.path, "rb", buffering=0) as file:
            file.seek(int(starts[first]))
            for place in range(first, len(numbers) - 1):
                if numbers[place] >= stop:
                    return
                size = int(starts[place + 1] - starts[place])
                if size > len(data):
                    data = bytearray(size)
                _fill(file, memoryview(data)[:size])
                yield Block(int(numbers[place]), data, size)


def _fill(file: BinaryIO, view: memoryview) -> None:
    while len(view):
        read = file.readinto(view)  # type: ignore[attr-defined]
        if not read:
            raise OSError(f"{file.name} is shorter than it was")
        view = view[read:]


class TextWriter:
    """A file of texts, to be written, batch by batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._blocks: list[tuple[int, int]] = []
        self._size = self._count = 0

    def __enter__(self) -> Self:
        self._file = open(self._path, "wb")
        return self

    def put(self, texts: "pa.Array", gaps: Longs | None = None) -> None:
        """Write some texts; before each of them `gaps` empty ones, which make up missing numbers.

        A NULL is an empty text.
        """
        data, starts = _laid_out(texts, gaps)
        at = 0
        while at < len(starts):
            self._blocks.append((self._size + int(starts[at]), self._count + at))
            at = max(int(starts.searchsorted(starts[at] + BLOCK)), at + 1)
        self._file.write(data.data)
        self._size += len(data)
        self._count += len(starts)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if error is None:
            self._blocks.append((self._size, self._count))
            name = self._path.with_name(self._path.name + _SUFFIX)
            np.save(name, np.array(self._blocks, np.int64))


def _laid_out(texts: "pa.Array", gaps: Longs | None) -> tuple[Bytes, Longs]:
    """The bytes of texts with their separators, and where each separator stands."""
    offsets, raw = utf8_of(texts)
    codes = byte_codes(bytes(raw).decode("utf-8"))
    begins = np.frombuffer(raw, np.uint8) & 0xC0 != 0x80
    # How many characters stand before each text.
    before = np.zeros(len(begins) + 1, np.int64)
    np.cumsum(begins, out=before[1:])
    places = before.take(offsets[:-1])
    if gaps is not None:
        places = places.repeat(gaps + 1)
    laid = np.insert(codes, places, SEPARATOR)
    return laid, places + np.arange(len(places))


def utf8_of(texts: "pa.Array") -> tuple[Longs, memoryview]:
    """Where each text of an Arrow array begins and the last one ends, and their bytes."""
    import pyarrow as pa  # which reading does without

    texts = texts.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    raw = memoryview(data)[ends[0] : ends[-1]] if data is not None else memoryview(b"")
    return ends - ends[0], raw
