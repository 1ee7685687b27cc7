"""Whom a detector watches: the sensors that its options name, and those that stand together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from detectors.base import Detector
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor


def named(detector: Detector, inventory: Inventory) -> list[tuple[Sensor, Any]]:
    """Sensors whose ids fit one of the patterns in the option `sensors`, each with its own options, in their order."""
    told = ((sensor, detector.options_for(sensor)) for sensor in inventory.sensors)
    return [(one, options) for one, options in told if any(fnmatchcase(one.id, like) for like in options.sensors)]


def together(sensors: Iterable[Sensor]) -> list[tuple[str, Sequence[Sensor]]]:
    """Sensors by site and group, as (`site/group`, members), by name; one without a group stands alone, by its id."""
    groups: dict[tuple[str, str], list[Sensor]] = defaultdict(list)
    for sensor in sensors:
        name = f"{sensor.site}/{sensor.group}" if sensor.group else sensor.id
        groups[name, sensor.site].append(sensor)
    return [(name, members) for (name, _), members in sorted(groups.items())]
