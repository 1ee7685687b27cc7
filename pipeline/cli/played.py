"""What of a recording is played, how fast, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

import typer
from pydantic import TypeAdapter, ValidationError

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.s3 import S3Access
from device_adapters.replay import STEP_S, Replay, ReplayOptions, steps
from pipeline.app import until_done
from pipeline.cli.extra import needs_kafka
from pipeline.cli.output import told
from pipeline.clock import Clock, SystemClock
from pipeline.config.config import Component, Config
from pipeline.config.options import TimeSource
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S, Instant
from pipeline.telemetry import Event, Telemetry


def recording_options(
    files: list[str], form: Path | None, from_at: str | None, until_at: str | None, s3: S3Access
) -> RecordingOptions:
    """What the command line and the file of `form` say together; buckets are reached as `s3` says.

    Raises:
        ConfigError: the form names files, or is not valid.
        BadParameter: an instant that cannot be read, or an end before its beginning.
    """
    span = {"from_at": _instant(from_at, "--from"), "until_at": _instant(until_at, "--to")}
    if span["from_at"] and span["until_at"] and span["from_at"] >= span["until_at"]:
        raise typer.BadParameter(f"{from_at} is not before {until_at}", param_hint="--from")
    given = {name: at for name, at in span.items() if at is not None}
    if form is None:
        try:
            return RecordingOptions.model_validate({"files": tuple(files), "s3": s3, **given})
        except ValidationError as error:
            raise typer.BadParameter(_why(error), param_hint="RECORDING") from error
    toml = TomlFile(form)
    if "files" in toml.data:
        raise ConfigError(form, "files: name them on the command line", toml.line_of(("files",)))
    return toml.validated(RecordingOptions, {"s3": s3, **toml.data, "files": tuple(files), **given}, ())


def _instant(text: str | None, option: str) -> Instant | None:
    if text is None:
        return None
    try:
        return TypeAdapter(Instant).validate_python(text)
    except ValidationError as error:
        raise typer.BadParameter(
            f"{text}: {_why(error)}; for example 2026-05-01T14:30+08:00", param_hint=option
        ) from error


def _why(error: ValidationError) -> str:
    return error.errors()[0]["msg"].removeprefix("Value error, ")


def paced(batches: Iterable[ReadingBatch], speed: float, clock: Clock) -> Iterator[ReadingBatch]:
    """The same readings, each when its time has come; with 0 at once."""
    begun_s, first_ns = clock.monotonic_s(), None
    for batch in batches:
        if not speed:
            yield batch
            continue
        for step in steps(batch, round(speed * STEP_S * NS_PER_S)):
            at_ns = int(step.observed_at_ns[0])
            first_ns = at_ns if first_ns is None else first_ns
            sleep(max(0.0, begun_s + (at_ns - first_ns) / NS_PER_S / speed - clock.monotonic_s()))
            yield step


def hand_to_kafka(config: Config, options: RecordingOptions, speed: float) -> None:
    """Play into the topic `readings`, time taken from the readings; told when Kafka has all of it.

    Raises:
        PluginError: the extra `kafka` is not installed.
        BrokerError: Kafka cannot be reached, or its topics do not fit.
        ExceptionGroup: a recording that cannot be read.
    """
    with needs_kafka():
        from pipeline.runners import kafka_gateway  # noqa: PLC0415  # an extra: only who uses Kafka needs it
        from pipeline.runners.service import Service  # noqa: PLC0415  # the same
    played = Component(Replay, ReplayOptions(**dict(options), speed=speed))
    clock, telemetry = SystemClock(), Telemetry()
    service = Service("gateway", config.service, telemetry, 0)
    with TemporaryDirectory(prefix="forewarn-replay-") as folder:  # a gateway may be at work in the configured one
        process = config.process.model_copy(update={"time": TimeSource.EVENT, "data": Path(folder)})
        only = replace(config, adapters={"replay": played}, process=process)
        asyncio.run(until_done(kafka_gateway.run(only, clock, telemetry, service)))
    told(f"{telemetry.total(kafka_gateway.COMPONENT, Event.SENT):,} readings are in Kafka at {config.kafka.servers}")
