"""`forewarn gateway`: from the devices to Kafka."""

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


def gateway(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    port: Annotated[
        int | None, typer.Option(help="Port of health and metrics, in place of the configured one.", min=0, max=65535)
    ] = None,
) -> None:
    """Take in readings and hand them to Kafka; until Ctrl-C.

    A device is acknowledged when Kafka has its readings on all replicas that must have them. Where all adapters play
    recordings, it ends when they do.
    """
    with needs_kafka():
        from pipeline.runners.kafka_gateway import run  # noqa: PLC0415  # an extra: only who uses Kafka needs it
    loaded, telemetry = load_config(config), Telemetry()
    service = Service("gateway", loaded.service, telemetry, port)
    asyncio.run(until_done(service.serve(partial(run, loaded, SystemClock(), telemetry, service))))
