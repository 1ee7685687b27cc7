"""A panel: what is asked, and how it is shown; every title in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from grafana_foundation_sdk.builders import barchart, common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from alerting.words import COLOURS
from pipeline.model.level import Level

SOURCE: Final = DataSourceRef("influxdb", "forewarn-influxdb")
"""The data source that deploy/grafana/provisioning names."""
HEIGHT: Final = 8
_COLOURS: Final = {Level.BLUE: "#3274D9", Level.YELLOW: "#F2CC0C", Level.ORANGE: "#FF780A", Level.RED: "#E02F44"}


class Shown(Enum):
    """As what."""

    STAT = stat.Panel
    TABLE = table.Panel
    LINES = timeseries.Panel
    BARS = barchart.Panel


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        unit: in Grafana's words; `s` are seconds.
        levels: whether values are levels, 1 blue to 4 red, to be named and coloured.
        width: of 24.
    """

    shown: Shown
    zh: str
    en: str
    query: str
    unit: str = "short"
    levels: bool = False
    width: int = 12

    def build(self) -> Any:
        """As Grafana's builder has it."""
        panel: Any = self.shown.value()
        panel = panel.title(f"{self.zh} · {self.en}").datasource(SOURCE).unit(self.unit)
        panel = panel.height(HEIGHT).span(self.width).with_target(Flux(self.query))
        if self.shown in {Shown.LINES, Shown.BARS}:
            panel = panel.legend(common.VizLegendOptions().show_legend(show_legend=True))
        return _by_level(panel) if self.levels else panel


class Flux(Builder[Dataquery]):
    """A query of the InfluxDB data source."""

    def __init__(self, query: str) -> None:
        self._query = query

    def build(self) -> Dataquery:
        """What stands in the JSON."""
        return _FluxQuery(self._query)


@dataclass
class _FluxQuery(Dataquery):
    query: str

    def to_json(self) -> dict[str, object]:
        """Grafana's own form."""
        return {"refId": "A", "datasource": {"type": SOURCE.type_val, "uid": SOURCE.uid}, "query": self.query}


def _by_level(panel: Any) -> Any:
    steps = [Threshold(None, "#73BF69"), *(Threshold(float(level), colour) for level, colour in _COLOURS.items())]
    words = {
        str(int(level)): ValueMappingResult(f"{COLOURS['zh-CN'][level]} {COLOURS['en-US'][level]}", colour)
        for level, colour in _COLOURS.items()
    }
    return (
        panel.mappings([ValueMap(options={"0": ValueMappingResult("无 none", "#73BF69"), **words})])
        .thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    )
