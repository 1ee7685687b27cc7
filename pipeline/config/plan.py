"""What a core is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alerting.lifecycle import LifecyclePolicy
from detectors.base import Criterion, Detector
from detectors.sensor_health.faults import CRITERIA
from detectors.sensor_health.qualify import KIND as HEALTH
from detectors.sensor_health.qualify import QualityOptions
from pipeline.config.assessment import AssessmentPolicy
from pipeline.model.inventory import Inventory


@dataclass(frozen=True)
class Plan:
    """Two cores of one plan behave alike."""

    inventory: Inventory
    detectors: Sequence[Detector]
    quality: QualityOptions = field(default_factory=QualityOptions)
    assessment: AssessmentPolicy = field(default_factory=AssessmentPolicy)
    warnings: LifecyclePolicy = field(default_factory=LifecyclePolicy)

    def criteria(self) -> Mapping[tuple[str, str], Criterion]:
        """(detector, criterion) -> its standard, unit and words, those of sensor health included."""
        ours = {(HEALTH, criterion.key): criterion for criterion in CRITERIA}
        return ours | {(one.kind, criterion.key): criterion for one in self.detectors for criterion in one.criteria}
