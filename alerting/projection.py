"""When a channel will be through with what waits, and whether that is soon enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is due in one channel.

    Attributes:
        number: deliveries; needed_by: the earliest instant by which one of their warnings expires or its hazard is
            expected to set in, None where nothing is due.
    """

    number: int
    needed_by: datetime | None


@dataclass(frozen=True, slots=True)
class Projection:
    """How a channel stands at an instant.

    Attributes:
        per_s: deliveries it settles a second; None before that is known.
        finish_at: when it will be through at that pace; None where that is not known.
        late: it will be through only after somebody needed to know.
    """

    channel: str
    at: datetime
    waiting: int
    per_s: float | None
    finish_at: datetime | None
    needed_by: datetime | None

    @property
    def late(self) -> bool:
        """Whether somebody is told too late."""
        return self.finish_at is not None and self.needed_by is not None and self.finish_at > self.needed_by


class Pace:
    """How fast a channel is, from what it settled while something waited: the mean of the last half minute or so."""

    HALF_LIFE_S = 20.0

    def __init__(self) -> None:
        self._settled = 0.0
        self._worked_s = 0.0

    def add(self, settled: int, worked_s: float) -> None:
        """What came to an end in a stretch of time in which there was work."""
        kept = 0.5 ** (worked_s / self.HALF_LIFE_S)
        self._settled = self._settled * kept + settled
        self._worked_s = self._worked_s * kept + worked_s

    @property
    def per_s(self) -> float | None:
        """None before anything was settled."""
        return self._settled / self._worked_s if self._settled and self._worked_s else None


def project(channel: str, waiting: Waiting, per_s: float | None, at: datetime) -> Projection:
    """Where a channel will be through."""
    through = at if waiting.number == 0 else None
    if waiting.number and per_s:
        through = at + timedelta(seconds=waiting.number / per_s)
    return Projection(channel, at, waiting.number, per_s, through, waiting.needed_by)
