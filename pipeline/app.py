"""Wiring and life cycle of one process: runner, page, signals."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from alerting.api.app import routes
from alerting.api.links import link_routes
from alerting.console.app import create_app
from alerting.console.server import serve as serve_page
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.runners.embedded import STORE_FILE, Embedded
from pipeline.runners.page.source import EmbeddedSource
from pipeline.runners.sink_embedded import follow
from pipeline.runners.store_wait import store_answers
from pipeline.telemetry import Telemetry

if TYPE_CHECKING:  # an extra: only who uses Kafka needs it
    from pipeline.runners.kafka_console import Console

log = logging.getLogger(__name__)


async def _nothing(_: Embedded) -> None:
    pass


async def run(
    config: Config,
    clock: Clock,
    telemetry: Telemetry,
    ready: Callable[[str], None],
    beside: Callable[[Embedded], Coroutine[None, None, None]] = _nothing,
) -> None:
    """Run until SIGINT or SIGTERM; what is durable then is processed and saved before it returns.

    Args:
        ready: told the address of the page once it answers.
        beside: what else to do meanwhile.

    Raises:
        ForewarnError: something outside is wrong (a port taken, a data folder that cannot be written).
        ExceptionGroup: a defect in a component.
    """
    await store_answers(config.alerting.url(config.process.data / STORE_FILE))
    runner = Embedded(config, clock, telemetry)
    again = await runner.start()
    if again:
        log.info("took in again %d journal entries that came after the last snapshot", again)
    try:
        async with _until_signalled() as tasks:
            tasks.create_task(_page(runner, ready), name="page")
            tasks.create_task(runner.run(), name="runner")
            tasks.create_task(follow(runner), name="follow")
            tasks.create_task(beside(runner), name="beside")
    finally:
        await runner.close()


async def serve_console(runner: Console, ready: Callable[[str], None]) -> None:
    """Run the console of a cluster and its page, until cancelled.

    Raises:
        ForewarnError: something outside is wrong.
        ExceptionGroup: a defect in a component.
    """
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_page(runner, ready), name="page")
        tasks.create_task(runner.run(), name="console")


async def _page(runner: Embedded | Console, ready: Callable[[str], None]) -> None:
    source = EmbeddedSource(runner)

    def answering(address: str) -> None:
        source.address = address
        ready(address)

    options = runner.config.console
    acting = [*routes(runner.desk), *link_routes(runner.desk)]
    await serve_page(create_app(source, options, more=acting), options, answering)


async def until_done(main: Coroutine[None, None, None]) -> None:
    """Run `main` to its end, or until SIGINT or SIGTERM cancels it, in good order.

    Raises:
        ExceptionGroup: what ended it.
    """
    async with _until_signalled():
        await main
        raise _Stop


@asynccontextmanager
async def _until_signalled() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group that the first SIGINT or SIGTERM cancels, in good order."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_stop_on_signal(loop), name="signals")
            yield tasks
    except* _Stop:
        pass


class _Stop(Exception):  # noqa: N818  # no error: it ends a task group
    """A signal asked to stop, or the work is done."""


async def _stop_on_signal(loop: asyncio.AbstractEventLoop) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    log.info("stopping: no more is taken in, what is durable is processed")
    raise _Stop
