"""Names made comparable: their words, whatever their order, case and punctuation.

The words of a name are its runs of letters and digits (Unicode, NFC), case-folded and with ё as е,
in the order of code points, joined by blanks. A name without a letter has none: a phone or a dash
stands in its place.
"""

import re
import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.uint64]

_WORD = re.compile(r"[^\W_]+")

_CODE_POINTS = 0x110000
#: Code points below this are looked up; above it only the Han characters tell names apart.
_LOOKED_UP = 0x3000
_HAN = slice(0x4E00, 0xA000)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, with its bits well mixed


def words_of(name: str | None) -> str | None:
    """The words of a name; None where it has no letter.

    >>> words_of("ИВАНОВ, Пётр-Павел")
    'иванов павел петр'
    """
    if name is None or not any(map(str.isalpha, name)):
        return None
    folded = unicodedata.normalize("NFC", name).casefold().replace("ё", "е")
    return " ".join(sorted(_WORD.findall(folded)))


def are_the_same(words: str | None, other: str | None) -> bool | None:
    """Whether the words of one name are all among those of the other; None where one has none.

    >>> are_the_same("иван петров", "петров")
    True
    """
    if words is None or other is None:
        return None
    few, many = sorted((set(words.split(" ")), set(other.split(" "))), key=len)
    return few <= many


def signatures(names: pa.ChunkedArray) -> Codes:
    """A number for each name, equal where the words are equal and mostly not elsewhere.

    The letters and digits of a name, whatever their order, as a sum: words themselves cost ten
    times as much. It is 0 for a name without any.
    """
    parts = [np.empty(0, np.uint64)]
    parts += [_signatures(chunk) for chunk in names.chunks]
    return np.concatenate(parts)


def _signatures(names: pa.Array) -> Codes:
    filled = pc.fill_null(names, "").cast(pa.large_string())
    _, offsets, data = filled.buffers()
    ends = np.frombuffer(offsets, np.int64)[filled.offset : filled.offset + len(filled) + 1]
    text = b"" if data is None else memoryview(data)[ends[0] : ends[-1]]
    # A code point takes one to four bytes; all but the first of these begin with the bits 10.
    begins = (np.frombuffer(text, np.uint8) & 0xC0) != 0x80
    place = np.append(0, np.cumsum(begins))[ends - ends[0]]
    points = np.frombuffer(bytes(text).decode().encode("utf-32-le"), np.uint32)
    sums = np.append(np.uint64(0), np.cumsum(_weights().take(points), dtype=np.uint64))
    codes: Codes = sums[place[1:]] - sums[place[:-1]]
    return codes


@cache
def _weights() -> Codes:
    """What each code point adds; nothing, if it is no letter or digit. Accents add nothing."""
    plain = np.arange(1, _CODE_POINTS + 1, dtype=np.uint64) * _SPREAD
    plain ^= plain >> np.uint64(29)
    plain *= _SPREAD
    weights = np.zeros(_CODE_POINTS, np.uint64)
    weights[_HAN] = plain[_HAN]
    for point in range(_LOOKED_UP):
        bare = unicodedata.normalize("NFD", chr(point).casefold()).casefold()
        letters = [ord(one) for one in bare if unicodedata.category(one)[0] in "LN"]
        weights[point] = plain[letters].sum(dtype=np.uint64)
    return weights
