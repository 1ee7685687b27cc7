"""How many readings a device may send."""

from __future__ import annotations


class TokenBucket:
    """Readings a second, with a burst. One message may overdraw it; the next then waits until the debt is paid."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """Seconds until something may be taken; 0 if it may be now. `now_s` is a monotonic clock's."""
        self._refill(now_s)
        return max(0.0, -self._tokens / self._per_s)

    def take(self, number: int, now_s: float) -> None:
        """Pay for `number` readings."""
        self._refill(now_s)
        self._tokens -= number

    def _refill(self, now_s: float) -> None:
        self._tokens = min(self._burst, self._tokens + max(0.0, now_s - self._at_s) * self._per_s)
        self._at_s = now_s
