"""`forewarn worker`: from the readings in Kafka to findings, assessments and warnings in Kafka."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipeline.app import until_done
from pipeline.cli.extra import needs_kafka
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.runners.service import Service
from pipeline.telemetry import Telemetry


def worker(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    port: Annotated[
        int | None, typer.Option(help="Port of health and metrics, in place of the configured one.", min=0, max=65535)
    ] = None,
) -> None:
    """Find hazards in the readings that Kafka holds; until Ctrl-C.

    Several workers share the partitions. State is kept in Kafka: what one that was killed had in hand goes to the
    others, or is taken up at its next start.
    """
    with needs_kafka():
        from pipeline.runners.kafka_worker import run  # noqa: PLC0415  # an extra: only who uses Kafka needs it
    loaded, telemetry = load_config(config), Telemetry()
    service = Service("worker", loaded.service, telemetry, port)
    asyncio.run(until_done(service.serve(partial(run, loaded, SystemClock(), telemetry, service))))
