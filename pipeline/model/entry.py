"""What the log holds: readings, and ticks that carry time forward where nothing arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.model.assessment import Assessment
from pipeline.model.batch import ReadingBatch
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.order import Order
from pipeline.model.warning import HazardWarning


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has reached `at`: silence, hold-offs and renewals that were due by then are due now.

    Attributes:
        orders: what people ordered of warnings by then.
    """

    at: datetime
    orders: tuple[Order, ...] = ()


Entry = ReadingBatch | Tick


@dataclass(frozen=True, slots=True)
class Yield:
    """What the core made of one entry, each in the order it was decided; forecasts when issued and when due."""

    findings: Sequence[Finding] = field(default_factory=tuple)
    assessments: Sequence[Assessment] = field(default_factory=tuple)
    warnings: Sequence[HazardWarning] = field(default_factory=tuple)
    forecasts: Sequence[RainAhead] = field(default_factory=tuple)

    def __bool__(self) -> bool:
        return bool(self.findings or self.assessments or self.warnings or self.forecasts)
