"""Points to InfluxDB, or to the spool while it is away; in order, and never forgotten in between."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.clock import Clock
from pipeline.connectors.influx.client import Influx, Refused, TooLargeError
from pipeline.connectors.influx.spool import Spool
from pipeline.errors import BackPressureError
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "influx"
LONGEST_WAIT_S: Final = 30.0
DRAINED_AT_ONCE: Final = 4
"""Requests of the spool that are sent for one that comes in: it empties while points go on coming."""

log = logging.getLogger(__name__)


class Writer:
    """One thread's. Lines are counted as received, sent (in InfluxDB), dropped (refused by it for good)."""

    def __init__(self, influx: Influx, spool: Spool, batch_points: int, clock: Clock, telemetry: Telemetry) -> None:
        self._influx = influx
        self._spool = spool
        self._batch_points = batch_points
        self._clock = clock
        self._telemetry = telemetry
        self._away_since_s: float | None = None
        self._try_at_s = 0.0
        self._wait_s = 0.0

    def write(self, lines: Sequence[bytes]) -> int:
        """Take lines in; how many of them, from the first on, are in InfluxDB or durable in the spool.

        Fewer than all: the spool is full. Offer the rest again when `pump` has made room.
        """
        taken = 0
        for piece in _pieces(lines, self._batch_points):
            self.pump(DRAINED_AT_ONCE)
            rest = piece if self._spool else self._unsent(piece)
            kept = not rest or self._kept(rest)
            done = len(piece) if kept else len(piece) - len(rest)
            self._telemetry.count(COMPONENT, Event.RECEIVED, done)
            taken += done
            if not kept:
                break
        return taken

    def _kept(self, lines: Sequence[bytes]) -> bool:
        try:
            self._spool.put(b"\n".join(lines))
        except BackPressureError as error:
            self._note_away(str(error))
            return False
        return True

    def pump(self, requests: int = 64) -> None:
        """Send what waits in the spool, oldest first, at most so many requests, until it is empty or refused."""
        for _ in range(requests):
            waiting = self._spool.oldest() if self._spool and self._due else None
            if waiting is None:
                return
            lines = waiting.split(b"\n")
            rest = self._unsent(lines)
            if rest:
                if len(rest) < len(lines):
                    self._spool.shorten(b"\n".join(rest))
                return
            self._spool.done()

    def close(self) -> None:
        """Give back connections and folder; what waits is sent by the next process."""
        self._influx.close()
        self._spool.close()

    @property
    def waiting(self) -> int:
        """Requests in the spool."""
        return len(self._spool)

    @property
    def _due(self) -> bool:
        return self._clock.monotonic_s() >= self._try_at_s

    def _unsent(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """The last of the lines, those that are not done with: neither written nor refused for good."""
        if not self._due:
            return lines
        try:
            refused = self._influx.write(b"\n".join(lines))
        except TooLargeError as error:
            if len(lines) > 1:
                return self._unsent_of_halves(lines)
            refused = Refused(1, str(error))
        except BackPressureError as error:
            self._note_away(str(error), error.retry_after_s)
            return lines
        else:
            self._note_back()
        if refused is None:
            self._telemetry.count(COMPONENT, Event.SENT, len(lines))
        elif refused.number is not None or len(lines) == 1:
            self._drop(lines, refused)
        else:
            return self._unsent_of_halves(lines)
        return ()

    def _unsent_of_halves(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Where one line of many cannot be read, the others are written without it."""
        middle = len(lines) // 2
        rest = self._unsent(lines[:middle])
        return [*rest, *lines[middle:]] if rest else self._unsent(lines[middle:])

    def _drop(self, lines: Sequence[bytes], refused: Refused) -> None:
        number = min(refused.number or 1, len(lines))
        self._telemetry.count(COMPONENT, Event.DROPPED, number, "refused")
        self._telemetry.count(COMPONENT, Event.SENT, len(lines) - number)
        example = lines[0][:200].decode("utf-8", "replace")
        log.error(
            "InfluxDB refused %d of %d points: %s; the first was: %s", number, len(lines), refused.reason, example
        )

    def _note_away(self, why: str, retry_after_s: float = 0.0) -> None:
        now_s = self._clock.monotonic_s()
        if self._away_since_s is None:
            self._away_since_s = now_s
            log.warning("points are kept on disk: %s", why)
        self._wait_s = min(max(self._wait_s * 2, retry_after_s), LONGEST_WAIT_S)
        self._try_at_s = now_s + self._wait_s
        self._telemetry.count(COMPONENT, Event.FAILED, 1, "away")

    def _note_back(self) -> None:
        if self._away_since_s is not None:
            log.warning(
                "InfluxDB takes points again after %.0f s; %d requests wait on disk",
                self._clock.monotonic_s() - self._away_since_s,
                len(self._spool),
            )
        self._away_since_s = None
        self._wait_s = 0.0


def _pieces(lines: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (lines[start : start + size] for start in range(0, len(lines), size))
