"""Text that others wrote, made safe to show on one line of a terminal.

Names, server messages and file contents may hold escape codes, bidi marks, newlines, lone
surrogates or a megabyte of letters. What leaves `plain` holds none of that: every character
that could move the cursor or reorder the line is shown as a visible escape.
"""

import re
import unicodedata

# Letters and marks that print as themselves in scripts people use, U+200D and variation selectors
# included (emoji need them); everything of these categories is written out instead.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200d\u200c")
# The quick test: most names hold nothing suspicious and pass through untouched.
_SUSPICIOUS = re.compile(
    r"[^\x20-\x7e\u00a0-\u00ac\u00ae-\u0377\u0384-\u0559\u0561-\u0589\u05d0-\u05ea\u3041-\u30ff"
    r"\u4e00-\u9fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2116\u2122]"
)
_WORDS = {"\n": "⏎", "\r": "␍", "\t": "⇥", "\x1b": "␛", "\x00": "␀", "\x7f": "␡"}


def plain(value: object, limit: int = 200) -> str:
    """Return `value` as one printable line of at most `limit` characters, `limit` being 1 or more.

    A cut is marked with an ellipsis. `None` becomes the empty string.
    """
    text = "" if value is None else str(value)
    cut = len(text) > limit
    if cut:
        text = text[: limit - 1]
    if _SUSPICIOUS.search(text):
        text = "".join(_visible(char) for char in text)
        # Writing characters out may have made the line longer again.
        cut = cut or len(text) > limit
        text = text[: limit - 1] if cut else text
    return text + "…" if cut else text


def _visible(char: str) -> str:
    if char in _WORDS:
        return _WORDS[char]
    if char in _JOINERS or unicodedata.category(char) not in _UNPRINTABLE:
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
