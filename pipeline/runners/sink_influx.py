"""InfluxDB opened as the configuration says: looked at once, then written to with a spool behind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event as Flag
from typing import Final

from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.connectors.influx.client import Influx
from pipeline.connectors.influx.spool import Spool
from pipeline.connectors.influx.writer import COMPONENT, Writer
from pipeline.errors import BackPressureError, InfluxError
from pipeline.telemetry import Event, Telemetry

SPOOL: Final = "influx-spool"
"""Of `forewarn run` and `forewarn console`, one of which is at work in a data folder; the sink has another."""
SINK_SPOOL: Final = "influx-spool-sink"
_MB: Final = 1_000_000
RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


def open_writer(config: Config, clock: Clock, telemetry: Telemetry, spool_name: str, *, must_fit: bool) -> Writer:
    """A writer, whether InfluxDB is there or not.

    Args:
        must_fit: a wrong token, organisation or bucket is an error; otherwise it is logged, and points are kept.

    Raises:
        InfluxError: there is no token, no folder for the spool, or something does not fit.
    """
    options = config.influx
    influx = Influx(options)
    put_aside = partial(telemetry.count, COMPONENT, Event.DROPPED, 1, "unreadable")
    spool = Spool(config.process.data / spool_name, round(options.spool_mb * _MB), put_aside)
    try:
        influx.check()
    except BackPressureError as error:
        log.warning("%s; points are kept on disk until it answers", error)
    except InfluxError as error:
        if must_fit:
            raise
        log.error("%s; points are kept on disk until then", error)  # noqa: TRY400  # its text says all
    return Writer(influx, spool, options.batch_points, clock, telemetry)


def deliver(writer: Writer, lines: Sequence[bytes], stop: Flag, meanwhile: Callable[[], None] = lambda: None) -> bool:
    """Return when all lines are in InfluxDB or the spool; False where `stop` came first.

    Args:
        meanwhile: done again and again while the spool is full.
    """
    while lines := lines[writer.write(lines) :]:
        meanwhile()
        if stop.wait(RETRY_S):
            return False
    return True
