"""From the store of `forewarn console` to InfluxDB: deliveries and lead times, and its own counters.

The sink has the rest from Kafka's topics.
"""

from __future__ import annotations

import logging
from functools import partial
from threading import Event as Flag
from typing import Final

from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.connectors.influx.results import counter_lines
from pipeline.connectors.influx.writer import Writer
from pipeline.errors import StoreError
from pipeline.runners.sink_influx import SPOOL, deliver, open_writer
from pipeline.runners.sink_jobs import Job
from pipeline.runners.sink_points import COMPONENT
from pipeline.runners.sink_store import StoreFeed
from pipeline.telemetry import Event, Telemetry

PROCESS: Final = "console"

log = logging.getLogger(__name__)


def store_job(config: Config, store: Store, clock: Clock, telemetry: Telemetry) -> Job:
    """What writes until it is told to stop.

    Raises:
        InfluxError: no token, or no folder for the spool.
    """
    writer = open_writer(config, clock, telemetry, SPOOL, must_fit=False)
    return partial(_write, StoreFeed(store), writer, config.influx.store_every_s, clock, telemetry)


def _write(feed: StoreFeed, writer: Writer, every_s: float, clock: Clock, telemetry: Telemetry, stop: Flag) -> None:
    ended = False
    while not ended:
        ended = stop.wait(every_s)
        try:
            lines = [*feed.account_lines(), *counter_lines(telemetry.counts(), PROCESS, clock.now_ns())]
            if deliver(writer, lines, stop):
                feed.delivered()
            writer.pump()
        except StoreError as error:
            telemetry.count(COMPONENT, Event.FAILED, 1, "round")
            log.error("InfluxDB is behind, and tries again: %s", error)  # noqa: TRY400  # its text says all
    writer.close()
