"""Arrays in files, mapped: read as they are wanted, and given back when there are many."""

import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: numpy's header of a short array: a file no longer holds nothing, and nothing cannot be mapped.
_HEADER = 128


def mapped(path: Path) -> NDArray[Any]:
    """The one-dimensional array in an `.npy` file.

    Raises:
        OSError, EOFError, ValueError: it is not there, or not whole.
    """
    if path.stat().st_size <= _HEADER:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    else:
        # A plain array over the map: numpy's own class makes each slice three times dearer.
        array = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    if array.ndim != 1:
        raise ValueError(f"{path} is not what it was")
    return array


def let_go(arrays: Iterable[NDArray[Any]]) -> None:
    """Give back the memory that was mapped: what is wanted again is mapped again, at no great cost.

    Linux maps sixteen pages where one is looked at, so a walk here and there comes to hold nearly
    the whole file, which counts as the process's own memory while no other has it mapped.
    """
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    for array in arrays:
        held = getattr(array.base, "_mmap", None)
        if isinstance(held, mmap.mmap):
            held.madvise(mmap.MADV_DONTNEED)
