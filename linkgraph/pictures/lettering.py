"""How wide a text is before anything has drawn it, and where to cut one that is too wide.

There is no font at hand, and the one that will be used is not known: widths are those of Arial and
the fonts made to its measure (Liberation Sans, Helvetica); Segoe UI and Roboto are narrower.
"""

import unicodedata

from linkgraph.plaintext import plain

#: The fonts of the system, none fetched: the Arial-like first, since widths are reckoned by them.
FONTS = "'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', 'Noto Sans', sans-serif"

# Hundredths of the font's size, rounded up.
_WIDTHS = {
    char: hundredths
    for hundredths, chars in {
        26: "'ijl|",
        29: "ftI .,:;![]/·\\",
        36: 'r(){}-"г*',
        46: "ктз",
        51: "cksvxyzJсухэ",
        56: "0123456789abdeghnopquLаеёийор?«»–#_чьвпянГ$",
        60: "бцдлКFTZТЗ+=<>~",
        68: "БЛЬABEKPSVXYжАВЕРХЧ&ДъмУ",
        74: "wCDHNRUыИЙНПСЭЯЦ",
        80: "юФGOQОЪш",
        84: "фщmM",
        95: "МЫ%ЖШWЩ",
        107: "—…Ю@№",
    }.items()
    for char in chars
}
_LETTER = 62
_WIDE = 110  # ideographs and emoji
_MARKS = 3  # more marks than this on one letter are drawn over its neighbours


def width(text: str, size: float) -> float:
    """About how wide a text stands at a font size, rather too wide than too narrow."""
    return sum(map(_hundredths, text)) * size / 100


def cut(text: str | None, size: float, room: float) -> str:
    """A text made plain and cut with an ellipsis to what fits into `room`."""
    line = _without_towers(plain(text))
    if width(line, size) <= room:
        return line
    left = room - width("…", size)
    kept = 0
    for char in line:
        left -= _hundredths(char) * size / 100
        if left < 0:
            break
        kept += 1
    return line[:kept].rstrip(" \u200d\u200c,.;:-–—") + "…"


def _hundredths(char: str) -> int:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if _is_mark(char):
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in "WF" else _LETTER


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Cf")


def _without_towers(line: str) -> str:
    """Letters with at most a few marks above and below: taller towers hide other cards."""
    if line.isascii():
        return line
    kept: list[str] = []
    marks = 0
    for char in line:
        marks = marks + 1 if _is_mark(char) and char not in "\u200d\u200c" else 0
        if marks <= _MARKS:
            kept.append(char)
    return "".join(kept)
