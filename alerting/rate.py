"""What a provider takes: a bucket of tokens, used to the full and never overdrawn."""

from __future__ import annotations


class Bucket:
    """`burst` sends at once, `rate_per_s` a second in the long run. Seconds are of one monotonic clock.

    A send takes its token when it begins, and the token comes back from when it was answered: the provider has counted
    it by then, however late it arrived. So its own bucket is never emptier than this one; to use all of the rate,
    `burst` must be more than what is under way at a time.

    Args:
        rate_per_s: None for no limit.
    """

    def __init__(self, rate_per_s: float | None, burst: int) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._tokens = float(burst)
        self._under_way = 0
        self._at_s: float | None = None
        self._closed_until_s = float("-inf")

    def wait_s(self, now_s: float) -> float:
        """How long until one more may be sent, 0 now; sooner never, later where answers are slow."""
        closed_s = max(self._closed_until_s - now_s, 0.0)
        if self._rate_per_s is None:
            return closed_s
        self._fill(now_s, self._rate_per_s)
        missing = 1 - (self._tokens - self._under_way)
        # A hair more than is missing: two sums of the same seconds differ in their last digits.
        return max(missing / self._rate_per_s + 1e-6 if missing > 0 else 0.0, closed_s)

    def take(self, number: int = 1) -> None:
        """So many sends begin. A batch may overdraw: the next then waits until it is made good."""
        self._under_way += number

    def answered(self, now_s: float, number: int = 1) -> None:
        """So many that had begun have ended, in whatever way."""
        self._under_way -= number
        if self._rate_per_s is not None:
            self._fill(now_s, self._rate_per_s)
            self._tokens -= number

    def close(self, until_s: float) -> None:
        """The provider said: nothing before this. What it had room for is used up."""
        self._closed_until_s = max(self._closed_until_s, until_s)
        self._tokens = min(self._tokens, 1.0)

    def _fill(self, now_s: float, rate_per_s: float) -> None:
        passed_s = 0.0 if self._at_s is None else max(now_s - self._at_s, 0.0)
        self._tokens = min(self._burst, self._tokens + passed_s * rate_per_s)
        self._at_s = now_s
