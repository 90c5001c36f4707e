"""Scripted faults: the n-th request that matches goes wrong in a given way.

Invariant: rules are looked at in their order and the first that fires decides; every rule
counts what it saw, so a test can tell that its fault did happen.
"""

import re
from typing import Any, Literal

import msgspec


class FaultError(ValueError):
    """A fault that cannot be understood."""


CAN_BE_LATER = ("status", "drop_connection", "html_503")
"""Actions that want neither the work nor its answer."""


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One rule."""

    action: Literal["status", "drop_connection", "break_body", "truncate_body", "html_503", "delay"]
    """`status` answers `status` with a body of kind `body`; `drop_connection` closes the socket
    without an answer and `break_body` in the middle of one; `truncate_body` sends half the JSON
    as if it were all; `html_503` is the gateway's page; `delay` takes `seconds` longer."""
    match: str = ""
    """A regular expression searched in "METHOD /path?query"; empty matches every request."""
    skip: int = 0
    """Matching requests to let pass first."""
    times: int | None = 1
    """How often it fires; None is for ever."""
    when: Literal["before", "after", "later"] = "before"
    """Whether the request is lost before the work is done, or its answer is lost after it. With
    `later` the answer is lost at once and the work is done all the same, `seconds` later. A `delay`
    comes before the work or, with `after`, holds back the answer to what is done."""
    status: int = 500
    body: Literal["json", "html", "empty"] = "json"
    headers: dict[str, str] = {}
    seconds: float = 0
    seen: int = 0
    """Matching requests so far."""
    fired: int = 0
    """How often it went wrong so far."""

    def fires(self, line: str) -> bool:
        """Count a request; whether this is one to spoil."""
        if re.search(self.match, line) is None:
            return False
        self.seen += 1
        if self.seen <= self.skip or (self.times is not None and self.fired >= self.times):
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def add(self, rule: Any) -> Fault:
        """Add a rule given as a mapping; FaultError says what is wrong with it."""
        fault = _fault(rule)
        self.rules.append(fault)
        return fault

    def replace(self, rules: list[Any]) -> None:
        """Put other rules in the place of all; none of them if one is bad."""
        self.rules = [_fault(rule) for rule in rules]

    def firing(self, line: str) -> Fault | None:
        """The rule that spoils this request, if any."""
        return next((rule for rule in self.rules if rule.fires(line)), None)


def _fault(rule: Any) -> Fault:
    try:
        fault = msgspec.convert(rule, Fault)
        re.compile(fault.match)
    except (msgspec.ValidationError, re.error) as error:
        raise FaultError(f"bad fault: {error}") from error
    if fault.when == "later" and fault.action not in CAN_BE_LATER:
        known = ", ".join(CAN_BE_LATER)
        raise FaultError(f"bad fault: {fault.action} cannot be `later`, only {known}")
    return fault
