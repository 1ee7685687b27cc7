"""Reading the configuration: every section by the component it belongs to, every complaint with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from alerting.console.options import ConsoleOptions
from alerting.coverage.reach import CoverageOptions
from alerting.drill.gate import DrillOptions
from alerting.intake.options import IntakeOptions
from alerting.lifecycle import LifecyclePolicy
from alerting.people.options import DutyOptions
from alerting.stages.approve import ReleaseOptions
from alerting.stages.group import RoutingOptions
from alerting.stages.retry import RetryPolicy
from alerting.stages.route import RouteOptions
from detectors.base import Detector
from detectors.sensor_health.qualify import QualityOptions
from pipeline.config.alerting import AlertingOptions
from pipeline.config.anchor import anchored
from pipeline.config.assessment import AssessmentPolicy
from pipeline.config.complaint import as_read, unknown
from pipeline.config.config import Component, Config
from pipeline.config.fit import misfits
from pipeline.config.influx import InfluxOptions
from pipeline.config.inventory_files import read_inventory
from pipeline.config.kafka import KafkaOptions
from pipeline.config.options import InventoryOptions, ProcessOptions
from pipeline.config.recorder import RecorderOptions
from pipeline.config.service import ServiceOptions
from pipeline.config.toml_file import TomlFile
from pipeline.config.toml_lines import Place
from pipeline.errors import ForewarnError, PluginError, complaints
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
    "alerting": AlertingOptions,
    "retry": RetryPolicy,
    "release": ReleaseOptions,
    "routing": RoutingOptions,
    "duty": DutyOptions,
    "intake": IntakeOptions,
    "coverage": CoverageOptions,
    "drill": DrillOptions,
    "kafka": KafkaOptions,
    "influx": InfluxOptions,
    "recorder": RecorderOptions,
    "service": ServiceOptions,
}
"""Sections with one model each. The others hold one table a component: see COMPONENTS, `detectors` and `routes`."""

COMPONENTS: Final = {"adapters": Group.DEVICE_ADAPTERS, "channels": Group.CHANNELS}
_KNOWN: Final = (*SECTIONS, "detectors", *COMPONENTS, "routes")


def load_config(path: Path) -> Config:
    """The configuration at `path`. Relative paths in it start from its own folder.

    Raises:
        ExceptionGroup[ForewarnError]: everything that is wrong with it and with the inventory it names.
    """
    return _Loader(path).config()


class _Loader:
    """Reads section by section and collects complaints, so that one run tells them all."""

    def __init__(self, path: Path) -> None:
        self._complaints: list[ForewarnError] = []
        self._folder = path.absolute().parent
        self._file = self._tried(partial(TomlFile, path))
        self._give_up_if_wrong(path)

    def config(self) -> Config:
        for name in self._file.data:
            if name not in _KNOWN:
                self._complain((name,), unknown("section", name, _KNOWN, name_all=True))
        sections = {name: self._section(name, model) for name, model in SECTIONS.items()}
        inventory = self._inventory(sections.pop("inventory"))
        detectors = tuple(self._detectors())
        adapters, channels = (self._components(name) for name in COMPONENTS)
        routes = tuple(self._routes())
        quality = sections["quality"]
        if inventory and isinstance(quality, QualityOptions):
            self._complaints += misfits(self._file, inventory, detectors, quality)
        self._give_up_if_wrong(self._file.path)
        return Config(
            path=self._file.path,
            inventory=inventory.inventory,
            detectors=detectors,
            adapters=adapters,
            channels=channels,
            routes=routes,
            **sections,
        )

    def _give_up_if_wrong(self, path: Path) -> None:
        if self._complaints:
            raise ExceptionGroup(f"{path}: not valid", sorted(self._complaints, key=partial(as_read, path)))

    def _complain(self, place: Place, what: str) -> None:
        self._complaints.append(self._file.error(place, what))

    def _tried(self, action: Callable[[], T]) -> Any:
        """What `action` gives; None where it complained, and then nothing is made of the rest."""
        try:
            return action()
        except* ForewarnError as group:
            self._complaints += complaints(group)
        return None

    def _table(self, *place: str) -> dict[str, Any] | None:
        """The table at `place`, empty where there is none; None, with a complaint, where something else stands."""
        table: Any = self._file.data
        for part in place:
            table = table.get(part, {})
        if isinstance(table, dict):
            return table
        self._complain(place, f"must be a table, not {_kind(table)}")
        return None

    def _section(self, name: str, model: type[M]) -> Any:
        table = self._table(name)
        return None if table is None else self._validated(model, table, (name,))

    def _validated(self, model: type[M], table: dict[str, Any], place: Place) -> M | None:
        found: M | None = self._tried(lambda: anchored(self._file.validated(model, table, place), self._folder))
        return found

    def _inventory(self, section: Any) -> Any:
        return self._tried(partial(read_inventory, section.path)) if isinstance(section, InventoryOptions) else None

    def _detectors(self) -> Iterator[Detector]:
        """All that are installed, unless switched off."""
        installed, tables = kinds(Group.DETECTORS), self._table("detectors")
        if tables is None:
            return
        for name in tables:
            if name not in installed:
                self._complain(("detectors", name), unknown("detector", name, installed, name_all=True))
        for kind in installed:
            detector = self._detector(kind)
            if detector is not None:
                yield detector

    def _detector(self, kind: str) -> Detector | None:
        place, table = ("detectors", kind), self._table("detectors", kind)
        enabled = table.get("enabled", True) if table is not None else False
        if not isinstance(enabled, bool):
            self._complain((*place, "enabled"), f"must be true or false, not {_kind(enabled)}")
        if table is None or enabled is not True:
            return None
        cls = self._tried(partial(load, Group.DETECTORS, kind))
        own = {name: value for name, value in table.items() if name != "enabled"}
        options = self._validated(cls.options_type, own, place) if cls else None
        return None if options is None else cls(options)

    def _components(self, section: str) -> dict[str, Component]:
        found = {name: self._component(section, name) for name in self._table(section) or ()}
        return {name: component for name, component in found.items() if component}

    def _component(self, section: str, name: str) -> Component | None:
        place, table = (section, name), self._table(section, name)
        cls = None if table is None else self._class(section, name, table.get("kind"))
        if table is None or cls is None:
            return None
        own = {key: value for key, value in table.items() if key != "kind"}
        options = self._validated(cls.options_type, own, place)
        return None if options is None else Component(cls, options)

    def _class(self, section: str, name: str, kind: Any) -> Any:
        group, place = COMPONENTS[section], (section, name, "kind")
        installed = kinds(group)
        if kind is None:
            self._complain(place, f"is missing; give one of {', '.join(installed)}")
        elif kind not in installed:
            self._complain(place, unknown("kind", str(kind), installed, name_all=True))
        else:
            try:
                return load(group, kind)
            except PluginError as error:
                self._complain(place, str(error))
        return None

    def _routes(self) -> Iterator[RouteOptions]:
        tables = self._file.data.get("routes", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._complain(("routes",), "must be tables, each under [[routes]] with two brackets")
            return
        for number, table in enumerate(tables):
            route = self._validated(RouteOptions, table, ("routes", number))
            if route is not None:
                yield route


def _kind(value: object) -> str:
    """What TOML calls it; never the value, which may be a secret."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")
