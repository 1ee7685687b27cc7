"""Threads beside the main work of a process: whatever goes wrong in them is told and counted, and ends nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag

from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.errors import PluginError
from pipeline.runners.sink_points import COMPONENT
from pipeline.telemetry import Event, Telemetry

log = logging.getLogger(__name__)

Job = Callable[[Flag], None]


async def beside(jobs: Sequence[Job], telemetry: Telemetry) -> None:
    """Run each in a thread of its own until cancelled; then wait until all have ended in good order."""
    stop = Flag()
    running = [asyncio.create_task(asyncio.to_thread(_guarded, job, stop, telemetry)) for job in jobs]
    try:
        await asyncio.gather(*map(asyncio.shield, running))
    finally:
        stop.set()
        await asyncio.gather(*running)


def _guarded(job: Job, stop: Flag, telemetry: Telemetry) -> None:
    try:
        job(stop)
    except Exception:
        telemetry.count(COMPONENT, Event.FAILED, 1, "defect")
        log.exception("nothing more is written by %s until the next start", job)


async def follow_store(config: Config, store: Store, clock: Clock, telemetry: Telemetry) -> None:
    """Write deliveries and lead times of `forewarn console` to InfluxDB until cancelled; nothing where there is none.

    Raises:
        InfluxError: no token, or no folder for the spool.
        PluginError: the extra `influx` is not installed.
    """
    if config.influx.url:
        with needs_influx():
            from pipeline.runners.sink_console import store_job  # noqa: PLC0415  # an extra
        await beside([store_job(config, store, clock, telemetry)], telemetry)


@contextmanager
def needs_influx() -> Iterator[None]:
    """Import inside it.

    Raises:
        PluginError: the extra `influx` is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise PluginError(f"[influx] needs {error.name}: pip install 'forewarn[influx]'") from error
