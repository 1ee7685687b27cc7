"""Counters under the same four names for every component: received, sent, dropped, failed.

A drop always has a reason. What is counted here is shown on the page, at /metrics and at the end of a replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from threading import Lock


class Event(StrEnum):
    """What happened to readings, messages or deliveries."""

    RECEIVED = "received"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


class Telemetry:
    """Thread-safe counters; one object a process, handed to each component."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[tuple[str, Event, str], int] = {}

    def count(self, component: str, event: Event, number: int = 1, reason: str = "") -> None:
        """Add `number` (a batch counts its readings, not itself).

        Raises:
            ValueError: DROPPED without a reason.
        """
        if event is Event.DROPPED and not reason:
            message = f"{component}: a drop needs a reason"
            raise ValueError(message)
        if not number:
            return
        key = (component, event, reason)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + number

    def total(self, component: str, event: Event) -> int:
        """The sum over all reasons."""
        return sum(n for (who, what, _), n in self.counts().items() if (who, what) == (component, event))

    def counts(self) -> Mapping[tuple[str, Event, str], int]:
        """(component, event, reason) -> number, a copy in sorted order."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def prometheus(self) -> str:
        """The counters in Prometheus' text exposition format 0.0.4."""
        lines = [
            "# HELP forewarn_events_total Readings, messages and deliveries by component, event and reason.",
            "# TYPE forewarn_events_total counter",
        ]
        lines += [
            f'forewarn_events_total{{component="{who}",event="{what}",reason="{_escaped(why)}"}} {n}'
            for (who, what, why), n in self.counts().items()
        ]
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
