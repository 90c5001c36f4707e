"""Texts of the CRM as the tables can hold them: JSON may carry half a surrogate pair, UTF-8 not."""

import re

_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def utf8(text: str) -> str:
    """The text with every half of a surrogate pair replaced.

    >>> utf8("a\\ud800")
    'a?'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def clean_json(text: str) -> str:
    """JSON with escaped halves of surrogate pairs replaced, everything else letter for letter.

    DuckDB and msgspec refuse such JSON as malformed.
    """
    if "\\u" not in text:
        return text
    return _ESCAPE.sub(lambda escape: "\ufffd" if escape["half"] else escape[0], text)
