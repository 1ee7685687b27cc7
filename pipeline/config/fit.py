"""Whether inventory and detectors fit each other: units, thresholds of single sensors, what a group may hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ValidationError

from detectors.base import Detector, overridden
from detectors.sensor_health.qualify import KIND as HEALTH
from detectors.sensor_health.qualify import QualityOptions
from device_adapters.codecs.measurements import declared
from pipeline.config.complaint import unknown, words
from pipeline.config.describe import names
from pipeline.config.inventory_files import InventoryFile
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.model.inventory import InventoryError
from pipeline.model.site import Sensor
from pipeline.model.units import UnitError
from pipeline.registry import Group, kinds


def misfits(
    file: TomlFile, inventory: InventoryFile, detectors: Sequence[Detector], quality: QualityOptions
) -> Iterator[ConfigError]:
    """Complaints about the inventory's entries, and about detectors whose options these contradict."""
    models: dict[str, BaseModel] = {HEALTH: quality, **{one.kind: one.options for one in detectors}}
    known = {HEALTH, *kinds(Group.DETECTORS)}
    wrong = False
    for sensor in inventory.inventory.sensors:
        for what in (*_unit(sensor), *_thresholds(sensor, models, known)):
            wrong = True
            yield inventory.error(f"sensor {sensor.id}", what)
    if wrong:
        return  # what follows would only repeat it
    for detector in detectors:
        try:
            detector.subjects(inventory.inventory)
        except InventoryError as error:
            yield inventory.error(error.where, error.what)
        except ValueError as error:
            where, colon, what = str(error).partition(": ")
            is_entry = colon and where in inventory.places
            place = ("detectors", detector.kind)
            yield inventory.error(where, what) if is_entry else file.error(place, str(error))


def _unit(sensor: Sensor) -> Iterator[str]:
    try:
        declared(sensor)
    except UnitError as error:
        yield str(error).removeprefix(f"sensor {sensor.id}: ")


def _thresholds(sensor: Sensor, models: dict[str, BaseModel], known: set[str]) -> Iterator[str]:
    for key in sensor.thresholds:
        kind, dot, _ = key.partition(".")
        if not dot:
            yield f"threshold {key!r}: write detector.option"
        elif kind not in known:
            yield f"threshold {key!r}: {unknown('detector', kind, sorted(known), name_all=True)}"
    for kind, options in models.items():
        try:
            overridden(options, kind, sensor)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                option = ".".join((kind, *map(str, item["loc"])))
                yield f"threshold {option!r}: {words([item], names(type(options), 1))}"
