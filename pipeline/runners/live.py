"""What the process is doing just now: last readings, open findings, rates, delays.

Written by the processor, read by the page; thread-safe.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.clock import Clock
from pipeline.model.finding import Finding, FindingState
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.stages.core import Outcome
from pipeline.stages.qualify import Columns
from pipeline.stages.record import Recent

DELAYS_KEPT: Final = 4096
RATE_WINDOW_S: Final = 10.0


class Live:
    """`version` grows with every entry; `changed` holds, by slot, the version at which a sensor changed last."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self.recent = Recent(inventory)
        self.version = 0
        self.changed = np.zeros(len(inventory.sensors), np.int64)
        self._slots = {sensor.id: slot for slot, sensor in enumerate(inventory.sensors)}
        self._open: dict[str, dict[str, Finding]] = {}
        self._sensor_of: dict[str, str] = {}
        self._clock = clock
        self._lock = Lock()
        self._delays_s: deque[float] = deque(maxlen=DELAYS_KEPT)
        self._rates: deque[tuple[float, int]] = deque()

    def take(self, outcome: Outcome, received_at_ns: int | None) -> None:
        """Note one processed entry."""
        self._look(outcome.columns, outcome.made.findings, received_at_ns)

    def look(self, columns: Columns, received_at_ns: int | None) -> None:
        """Note readings alone; what is found in them comes by another way, and `resume` tells of it."""
        self._look(columns, (), received_at_ns)

    def _look(self, columns: Columns, findings: Iterable[Finding], received_at_ns: int | None) -> None:
        now_s = self._clock.monotonic_s()
        with self._lock:
            self.version += 1
            if len(columns):
                self.recent.take(columns)
                self.changed[columns.slot] = self.version
                self._rates.append((now_s, len(columns)))
            self._note(findings)
            if received_at_ns is not None:
                self._delays_s.append((self._clock.now_ns() - received_at_ns) / NS_PER_S)
            while self._rates and self._rates[0][0] < now_s - RATE_WINDOW_S:
                self._rates.popleft()

    def resume(self, findings: Iterable[Finding]) -> None:
        """Take up findings: those that were open at the last snapshot, or that others made."""
        with self._lock:
            self.version += 1
            self._note(findings)

    def _note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            sensor = self._sensor_of.setdefault(finding.id, finding.trigger.partition("/")[0])
            held = self._open.setdefault(sensor, {})
            if finding.state is FindingState.CLOSED:
                held.pop(finding.id, None)
                del self._sensor_of[finding.id]
            else:
                held[finding.id] = finding
            if sensor in self._slots:  # one that was taken from the inventory may have left a finding
                self.changed[self._slots[sensor]] = self.version

    def changes(self, since: int) -> tuple[int, NDArray[np.int64]]:
        """The version now, and the slots of the sensors that changed after version `since`."""
        with self._lock:
            return self.version, np.flatnonzero(self.changed > since)

    def open_findings(self, sensor: str) -> tuple[Finding, ...]:
        """What stands against a sensor, or by its witness, just now."""
        with self._lock:
            return tuple(self._open.get(sensor, {}).values())

    def readings_per_s(self) -> float:
        """Mean over the last ten seconds."""
        oldest_s = self._clock.monotonic_s() - RATE_WINDOW_S
        with self._lock:
            return sum(number for at_s, number in self._rates if at_s >= oldest_s) / RATE_WINDOW_S

    def delay_s(self, quantile: float) -> float | None:
        """From a batch's reception to the end of its processing; None before the first."""
        with self._lock:
            return float(np.quantile(self._delays_s, quantile)) if self._delays_s else None
