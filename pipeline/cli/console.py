"""`forewarn console`: from the workers' results in Kafka to the people, and the page."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from pipeline.app import serve_console, until_done
from pipeline.cli.extra import needs_kafka
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.config.rehearsal import rehearse
from pipeline.runners.embedded import STORE_FILE
from pipeline.runners.service import FINE, Service
from pipeline.runners.store_wait import store_answers
from pipeline.telemetry import Telemetry

log = logging.getLogger(__name__)


def console(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    port: Annotated[
        int | None, typer.Option(help="Port of health and metrics, in place of the configured one.", min=0, max=65535)
    ] = None,
) -> None:
    """Store what the workers say, warn people, and show the page; until Ctrl-C.

    What it had in hand when it was killed, it takes from Kafka and from its store again; nothing is sent twice but what
    a crash left in doubt.
    """
    with needs_kafka():
        from pipeline.runners.kafka_console import Console  # noqa: PLC0415  # an extra: only who uses Kafka needs it
    loaded, telemetry = load_config(config), Telemetry()
    wrong = rehearse(loaded)
    if wrong:
        raise ExceptionGroup(f"{config}: cannot be started", wrong)
    service = Service("console", loaded.service, telemetry, port)

    async def work() -> None:
        url = loaded.alerting.url(loaded.process.data / STORE_FILE)
        await store_answers(url, lambda why: service.checks.update(store=lambda: why or FINE))
        runner = Console(loaded, SystemClock(), telemetry)
        runner.watch(service)
        try:
            await serve_console(runner, _ready)
        finally:
            await asyncio.to_thread(runner.close)

    asyncio.run(until_done(service.serve(work)))


def _ready(address: str) -> None:
    log.info("the page is at %s", address)
