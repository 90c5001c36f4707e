"""What a client has asked so far: the figures behind a progress line."""

from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stats:
    """Counts since the client was opened."""

    requests: int = 0
    """Requests sent, repeats included."""
    retries: int = 0
    """Requests sent again after an error."""
    refused: int = 0
    """Answers 429."""
    bytes_received: int = 0
    """Body bytes, after decompression."""
    by_kind: Counter[str] = field(default_factory=Counter)
    """Requests sent, by kind of route (`leads`, `leads/links`, `lead/link` …)."""
    in_flight: int = 0
    """Requests sent and not yet answered."""
    _sent_at: deque[float] = field(default_factory=lambda: deque(maxlen=256), repr=False)

    def sent(self, kind: str, now: float) -> None:
        """Count a request that is about to go out."""
        self.requests += 1
        self.by_kind[kind] += 1
        self._sent_at.append(now)

    def rate(self, now: float, over: float = 10.0) -> float:
        """Requests a second over the last `over` seconds, or since the first if that is less."""
        recent = [moment for moment in self._sent_at if moment > now - over]
        if len(recent) < 2:
            return 0.0
        return len(recent) / max(min(over, now - recent[0]), 1e-3)
