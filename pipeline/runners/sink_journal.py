"""From the journal and the store of `forewarn run` to InfluxDB."""

from __future__ import annotations

import logging
from threading import Event as Flag
from typing import Final

from pipeline.connectors.influx.results import counter_lines, lag_line
from pipeline.errors import JournalError, StoreError
from pipeline.runners.embedded import Embedded
from pipeline.runners.sink_followed import Followed
from pipeline.runners.sink_influx import SPOOL, deliver, open_writer
from pipeline.runners.sink_points import COMPONENT, Points
from pipeline.runners.sink_store import StoreFeed
from pipeline.telemetry import Event

PROCESS: Final = "run"
JOURNAL: Final = "journal"

log = logging.getLogger(__name__)


class InfluxJob:
    """Readings from the journal, the rest from the store."""

    def __init__(self, runner: Embedded, followed: Followed) -> None:
        config = runner.config
        self._options = config.influx
        self._telemetry = runner.telemetry
        self._clock = runner.clock
        self._store = StoreFeed(runner.store)
        self._writer = open_writer(config, runner.clock, runner.telemetry, SPOOL, must_fit=False)
        self._points = Points(config.inventory, config.influx, runner.telemetry)
        self._log = followed
        self._store_due_s = 0.0

    def run(self, stop: Flag) -> None:
        """Until `stop`, and then once more, so that an orderly end leaves little for the next start."""
        while not stop.wait(self._options.linger_s):
            self._round(stop, last=False)
        self._store_due_s = 0.0
        self._round(stop, last=True)
        self._writer.close()

    def _round(self, stop: Flag, *, last: bool) -> None:
        try:
            self._readings(stop, last=last)
            if self._clock.monotonic_s() >= self._store_due_s:
                self._store_due_s = self._clock.monotonic_s() + self._options.store_every_s
                self._results(stop)
            self._writer.pump()
        except (JournalError, StoreError, OSError) as error:
            self._telemetry.count(COMPONENT, Event.FAILED, 1, "round")
            log.error("InfluxDB is behind, and tries again: %s", error)  # noqa: TRY400  # its text says all

    def _readings(self, stop: Flag, *, last: bool) -> None:
        while (last or not stop.is_set()) and (entries := self._log.next()):
            lines = [line for _, entry in entries for line in self._points.of_entry(entry)]
            if not deliver(self._writer, lines, stop):
                return
            self._log.keep(self._log.position)

    def _results(self, stop: Flag) -> None:
        now_ns = self._clock.now_ns()
        own = counter_lines(self._telemetry.counts(), PROCESS, now_ns)
        own.append(lag_line(JOURNAL, 0, self._log.behind(), now_ns))
        if deliver(self._writer, [*self._store.lines(), *own], stop):
            self._store.delivered()
