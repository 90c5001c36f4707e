"""The API's limit of requests: so many within any second (amocrm-api §4).

Invariant: the window slides and counts arrivals that were let in; a refused request does not
keep the window shut.
"""

from collections import deque


class SlidingWindow:
    """Arrivals of the last second."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._arrivals: deque[float] = deque()
        self.refused = 0
        """How many requests were too many, since the start."""

    def admit(self, arrival: float, rate: float | None) -> bool:
        """Whether a request arriving now is within `rate`; None is no limit."""
        if rate is None:
            self._arrivals.clear()
            return True
        while self._arrivals and arrival - self._arrivals[0] >= self._seconds:
            self._arrivals.popleft()
        if len(self._arrivals) < rate * self._seconds:
            self._arrivals.append(arrival)
            return True
        self.refused += 1
        return False
