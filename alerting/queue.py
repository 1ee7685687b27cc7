"""Deliveries of one lane that were taken from the store and wait for their target to be free."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from alerting.due import Due


class Queue:
    """In order of urgency, one at a time for each target; every step costs the same, however many wait.

    Attributes:
        busy: targets that are being served, or not to be served now.
        incomplete: whether the store may have more for targets that are free.
    """

    def __init__(self) -> None:
        self._ready: deque[Due] = deque()
        self._blocked: dict[str, deque[Due]] = {}
        self.busy: set[str] = set()
        self.incomplete = True

    def __len__(self) -> int:
        """How many may go as soon as their targets are free."""
        return len(self._ready)

    def ready(self) -> Iterator[str]:
        """Their ids; those of busy targets may be missing."""
        return (one.id for one in self._ready)

    def asking(self) -> None:
        """The store is about to be asked what it has for targets that are not busy now."""
        self.incomplete = False

    def refill(self, found: Sequence[Due], *, full: bool) -> None:
        """Take its answer; `full`: it may have more. What was freed meanwhile stays before it."""
        self._ready.extend(found)
        self.incomplete |= full

    def clear(self) -> None:
        """Forget what waits: the store knows better."""
        self._ready.clear()
        self._blocked.clear()
        self.incomplete = True

    def pop(self) -> Due | None:
        """The most urgent one whose target is free; its target is busy from now on. None if there is none."""
        while self._ready:
            one = self._ready.popleft()
            if one.target not in self.busy:
                self.busy.add(one.target)
                return one
            self._blocked.setdefault(one.target, deque()).append(one)
        return None

    def free(self, target: str) -> None:
        """A target can be served again; what came for it meanwhile only the store knows."""
        self.busy.discard(target)
        blocked = self._blocked.pop(target, None)
        if blocked:
            self._ready.extendleft(reversed(blocked))
        else:
            self.incomplete = True
