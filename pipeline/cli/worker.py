"""`forewarn worker`: from the readings in Kafka to findings, assessments and warnings in Kafka."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pipeline.app import until_done
from pipeline.cli.extra import needs_kafka
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.telemetry import Telemetry


def worker(config: Annotated[Path, typer.Argument(help="The configuration.")] = Path("forewarn.toml")) -> None:
    """Find hazards in the readings that Kafka holds; until Ctrl-C.

    Several workers share the partitions. State is kept in Kafka: what one that was killed had in hand goes to the
    others, or is taken up at its next start.
    """
    with needs_kafka():
        from pipeline.runners.kafka_worker import run  # noqa: PLC0415  # an extra: only who uses Kafka needs it
    asyncio.run(until_done(run(load_config(config), SystemClock(), Telemetry())))
