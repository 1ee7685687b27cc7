"""Deliveries of one lane that were taken from the store and wait for their target to be free."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Final

from alerting.due import Due

ENOUGH: Final = 8
"""Deliveries at hand for one busy target: where it hangs, more of its own would only push out those of others."""
HANGS_S: Final = 0.5
"""A target that is busy for longer, or was the last time, has its own fetched when it is free again: each look would
only find them anew."""


class Queue:
    """In order of urgency, one at a time for each target; every step costs the same, however many wait.

    Seconds are of one monotonic clock.

    Attributes:
        incomplete: whether the store may have more.
    """

    def __init__(self) -> None:
        self._ready: deque[Due] = deque()
        self._blocked: dict[str, deque[Due]] = {}
        self._waiting = 0
        self._busy: dict[str, float] = {}
        self._slow: set[str] = set()
        self._passed_over: frozenset[str] = frozenset()
        self.incomplete = True

    def __len__(self) -> int:
        """How many are at hand; of a busy target's, no more than ENOUGH count."""
        return len(self._ready) + self._waiting

    def ids(self) -> set[str]:
        """All that are at hand."""
        return {one.id for one in chain(self._ready, *self._blocked.values())}

    def asking(self, now_s: float) -> Collection[str]:
        """The store is about to be asked what it has; for these targets enough is at hand, or they hang."""
        self.incomplete = False
        enough = {target for target, rows in self._blocked.items() if len(rows) >= ENOUGH}
        hanging = {one for one, since_s in self._busy.items() if one in self._slow or now_s - since_s > HANGS_S}
        self._passed_over = frozenset(enough | hanging)
        return self._passed_over

    def refill(self, found: Sequence[Due], *, full: bool) -> None:
        """Take its answer; `full`: it may have more. What was freed meanwhile stays before it."""
        self._ready.extend(found)
        self.incomplete |= full

    def clear(self) -> None:
        """Forget what waits: the store knows better."""
        self._ready.clear()
        self._blocked.clear()
        self._waiting = 0
        self.incomplete = True

    def pop(self, now_s: float) -> Due | None:
        """The most urgent one whose target is free; its target is busy from `now_s` on. None if there is none."""
        while self._ready:
            one = self._ready.popleft()
            if one.target not in self._busy:
                self._busy[one.target] = now_s
                return one
            rows = self._blocked.get(one.target)
            if rows is None:
                rows = self._blocked[one.target] = deque()
            rows.append(one)
            self._waiting += len(rows) <= ENOUGH
        return None

    def free(self, target: str, now_s: float) -> None:
        """A target can be served again; what the store was not asked for, only the store knows."""
        if now_s - self._busy.pop(target, now_s) > HANGS_S:
            self._slow.add(target)
        else:
            self._slow.discard(target)
        rows = self._blocked.get(target)
        if rows:
            self._waiting -= len(rows) <= ENOUGH
            self._ready.appendleft(rows.popleft())
            if not rows:
                del self._blocked[target]
        elif target in self._passed_over:
            self.incomplete = True
