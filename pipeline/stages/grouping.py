"""The order in which the rows of a batch are taken: site by site, those of one site as they arrived.

Sensors of different sites never speak together, so their order does not matter to any result; but a site's state, once
fetched, then serves all of its readings, and the sites follow each other as they lie in memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors.kernel import kernel
from pipeline.model.inventory import Inventory


def site_numbers(inventory: Inventory) -> NDArray[np.int32]:
    """i4[sensors + 1]: by slot, the place of the sensor's site; the last, which slot -1 finds too, is no site's."""
    places = {site.id: place for place, site in enumerate(inventory.sites)}
    return np.array([*(places[sensor.site] for sensor in inventory.sensors), len(places)], np.int32)


@kernel
def grouped(group: NDArray[np.int32], groups: int) -> NDArray[np.int64]:
    """i8[n]: the rows in order of their group, 0 to groups - 1, and of their own within one (a counting sort)."""
    begin = np.zeros(groups + 1, np.int64)
    for row in range(group.size):
        begin[group[row] + 1] += 1
    for number in range(groups):
        begin[number + 1] += begin[number]
    rows = np.empty(group.size, np.int64)
    for row in range(group.size):
        rows[begin[group[row]]] = row
        begin[group[row]] += 1
    return rows
