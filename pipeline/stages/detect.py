"""Detect: every detector over the columns, findings in the one order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detectors.base import Detector
from detectors.bound import BoundDetector
from pipeline.model.finding import Finding
from pipeline.model.inventory import Inventory
from pipeline.stages.qualify import Columns


class Detect:
    """All detectors of an inventory."""

    def __init__(self, detectors: Iterable[Detector], inventory: Inventory) -> None:
        bound = (BoundDetector(detector, inventory) for detector in detectors)
        self.bound = {one.detector.kind: one for one in bound if one.subjects}

    def take(self, columns: Columns) -> list[tuple[int, Finding]]:
        """Findings with the rows of the batch that brought them about, in no order yet."""
        return [
            (int(columns.row[place]), finding)
            for detector in self.bound.values()
            for place, finding in detector.feed(columns.slot, columns.at_ns, columns.value, columns.quality)
        ]


def in_order(found: Iterable[tuple[int, Finding]]) -> Sequence[tuple[int, Finding]]:
    """By row, then detector and id: the same however the readings were cut into batches."""
    return sorted(found, key=lambda pair: (pair[0], pair[1].detector, pair[1].id, pair[1].revision))
