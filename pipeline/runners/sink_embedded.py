"""InfluxDB and the recorder beside `forewarn run`: they follow the journal at their own pace, and hold up nothing.

The position reached is kept in a file; what a kill interrupts is written again at the next start, to the same points
and the same files. Whatever goes wrong here is told and counted, and people are warned all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event as Flag

from pipeline.clock import Clock
from pipeline.connectors.recorder.place import place_of
from pipeline.connectors.recorder.recorder import Recorder
from pipeline.errors import JournalError, RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.runners.embedded import Embedded
from pipeline.runners.sink_followed import Followed
from pipeline.runners.sink_jobs import Job, beside, needs_influx

log = logging.getLogger(__name__)


async def follow(runner: Embedded) -> None:
    """Write to InfluxDB and record, as far as the configuration asks for it, until cancelled.

    Raises:
        InfluxError: no token, or no folder for the spool.
        PluginError: the extra `influx` is not installed.
        RecordingError: no folder for the recording.
    """
    jobs = (_influx(runner), _recorder(runner))
    await beside([job for job in jobs if job is not None], runner.telemetry)


def _influx(runner: Embedded) -> Job | None:
    config = runner.config
    if not config.influx.url:
        return None
    with needs_influx():
        from pipeline.runners.sink_journal import InfluxJob  # noqa: PLC0415  # an extra: only who has InfluxDB needs it
    return InfluxJob(runner, Followed(runner.journal, config.process.data / "influx.position", runner.telemetry)).run


def _recorder(runner: Embedded) -> Job | None:
    options = runner.config.recorder
    if options.path is None:
        return None
    recorder = Recorder(place_of(options), runner.config.inventory.version, runner.journal.identity)
    followed = Followed(runner.journal, runner.config.process.data / "recorder.position", runner.telemetry)
    return RecorderJob(recorder, followed, options.roll_s, options.roll_readings, runner.clock).run


class RecorderJob:
    """Every batch of the journal, in files of a roll."""

    def __init__(self, recorder: Recorder, log_of: Followed, roll_s: float, roll_readings: int, clock: Clock) -> None:
        self._recorder = recorder
        self._log = log_of
        self._roll_s = roll_s
        self._roll_readings = roll_readings
        self._clock = clock

    def run(self, stop: Flag) -> None:
        """Until `stop`; what has gathered then is written."""
        due_s = self._clock.monotonic_s() + self._roll_s
        while not stop.wait(1.0):
            self._tried(self._gather)
            if self._recorder.readings >= self._roll_readings or self._clock.monotonic_s() >= due_s:
                due_s = self._clock.monotonic_s() + self._roll_s
                self._tried(self._roll)
        self._tried(self._gather)
        self._tried(self._roll)

    def _gather(self) -> None:
        while self._recorder.readings < self._roll_readings and (entries := self._log.next()):
            for position, entry in entries:
                self._recorder.take(0, position, entry if isinstance(entry, ReadingBatch) else None)

    def _roll(self) -> None:
        for position in self._recorder.roll().values():
            self._log.keep(position)

    def _tried(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (JournalError, RecordingError, OSError) as error:
            log.error("the recorder is behind, and tries again: %s", error)  # noqa: TRY400  # its text says all
