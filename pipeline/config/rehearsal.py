"""A rehearsal of the start: all is set up that touches nothing outside, so that the start itself does not fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from alerting.stages.route import RouteOptions, complaints, misplaced, reaches
from device_adapters.base import AdapterContext, Reject
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.clock import SystemClock
from pipeline.config.aftermath_check import drill_complaints, reach_complaints
from pipeline.config.config import Config
from pipeline.config.duty_check import contact_complaints, duty_attention
from pipeline.config.rain_network import lonely_divisions
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError, ForewarnError
from pipeline.forecast.lags import GAUGES_MIN
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.warning import WarningStatus


class _NoSink:
    """Nothing comes in during a rehearsal."""

    async def submit(self, batch: ReadingBatch) -> None:
        """Not called."""

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        """Not called."""


def rehearse(config: Config) -> list[ConfigError]:
    """Complaints of adapters and channels about their options, secrets and recordings, and routes that lead nowhere."""
    file = TomlFile(config.path)
    return [*_data(config, file), *_adapters(config, file), *_channels_and_routes(config, file)]


def attention(config: Config) -> list[str]:
    """What is allowed and probably not meant: readings that nobody looks at, hazards that nobody is told of."""
    told = [] if config.adapters else ["no adapter: no reading will come in; add [adapters.NAME]"]
    hazards = {Hazard.SENSOR_FAULT} if config.inventory.sensors else set()
    watched: set[str] = set()
    for detector in config.detectors:
        subjects = detector.subjects(config.inventory)
        watched |= {series.sensor for subject in subjects for series in subject.series}
        hazards |= {detector.hazard} if subjects else set()
    for sensor in config.inventory.sensors:
        if sensor.id not in watched and sensor.kind is not SensorKind.WEATHER:
            what = f"no detector looks at {sensor.quantity} of a sensor of kind {sensor.kind}"
            told.append(f"sensor {sensor.id}: {what}; only its health is watched")
    level = config.assessment.rain_network
    for code, places in lonely_divisions(config.inventory, level).items():
        what = f"{places} places with a rain gauge, {GAUGES_MIN} are needed to foresee rain"
        told.append(f"area {code}: {what}; give sites a place, or widen assessment.rain_network ({level.name.lower()})")
    status = config.warnings.status
    untold = [
        hazard
        for hazard in Hazard
        if hazard in hazards and not any(_takes(way, hazard, status) for way in config.routes)
    ]
    told += [f"no route takes {hazard} of status {status}: nobody will be told of it" for hazard in untold]
    return told + duty_attention(config)


def _takes(way: RouteOptions, hazard: Hazard, status: WarningStatus) -> bool:
    is_meant = reaches(hazard, way.audience) and (not way.hazards or hazard in way.hazards)
    return is_meant and (way.exercise or status is WarningStatus.ACTUAL)


def _data(config: Config, file: TomlFile) -> Iterator[ConfigError]:
    folder = config.process.data
    if folder.exists() and not folder.is_dir():
        yield file.error(("process", "data"), f"{folder} is a file; name a folder")


def _adapters(config: Config, file: TomlFile) -> Iterator[ConfigError]:
    context = AdapterContext(config.inventory, _NoSink(), SystemClock())
    for name, component in config.adapters.items():
        place = ("adapters", name)
        try:
            component.type(name, component.options, context)
            if isinstance(component.options, RecordingOptions):
                _recording(component.options, config)
        except ForewarnError as error:
            yield file.error(place, str(error).removeprefix(f"{'.'.join(place)}: "))


def _recording(options: RecordingOptions, config: Config) -> None:
    """Open the files of this machine; of a bucket only the key is asked for."""
    here = tuple(one for one in options.files if isinstance(one, Path))
    if len(here) < len(options.files):
        options.s3.key()
    if here:
        Recording(options.model_copy(update={"files": here}), config.inventory).close()


def _channels_and_routes(config: Config, file: TomlFile) -> Iterator[ConfigError]:
    targets: dict[str, Sequence[str]] = {}
    unmade: set[str] = set()
    for name, component in config.channels.items():
        try:
            targets[name] = component.type(name, component.options).targets
        except ForewarnError as error:
            unmade.add(name)
            yield file.error(("channels", name), str(error).removeprefix(f"channel {name!r}, "))
    for number, way in enumerate(config.routes):
        for option in ("to", "fallback"):
            judged = tuple(one for one in getattr(way, option) if one.partition("/")[0] not in unmade)
            for what in complaints([way.model_copy(update={"to": (), "fallback": (), option: judged})], targets):
                yield file.error(("routes", number, option), what)
    for number, option, what in misplaced(config.routes, targets):
        yield file.error(("routes", number, option), what)
    yield from contact_complaints(config, file, targets, unmade)
    yield from drill_complaints(config, file)
    if not unmade:
        yield from reach_complaints(config, file, targets)
