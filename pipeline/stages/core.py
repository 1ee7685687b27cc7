"""The core: one entry of the log in, findings, assessments and warnings out. Pure; the same in both runners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from alerting.lifecycle import Lifecycle
from detectors.sensor_health.qualify import Qualifier
from pipeline.config.plan import Plan
from pipeline.model.assessment import Assessment
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick, Yield
from pipeline.model.finding import Finding, FindingState
from pipeline.model.forecast import RainAhead
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.level import Level
from pipeline.model.reading import Series
from pipeline.model.warning import HazardWarning
from pipeline.stages.assess import Assess
from pipeline.stages.detect import Detect, in_order
from pipeline.stages.explain import explained
from pipeline.stages.forecast import NetworkForecast
from pipeline.stages.qualify import Columns, Qualify
from pipeline.stages.verify import Verify

SNAPSHOT_VERSION: Final = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one entry came to.

    Attributes:
        made: findings, assessments and warnings.
        columns: the qualified readings; of a tick, the forecasts that it brought.
        dropped: reason -> number of readings that went no further.
        unknown: series that the inventory does not list.
    """

    made: Yield
    columns: Columns
    dropped: Mapping[str, int] = field(default_factory=dict)
    unknown: Sequence[Series] = ()


class _Snapshot(msgspec.Struct):
    version: int
    watermark_ns: int
    qualifier: bytes
    forecast: bytes
    verify: bytes
    detectors: dict[str, bytes]
    assess: bytes
    lifecycle: bytes


class Core:
    """Qualify, detect, assess, warn. One caller at a time; entries in the order of the log."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._qualifier = Qualifier(plan.inventory, plan.quality)
        self._qualify = Qualify(plan.inventory, self._qualifier)
        self._forecast = NetworkForecast(plan.inventory, plan.assessment.rain_network)
        self._verify = Verify(plan.inventory)
        self._detect = Detect(plan.detectors, plan.inventory)
        self._assess = Assess(plan.inventory, plan.assessment)
        self._criteria = plan.criteria()
        self.lifecycle = Lifecycle(plan.inventory, plan.warnings, self._criteria)
        self._orphans: list[Finding] = []

    def process(self, entry: Entry) -> Outcome:
        """Take in the next entry of the log."""
        return self._tick(entry) if isinstance(entry, Tick) else self.take([entry])

    def take(self, batches: Sequence[ReadingBatch]) -> Outcome:
        """Take in batches that follow each other in the log, as one: sooner done, and the same is said."""
        qualified = self._qualify.take(batches)
        columns = qualified.columns
        self._forecast.take(columns)
        result = _Collected()
        result.forecasts += self._verify.take(columns)
        for row, finding in in_order([*qualified.faults, *self._detect.take(columns)]):
            self._hear(finding, from_ns(qualified.watermark_ns[row]), result)
        return Outcome(result.frozen(), columns, qualified.dropped, qualified.unknown)

    def _tick(self, tick: Tick) -> Outcome:
        at, result = tick.at, _Collected()
        silent = self._qualifier.tick(to_ns(at))
        self._qualify.watermark_ns = max(self._qualify.watermark_ns, to_ns(at))
        at = from_ns(self._qualify.watermark_ns)
        columns, foreseen = self._foresee(to_ns(at))
        result.forecasts += [*self._verify.take(columns), *self._verify.tick(to_ns(at))]
        for finding in [*self._orphans, *silent, *foreseen]:
            self._hear(finding, at, result)
        self._orphans = []
        self._report(self._assess.expire(at), result)
        self._report(self._assess.settle(at), result)
        obeyed = (self.lifecycle.obey(order, at) for order in tick.orders)
        result.warnings += [report for report in obeyed if report]
        result.warnings += self.lifecycle.tick(at)
        return Outcome(result.frozen(), columns)

    def _foresee(self, now_ns: int) -> tuple[Columns, list[Finding]]:
        """Forecasts due by now, tested like any reading, and what the detectors make of them."""
        columns = self._forecast.tick(now_ns)
        if columns is None:
            return NO_COLUMNS, []
        normal = np.zeros(len(columns), np.uint8)
        checked = self._qualifier.feed(columns.slot, columns.at_ns, columns.value, columns.quality, normal)
        columns = replace(columns, quality=checked.quality)[checked.keep]
        found = in_order([*checked.findings, *self._detect.take(columns)])
        return columns, [finding for _, finding in found]

    def _hear(self, finding: Finding, at: datetime, result: _Collected) -> None:
        self._report(self._assess.expire(at), result)
        result.findings.append(finding)
        self._report(self._assess.take(finding, at), result)

    def _report(self, assessments: Iterable[Assessment], result: _Collected) -> None:
        for told in assessments:
            evidence = self._assess.open_findings(told.hazard, told.area)
            assessment = explained(told, evidence, self.plan.inventory, self._criteria)
            result.assessments.append(assessment)
            warning = self.lifecycle.take(assessment, evidence)
            if warning:
                result.warnings.append(warning)

    def snapshot(self) -> bytes:
        """All state between two entries."""
        state = _Snapshot(
            SNAPSHOT_VERSION,
            self._qualify.watermark_ns,
            self._qualifier.snapshot(),
            self._forecast.snapshot(),
            self._verify.snapshot(),
            {kind: bound.snapshot() for kind, bound in self._detect.bound.items()},
            self._assess.snapshot(),
            self.lifecycle.snapshot(),
        )
        return msgspec.msgpack.encode(state)

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote; detectors and sensors new since then start afresh.

        What those said that are gone, or that start afresh, nobody would ever take back: the next tick does.

        Raises:
            ValueError: bytes of another version of Forewarn, or no snapshot.
        """
        state = msgspec.msgpack.decode(data, type=_Snapshot)
        if state.version != SNAPSHOT_VERSION:
            raise ValueError(f"snapshot version {state.version}, this program reads {SNAPSHOT_VERSION}")
        self._qualify.watermark_ns = state.watermark_ns
        self._qualifier.restore(state.qualifier)
        self._forecast.restore(state.forecast)
        self._verify.restore(state.verify)
        for kind, bound in self._detect.bound.items():
            if kind in state.detectors:
                bound.restore(state.detectors[kind])
        self._assess.restore(state.assess)
        self.lifecycle.restore(state.lifecycle)
        watched = self._qualifier.open_ids().union(*(bound.open_ids() for bound in self._detect.bound.values()))
        self._orphans = [
            _ended(one, from_ns(state.watermark_ns)) for one in self._assess.held() if one.id not in watched
        ]

    def open_findings(self) -> list[Finding]:
        """All evidence that stands."""
        return self._assess.all_open()

    @property
    def watermark_ns(self) -> int:
        """The latest instant that the log has told of."""
        return self._qualify.watermark_ns

    @property
    def bytes_per_sensor(self) -> float:
        """State held per sensor, detectors and qualifier together."""
        held = sum(bound.bytes_per_subject * len(bound.subjects) for bound in self._detect.bound.values())
        return (held + self._qualifier.state_bytes) / max(len(self.plan.inventory.sensors), 1)


def _ended(finding: Finding, at: datetime) -> Finding:
    """Its last revision."""
    end = {"revision": finding.revision + 1, "state": FindingState.CLOSED, "level": Level.NONE, "at": at}
    return finding.model_copy(update=end)


class _Collected:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.assessments: list[Assessment] = []
        self.warnings: list[HazardWarning] = []
        self.forecasts: list[RainAhead] = []

    def frozen(self) -> Yield:
        return Yield(tuple(self.findings), tuple(self.assessments), tuple(self.warnings), tuple(self.forecasts))


NO_COLUMNS: Final = Columns(
    np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.float64), np.zeros(0, np.uint8)
)
