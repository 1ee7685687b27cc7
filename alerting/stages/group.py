"""Grouping: lesser reports to one target within a short time become one message. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from alerting.stages.inhibit import InhibitRule
from alerting.stages.limit import LimitRule
from alerting.stages.merge import MergeOptions
from alerting.stages.scope import weight
from pipeline.model.audience import Audience
from pipeline.model.level import Level, LevelField
from pipeline.model.warning import HazardWarning, Report

NOTE_MAX = 600
"""Characters of reports told along: beyond it the next report is a message of its own."""


class RoutingOptions(BaseModel):
    """The `[routing]` section: what is not sent at once though a route leads there, and why.

    Attributes:
        group_s: how long lesser reports to one target of duty or maintenance are gathered into one message; 0: not.
        group_max_level: up to which level; what is above goes at once and alone.
        inhibit: the greater swallows the lesser.
        merge: neighbouring areas in the same danger are warned of together.
        limits: messages that one recipient is sent in a time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group_s: float = Field(default=0.0, ge=0)
    group_max_level: LevelField = Field(default=Level.BLUE, ge=Level.BLUE, le=Level.ORANGE)
    inhibit: tuple[InhibitRule, ...] = ()
    merge: MergeOptions = MergeOptions()
    limits: tuple[LimitRule, ...] = ()

    def groups(self, report: HazardWarning, audience: Audience) -> bool:
        """Whether a report waits for others to go with it. What the public is told is one report a message."""
        return report.report is not Report.FINAL and self.waits_s(weight(report), audience) > 0

    def waits_s(self, level: Level, audience: Audience) -> float:
        """How long a report of a level that goes on waits for others; 0: not."""
        return self.group_s if level <= self.group_max_level and audience is not Audience.PUBLIC else 0.0


def along(note: str, report: HazardWarning) -> str | None:
    """The note of a message with one more report told along; None: there is no room."""
    lines = [text.headline for text in report.texts]
    longer = "\n".join([*([note] if note else []), *lines])
    return longer if len(longer) <= NOTE_MAX else None
