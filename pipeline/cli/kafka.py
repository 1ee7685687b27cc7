"""`forewarn gateway`, `worker` and `topics`: the same pipeline over Kafka. What they need is an extra, loaded late."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from pipeline.app import until_done
from pipeline.cli.output import err, out
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.errors import PluginError
from pipeline.telemetry import Telemetry

EXTRAS: Final = ("confluent_kafka", "faust", "kafka")
ConfigPath = Annotated[Path, typer.Argument(help="The configuration.")]
DEFAULT: Final = Path("forewarn.toml")

topics = typer.Typer(help="The topics of `forewarn gateway` and `forewarn worker`.", no_args_is_help=True)


def gateway(config: ConfigPath = DEFAULT) -> None:
    """Take in readings and hand them to Kafka; until Ctrl-C, or the end of what is recorded."""
    with _extra():
        from pipeline.runners.kafka_gateway import run  # noqa: PLC0415  # an extra: only who uses Kafka needs it
    asyncio.run(until_done(run(load_config(config), SystemClock(), Telemetry())))


def worker(config: ConfigPath = DEFAULT) -> None:
    """Find hazards in the readings that Kafka holds; several of them share the work. Until Ctrl-C."""
    with _extra():
        from pipeline.runners.kafka_worker import run  # noqa: PLC0415  # the same
    asyncio.run(until_done(run(load_config(config), SystemClock(), Telemetry())))


@topics.command("create")
def create(config: ConfigPath = DEFAULT) -> None:
    """Make the topics that are missing. Nothing is altered or deleted."""
    with _extra():
        from pipeline.connectors.kafka.admin import create as make  # noqa: PLC0415  # the same
    for name in make(load_config(config).kafka):
        out.print(f"[green]made[/] {escape(name)}")
    check(config)


@topics.command("check")
def check(config: ConfigPath = DEFAULT) -> None:
    """Compare the topics with the configuration, and say what to do about each difference."""
    with _extra():
        from pipeline.connectors.kafka.admin import look  # noqa: PLC0415  # the same
        from pipeline.connectors.kafka.topics import mismatches  # noqa: PLC0415  # the same
    options = load_config(config).kafka
    found = mismatches(options, look(options))
    for one in found:
        err.print(f"[{'red' if one.fatal else 'yellow'}]differs:[/] {escape(one.words)}", soft_wrap=True)
    if found:
        raise typer.Exit(1)
    out.print(f"[green]the topics at {escape(options.servers)} are as configured[/]")


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] in EXTRAS:
            raise PluginError(f"{error.name} is not installed; pip install 'forewarn[kafka]'") from error
        raise
