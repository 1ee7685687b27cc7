"""Which partition a reading belongs to: all sites of an assessed area in one, so that a core there is whole.

The stream is cut by the widest division that any hazard is assessed for (by default the township), or where gauges
foresee rain together, by the division whose gauges do (by default the city). Everything that speaks together, sensors
of a site, findings of an area, reports of a chain, then meets in one partition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.config.plan import Plan
from pipeline.config.rain_network import wants_network
from pipeline.model.area import ancestor
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Series

_REMEMBERED: Final = 256
"""Lists of series whose partitions are kept; a device sends the same few lists again and again."""


class Shards:
    """The partitions of one plan."""

    def __init__(self, plan: Plan, partitions: int) -> None:
        self._plan = plan
        self.partitions = partitions
        inventory = plan.inventory
        self._widest = min(plan.assessment.rule(hazard).area_level for hazard in Hazard)
        if wants_network(inventory):
            self._widest = min(self._widest, plan.assessment.rain_network)
        self._of_site = {site.id: self.partition_of_area(site.area) for site in inventory.sites}
        self._of_sensor = {sensor.id: self._of_site[sensor.site] for sensor in inventory.sensors}
        self._known: dict[int, tuple[tuple[Series, ...], NDArray[np.int32]]] = {}

    def partition_of(self, sensor: str) -> int:
        """Where a sensor's readings go; one that the inventory does not list goes by its name."""
        found = self._of_sensor.get(sensor)
        return _hashed(sensor, self.partitions) if found is None else found

    def partition_of_area(self, code: str) -> int:
        """Where what happens in an area is assessed."""
        return _hashed(ancestor(code, self._widest), self.partitions)

    def split(self, batch: ReadingBatch) -> Iterator[tuple[int, ReadingBatch]]:
        """The batch by partition, rows in their order."""
        of_row = self._partitions(batch.series)[batch.index]
        for partition in np.unique(of_row).tolist():
            yield partition, batch.take(of_row == partition)

    def plan_of(self, partition: int) -> Plan:
        """The plan of a core that takes in one partition: its sites and sensors, all areas."""
        own = self._plan.inventory
        sites = tuple(site for site in own.sites if self._of_site[site.id] == partition)
        sensors = tuple(sensor for sensor in own.sensors if self._of_sensor[sensor.id] == partition)
        return replace(self._plan, inventory=Inventory(own.areas, sites, sensors, own.version))

    def _partitions(self, series: tuple[Series, ...]) -> NDArray[np.int32]:
        known = self._known.get(id(series))
        if known is None or known[0] is not series:
            known = (series, np.array([self.partition_of(one.sensor) for one in series], np.int32))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[id(series)] = known
        return known[1]


def _hashed(key: str, partitions: int) -> int:
    return crc32(key.encode()) % partitions
