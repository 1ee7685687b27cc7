"""`forewarn sink`: from Kafka to InfluxDB and to Parquet."""

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


def sink(
    config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml"),
    *,
    port: Annotated[
        int | None, typer.Option(help="Port of health and metrics, in place of the configured one.", min=0, max=65535)
    ] = None,
) -> None:
    """Write what Kafka holds to InfluxDB and to Parquet files; until Ctrl-C.

    Kafka is told how far it has come only when that is written. While InfluxDB is away, points wait on disk.
    """
    with needs_kafka():
        from pipeline.runners.sink_kafka import run  # noqa: PLC0415  # an extra: only who uses Kafka needs it
    loaded, telemetry = load_config(config), Telemetry()
    service = Service("sink", loaded.service, telemetry, port)
    asyncio.run(until_done(service.serve(partial(run, loaded, SystemClock(), telemetry, service))))
