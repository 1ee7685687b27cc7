"""What is saved at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.warning import HazardWarning


@dataclass(frozen=True, slots=True)
class Record:
    """What one step of the pipeline brought about. Whom its warnings reach is the outlet's to say."""

    findings: Sequence[Finding] = ()
    assessments: Sequence[Assessment] = ()
    warnings: Sequence[HazardWarning] = ()
    forecasts: Sequence[RainAhead] = ()

    def __bool__(self) -> bool:
        return bool(self.findings or self.assessments or self.warnings or self.forecasts)
