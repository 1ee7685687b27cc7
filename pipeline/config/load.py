"""Reading the configuration: every section by the component it belongs to, every complaint with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from alerting.console.options import ConsoleOptions
from alerting.lifecycle import LifecyclePolicy
from alerting.stages.retry import RetryPolicy
from alerting.stages.route import RouteOptions
from detectors.base import Detector
from detectors.sensor_health.qualify import KIND as HEALTH
from detectors.sensor_health.qualify import QualityOptions
from pipeline.config.assessment import AssessmentPolicy
from pipeline.config.config import Component, Config
from pipeline.config.inventory_files import load_inventory
from pipeline.config.kafka import KafkaOptions
from pipeline.config.options import InventoryOptions, ProcessOptions
from pipeline.config.toml_file import Place, TomlFile
from pipeline.errors import ConfigError, ForewarnError, PluginError
from pipeline.model.inventory import Inventory
from pipeline.registry import Group, kinds, load

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "process": ProcessOptions,
    "inventory": InventoryOptions,
    "console": ConsoleOptions,
    "quality": QualityOptions,
    "assessment": AssessmentPolicy,
    "warnings": LifecyclePolicy,
    "retry": RetryPolicy,
    "kafka": KafkaOptions,
}
"""Sections with one model each. The others hold one table a component: see COMPONENTS, and `routes`."""

COMPONENTS: Final = {"adapters": Group.DEVICE_ADAPTERS, "channels": Group.CHANNELS}


def load_config(path: Path) -> Config:
    """The configuration at `path`. Relative paths in it start from its own folder.

    Raises:
        ExceptionGroup[ConfigError]: everything that is wrong with it and with the inventory it names.
    """
    return _Loader(path).config()


def complaints(error: BaseException) -> list[ForewarnError]:
    """The single complaints of what `load_config` raised."""
    if isinstance(error, BaseExceptionGroup):
        return [one for inner in error.exceptions for one in complaints(inner)]
    if isinstance(error, ForewarnError):
        return [error]
    raise error


class _Loader:
    """Reads section by section and collects complaints, so that one run tells them all."""

    def __init__(self, path: Path) -> None:
        self._complaints: list[ForewarnError] = []
        try:
            self._file = TomlFile(path)
        except ConfigError as error:
            raise ExceptionGroup(f"{path}: no valid configuration", [error]) from None
        self._folder = path.absolute().parent

    def config(self) -> Config:
        for name in self._file.data.keys() - {*SECTIONS, *COMPONENTS, "detectors", "routes"}:
            self._complain((name,), "unknown section; remove it or mend its spelling")
        sections = {name: self._section(name, model) for name, model in SECTIONS.items()}
        inventory = self._inventory(sections["inventory"])
        detectors = tuple(self._detectors(inventory))
        adapters, channels = (self._components(name) for name in COMPONENTS)
        routes = tuple(self._routes())
        if self._complaints:
            raise ExceptionGroup(f"{self._file.path}: no valid configuration", self._complaints)
        own = {name: value for name, value in sections.items() if name != "inventory"}
        return Config(
            path=self._file.path,
            inventory=inventory,
            detectors=detectors,
            adapters=adapters,
            channels=channels,
            routes=routes,
            **own,  # type: ignore[arg-type]  # each is the model that SECTIONS names
        )

    def _complain(self, place: Place, what: str) -> None:
        self._complaints.append(self._file.error(place, what))

    def _tried(self, action: Callable[[], T]) -> T | None:
        """What `action` gives; None where it complained."""
        try:
            return action()
        except* ForewarnError as group:
            self._complaints += complaints(group)
        return None

    def _table(self, place: Place) -> dict[str, Any]:
        """The table at `place`, empty where there is none."""
        table: Any = self._file.data
        for part in place:
            table = table.get(part, {}) if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            self._complain(place, f"must be a table, not {table!r}")
            return {}
        return table

    def _section(self, name: str, model: type[M]) -> M | None:
        return self._validated(model, self._table((name,)), (name,))

    def _validated(self, model: type[M], table: dict[str, Any], place: Place) -> M | None:
        return self._tried(lambda: anchored(self._file.validated(model, table, place), self._folder))

    def _inventory(self, section: BaseModel | None) -> Inventory:
        found = None
        if isinstance(section, InventoryOptions):
            found = self._tried(lambda: load_inventory(section.path))
        return found or Inventory((), (), ())

    def _detectors(self, inventory: Inventory) -> Iterator[Detector]:
        """All that are installed, unless switched off."""
        installed = kinds(Group.DETECTORS)
        for name in self._table(("detectors",)).keys() - installed:
            self._complain(("detectors", name), f"no such detector; installed: {', '.join(installed)}")
        for kind in installed:
            place = ("detectors", kind)
            table = dict(self._table(place))
            if table.pop("enabled", True) is False:
                continue
            cls = self._tried(partial(load, Group.DETECTORS, kind))
            options = self._validated(cls.options_type, table, place) if cls else None
            if cls and options:
                yield self._fits(cls(options), inventory)
        self._known_overrides(inventory, [*installed, HEALTH])

    def _fits(self, detector: Detector, inventory: Inventory) -> Detector:
        """`detector`, after a look at what single sensors override."""
        for sensor in inventory.sensors:
            try:
                detector.options_for(sensor)
            except ValidationError as error:
                words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
                self._complaints.append(ConfigError(self._file.path, f"sensor {sensor.id}: {detector.kind}.{words}"))
        return detector

    def _known_overrides(self, inventory: Inventory, installed: list[str]) -> None:
        for sensor in inventory.sensors:
            for key in sensor.thresholds:
                if key.partition(".")[0] not in installed:
                    what = f"sensor {sensor.id}: threshold {key!r} names no detector; write detector.option"
                    self._complaints.append(ConfigError(self._file.path, what))

    def _components(self, section: str) -> dict[str, Component]:
        found = {name: self._component(section, name) for name in self._table((section,))}
        return {name: component for name, component in found.items() if component}

    def _component(self, section: str, name: str) -> Component | None:
        place = (section, name)
        table = dict(self._table(place))
        kind = table.pop("kind", None)
        if not isinstance(kind, str):
            listed = ", ".join(kinds(COMPONENTS[section]))
            self._complain(place, f"`kind` is missing; give one of {listed}")
            return None
        try:
            cls = load(COMPONENTS[section], kind)
        except PluginError as error:
            self._complain((*place, "kind"), str(error))
            return None
        options = self._validated(cls.options_type, table, place)
        return Component(cls, options) if options is not None else None

    def _routes(self) -> Iterator[RouteOptions]:
        for number, table in enumerate(self._file.data.get("routes", [])):
            route = self._validated(RouteOptions, table, ("routes", number))
            if route is not None:
                yield route


def anchored(options: M, folder: Path) -> M:
    """`options` with every relative path in it, however deep, started from `folder`."""
    return options.model_copy(update={name: _absolute(value, folder) for name, value in options})


def _absolute(value: Any, folder: Path) -> Any:
    match value:
        case Path():
            return folder / value
        case tuple():
            return tuple(_absolute(one, folder) for one in value)
        case dict():
            return {key: _absolute(one, folder) for key, one in value.items()}
        case BaseModel():
            return anchored(value, folder)
        case _:
            return value
