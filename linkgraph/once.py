"""A value that an object works out when it is first asked, once, whichever threads ask.

`functools.cached_property` promised that up to Python 3.11; since 3.12 two threads that ask at the
same moment both work it out, and what one of them has opened stays open for good.
"""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, overload

T = TypeVar("T")


class once(cached_property[T]):
    """As `cached_property`, but no two threads work the same value out.

    >>> class Ten:
    ...     @once
    ...     def value(self) -> int:
    ...         return 10
    >>> Ten().value
    10
    """

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        super().__init__(work_out)
        self._working_out = threading.RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> "once[T]": ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> "once[T] | T":
        """The value; once it is known the object has it itself, and nothing of this is called."""
        if instance is None:
            return self
        with self._working_out:
            return super().__get__(instance, owner)
