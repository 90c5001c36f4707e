"""Texts as they are looked for: without regard to case, and as one byte a character.

Folding makes one character of one: case goes, ё is е, quotes, dashes and blanks of all kinds are
the plain ones. The bytes are what is scanned: ASCII, the letters of western Europe and Cyrillic
have each their own, all other characters share the rest. So where the bytes of two texts differ,
the texts differ; where they agree, and shared bytes are among them, the folded texts decide.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint32]

#: Between texts; folding leaves it in none of them.
SEPARATOR = 10
_LIKE = {"ё": "е", "№": "#", "’": "'", "‘": "'", "`": "'"} | dict.fromkeys("«»“”„‟", '"')
_LIKE |= dict.fromkeys("‐‑‒–—―−", "-")
_PLANE = 1 << 16
#: First character, the one after the last, and the byte of the first.
_OWN = ((0x00, 0x80, 0x00), (0xE0, 0x100, 0xA0), (0x430, 0x460, 0xD0))
_SHARED, _SHARING = 0x80, 0x20


def fold(text: str) -> str:
    """A text without regard to case: as many characters as it has."""
    return _folded(_codes(text)).tobytes().decode("utf-32-le", "replace")


def signature(text: str) -> bytes:
    """The bytes of a text: one a character."""
    return byte_codes(text).tobytes()


def byte_codes(text: str) -> Bytes:
    """The bytes of a text as an array."""
    codes = _codes(text)
    table = _byte_table()
    if len(codes) and int(codes.max()) >= _PLANE:
        return np.where(codes < _PLANE, table.take(codes % _PLANE), _shared(codes))
    return table.take(codes)


def is_exact(sought: bytes) -> bool:
    """Whether texts that have the same bytes are the same."""
    return not any(_SHARED <= one < _SHARED + _SHARING for one in sought)


@cache
def word_bytes() -> NDArray[np.bool_]:
    """For each byte whether it is of a letter or digit; bool[256]."""
    found = np.arange(256) >= _SHARED
    found[[byte for byte in range(128) if chr(byte).isalnum()]] = True
    return found


def _codes(text: str) -> Codes:
    # Halves of surrogate pairs come from a terminal; no text in a table has them.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _folded(codes: Codes) -> Codes:
    folded: Codes = np.where(codes < _PLANE, _fold_table().take(codes % _PLANE), codes)
    return folded


def _shared(codes: Codes) -> Bytes:
    return (_SHARED + codes % _SHARING).astype(np.uint8)


@cache
def _fold_table() -> Codes:
    return np.array([ord(_folded_one(chr(code))) for code in range(_PLANE)], np.uint32)


def _folded_one(char: str) -> str:
    if char.isspace():
        return " "
    for form in (char.casefold(), char.lower()):
        if len(form) == 1 and form < chr(_PLANE):
            return _LIKE.get(form, form)
    return char


@cache
def _byte_table() -> Bytes:
    codes = _fold_table()
    table = _shared(codes)
    for first, end, byte in _OWN:
        own = (codes >= first) & (codes < end)
        table[own] = codes[own] - first + byte
    return table
