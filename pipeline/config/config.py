"""The whole configuration: what `forewarn.toml` comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
from pipeline.config.assessment import AssessmentPolicy
from pipeline.config.influx import InfluxOptions
from pipeline.config.kafka import KafkaOptions
from pipeline.config.options import ProcessOptions
from pipeline.config.plan import Plan
from pipeline.config.recorder import RecorderOptions
from pipeline.config.service import ServiceOptions
from pipeline.model.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Component:
    """One configured adapter or channel: its class and its options, nothing opened yet."""

    type: type[Any]
    options: BaseModel


@dataclass(frozen=True)
class Config:
    """Everything that a process needs to know; `path` is the file it was read from."""

    path: Path
    process: ProcessOptions
    inventory: Inventory
    console: ConsoleOptions
    detectors: tuple[Detector, ...]
    quality: QualityOptions
    assessment: AssessmentPolicy
    warnings: LifecyclePolicy
    alerting: AlertingOptions
    retry: RetryPolicy
    release: ReleaseOptions
    routing: RoutingOptions
    duty: DutyOptions
    intake: IntakeOptions
    coverage: CoverageOptions
    drill: DrillOptions
    adapters: Mapping[str, Component]
    channels: Mapping[str, Component]
    routes: tuple[RouteOptions, ...]
    kafka: KafkaOptions
    influx: InfluxOptions
    recorder: RecorderOptions
    service: ServiceOptions

    def plan(self) -> Plan:
        """What the core is made from."""
        return Plan(self.inventory, self.detectors, self.quality, self.assessment, self.warnings)

    def replaced(self, *, process: ProcessOptions, console: ConsoleOptions) -> Config:
        """The same with other process and console options."""
        return replace(self, process=process, console=console)
