"""Parameters of questions: their types, their ranges, and how typed text becomes a value."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum

from linkgraph.errors import InvalidParameter, InvalidRef
from linkgraph.model import Ref
from linkgraph.plaintext import plain

#: What a parameter may hold once it is read.
Value = bool | int | float | str

_YES = frozenset({"yes", "true", "on", "1", "y"})
_NO = frozenset({"no", "false", "off", "0", "n"})
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_BIGINT = 2**63
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|\d{1,9}", re.ASCII)
_DAY = len("2026-11-20")
#: What stands for a snapshot besides its number or a moment.
NEWEST, PREVIOUS = "newest", "previous"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Kind(StrEnum):
    """The types that a header can name."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    CARD = "card"
    """A ref; in SQL its id, so there it is of one type, and no element."""
    SNAPSHOT = "snapshot"
    """A kept snapshot: its number, or a moment at which it stood."""

    @property
    def words(self) -> str:
        """What a person is asked for."""
        return _WORDS[self]


_WORDS = {
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "yes or no",
    Kind.TEXT: "a text",
    Kind.CARD: "a card, such as lead:123 or its address",
    Kind.SNAPSHOT: "a snapshot's number, a day (2026-11-20 or friday), a time, "
    f"{PREVIOUS} or {NEWEST}",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `$name` of a question. Without a default it has to be given."""

    name: str
    kind: Kind
    meaning: str
    default: Value | None = None
    low: float | None = None
    """The least value allowed, for numbers."""
    high: float | None = None
    """The greatest value allowed, for numbers."""
    choices: tuple[str, ...] = ()
    """The only texts allowed, or the only types of card; empty: any."""

    @property
    def required(self) -> bool:
        """Whether it has to be given."""
        return self.default is None

    @property
    def allowed(self) -> str:
        """What it takes, in words: «a whole number, at least 2»."""
        if self.kind is Kind.CARD and self.choices:
            return f"a {' or '.join(self.choices)}, such as {self.choices[0]}:123 or its address"
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.kind.words} from {_number(self.low)} to {_number(self.high)}"
        if self.low is not None:
            return f"{self.kind.words}, at least {_number(self.low)}"
        if self.high is not None:
            return f"{self.kind.words}, at most {_number(self.high)}"
        return self.kind.words

    def parse(self, given: Value) -> Value:
        """The value that was meant, from text or from a value of the right type.

        Raises:
            InvalidParameter: it is not of the type, or out of range; says what is allowed.
        """
        value = _read(self.kind, given)
        if value is None or not self._in_range(value):
            default = "" if self.default is None else f" (default {shown(self.default)})"
            raise InvalidParameter(
                f"{self.name} cannot be «{plain(given, 60)}»",
                hint=f"{self.name} takes {self.allowed}{default}",
            )
        return value

    def _in_range(self, value: Value) -> bool:
        if self.kind is Kind.CARD:
            return not self.choices or Ref.parse(str(value)).type in self.choices
        if isinstance(value, str):
            return not self.choices or value in self.choices
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"


def shown(value: Value) -> str:
    """A value as a person would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def bind(parameters: tuple[Parameter, ...], given: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter with its value, given or default.

    Raises:
        InvalidParameter: one is unknown, missing, of the wrong type or out of range.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise InvalidParameter(
                f"no parameter is called «{plain(name, 60)}»", hint=_near(name, known)
            )
    bound: dict[str, Value] = {}
    for name, parameter in known.items():
        if name in given:
            bound[name] = parameter.parse(given[name])
        elif parameter.default is not None:
            bound[name] = parameter.default
        else:
            raise InvalidParameter(
                f"{name} is missing: {parameter.meaning}", hint=f"{name} takes {parameter.allowed}"
            )
    return bound


def _near(name: str, known: Mapping[str, Parameter]) -> str:
    if not known:
        return "this question takes no parameters"
    near = get_close_matches(name, known, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}It takes {', '.join(known)}"


def _read(kind: Kind, given: Value) -> Value | None:
    if kind is Kind.TEXT:
        return given if isinstance(given, str) else None
    if kind is Kind.CARD:
        return _read_card(given)
    if kind is Kind.SNAPSHOT:
        return _read_snapshot(given)
    if kind is Kind.BOOLEAN:
        return _read_boolean(given)
    if isinstance(given, bool):
        return None
    return _read_integer(given) if kind is Kind.INTEGER else _read_number(given)


def _read_boolean(given: Value) -> bool | None:
    if isinstance(given, str):
        word = given.strip().lower()
        return True if word in _YES else False if word in _NO else None
    return given if isinstance(given, bool) else None


def _read_integer(given: Value) -> int | None:
    if isinstance(given, str):
        word = given.strip()
        given = int(word) if _INTEGER.fullmatch(word) else 0.5
    return given if isinstance(given, int) and -_BIGINT <= given < _BIGINT else None


def _read_number(given: Value) -> float | None:
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _read_card(given: Value) -> str | None:
    try:
        return str(Ref.parse(given)) if isinstance(given, str) else None
    except InvalidRef:
        return None


def _read_snapshot(given: Value) -> str | None:
    word = str(given).strip().lower()
    if word in (NEWEST, PREVIOUS, *WEEKDAYS):
        return word
    if isinstance(given, bool) or not _MOMENT.fullmatch(word):
        return None
    if word.isdigit():
        return word
    try:
        moment = datetime.fromisoformat(word).isoformat(sep=" ", timespec="minutes")
    except ValueError:
        return None
    return word if len(word) == _DAY else moment
