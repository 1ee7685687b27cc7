"""What the public is told: a chain of reports on one hazard in one area."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField


class Report(StrEnum):
    """The place of a report in its chain; CAP msgType Alert, Update, Cancel."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    FINAL = "final"


class WarningStatus(StrEnum):
    """CAP status: only ACTUAL is for the public. SYSTEM: no warning, a message to one of those who work with it."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    TEST = "Test"
    SYSTEM = "System"


Language = Literal["zh-CN", "en-US"]


class PartNews(StrEnum):
    """What a report of several areas has to say of one of them; UPDATED: its onset, or its validity."""

    SAME = "same"
    JOINED = "joined"
    LEFT = "left"
    RAISED = "raised"
    LOWERED = "lowered"
    UPDATED = "updated"


class WarningText(BaseModel):
    """The words of one report in one language: what, where, when, what to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language
    event: str
    headline: str
    description: str
    instruction: str


class Part(BaseModel):
    """One area of a warning of several.

    Attributes:
        level: NONE where it is over in this area while it goes on in others.
        peak_level: the highest that this area was told.
        texts: the words of its all-clear, in the report that takes it out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: str
    level: LevelField
    peak_level: LevelField
    news: PartNews
    texts: tuple[WarningText, ...] = ()


class HazardWarning(BaseModel):
    """One report.

    Attributes:
        id: CAP identifier, a function of chain and number.
        chain: id of the chain, a function of hazard, area and the first report's instant.
        number: 1 for the first report, then upwards without a gap.
        references: ids of the earlier reports of the chain, with the instant each was sent.
        sent_at: when the report was decided; `expires_at`: after it nobody may be sent this report.
        first_evidence_at: when the earliest cited evidence began: the start of the lead-time clock.
        parts: the areas of a warning that stands for those of several areas, in the order they joined; `level` is
            then the highest of them and `area` the first. Empty where neighbours are not merged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    chain: str
    number: int = Field(ge=1)
    report: Report
    status: WarningStatus = WarningStatus.ACTUAL
    hazard: Hazard
    area: str
    level: LevelField
    peak_level: LevelField
    confidence: float = Field(ge=0, le=1)
    sent_at: Instant
    expires_at: Instant
    first_evidence_at: Instant
    expected_onset_at: Instant | None = None
    expected_onset_earliest_at: Instant | None = None
    expected_onset_latest_at: Instant | None = None
    references: tuple[tuple[str, Instant], ...] = ()
    assessment: str
    findings: tuple[str, ...]
    texts: tuple[WarningText, ...]
    parts: tuple[Part, ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        """Where it holds; of a final report, where it is over."""
        held = tuple(part.area for part in self.parts if part.level)
        return held or tuple(part.area for part in self.parts) or (self.area,)

    @property
    def left(self) -> tuple[Part, ...]:
        """The areas where it is over by this report while it goes on in others."""
        is_final = self.report is Report.FINAL
        return () if is_final else tuple(part for part in self.parts if part.news is PartNews.LEFT)

    @property
    def concerned(self) -> tuple[Part, ...]:
        """The areas that this report has something new to say of, each with its level and peak."""
        whole = Part(area=self.area, level=self.level, peak_level=self.peak_level, news=PartNews.UPDATED)
        return tuple(part for part in self.parts if part.news is not PartNews.SAME) or (whole,)
