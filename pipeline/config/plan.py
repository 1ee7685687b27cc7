"""What a core is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from alerting.lifecycle import LifecyclePolicy
from detectors.base import Detector
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
