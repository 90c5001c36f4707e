"""Values that are worked out once, whichever threads ask."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import pytest

from linkgraph.once import once


class _Unlocked(cached_property[Any]):
    """As `cached_property` is since Python 3.12: it looks, works out and keeps, without a lock."""

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        held = instance.__dict__
        if self.attrname not in held:
            held[self.attrname] = self.func(instance)
        return held[self.attrname]


def test_threads_that_ask_at_once_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask while it is worked out, it is worked out once."""
    monkeypatch.setattr(cached_property, "__get__", _Unlocked.__get__)
    others, made = threading.Barrier(8), []

    class Opened:
        @once
        def file(self) -> object:
            made.append(threading.get_ident())
            threading.Event().wait(0.05)
            return object()

    opened = Opened()

    def ask(_: int) -> object:
        others.wait()
        return opened.file

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(ask, range(8)))
    assert len(made) == len(found) == 1


def test_it_can_be_let_go_and_worked_out_again() -> None:
    """What was closed is opened anew by whoever asks next, as with `cached_property`."""

    class Opened:
        count = 0

        @once
        def file(self) -> int:
            self.count += 1
            return self.count

    opened = Opened()
    assert (opened.file, opened.file) == (1, 1)
    del opened.__dict__["file"]
    assert opened.file == 2
