"""How many calls of one channel are under way, and whether one more may begin. Seconds are of one monotonic clock.

A call that hangs must not cost the others its place: one receiver among eight would take an eighth of the channel. A
channel with a rate is one provider, whose limit of calls holds for hanging ones too.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from alerting.base import Channel

HANGS_S: Final = 2.0
"""A call that takes longer hangs."""


class Slots:
    """Places for `max_concurrent` calls, and for as many more as hang."""

    def __init__(self, channel: Channel) -> None:
        self._most = channel.max_concurrent
        self._shares = channel.rate_per_s is None
        self._begun: dict[str, float] = {}
        self._hung: set[str] = set()
        self._slow: set[str] = set()

    def begin(self, call: str, targets: Collection[str], now_s: float) -> None:
        """A call begins. One to a target that hung the last time is taken to hang from the start."""
        self._begun[call] = now_s
        if self._slow.issuperset(targets):
            self._hung.add(call)

    def end(self, call: str, targets: Collection[str], now_s: float) -> None:
        """It has ended."""
        if now_s - self._begun.pop(call) > HANGS_S:
            self._slow.update(targets)
        else:
            self._slow.difference_update(targets)
        self._hung.discard(call)

    def free(self, now_s: float) -> bool:
        """Whether one more may begin."""
        if len(self._begun) < self._most:
            return True
        if not self._shares or len(self._begun) >= 2 * self._most:
            return False
        self._hung.update(call for call, since_s in self._begun.items() if now_s - since_s > HANGS_S)
        return len(self._begun) - len(self._hung) < self._most

    def hangs_in_s(self, now_s: float) -> float | None:
        """When the next call begins to hang, where all places are taken and that makes one free; else None."""
        if not self._shares or not self._most <= len(self._begun) < 2 * self._most:
            return None
        waits = [since_s + HANGS_S - now_s for call, since_s in self._begun.items() if call not in self._hung]
        return max(min(waits), 0.0) if waits else None
