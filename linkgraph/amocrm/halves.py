"""JSON that holds half a surrogate pair, mended before anything reads it.

A name that was cut in the middle of an emoji leaves `\\ud83d` without its other half. That is
text which no UTF-8 file, database or strict JSON reader takes; one such card must not stop a sync.
"""

import re

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def whole_pairs(body: bytes) -> bytes:
    r"""JSON with escaped halves of surrogate pairs replaced, everything else byte for byte.

    >>> whole_pairs(rb'{"name": "cut \ud83d"}')
    b'{"name": "cut \\ufffd"}'
    """
    if b"\\ud" not in body and b"\\uD" not in body:
        return body  # nearly all bodies: a search, no rewriting
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape["half"] else escape[0], body)
