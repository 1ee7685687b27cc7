"""Silences and maintenance windows: what people asked not to be sent, for a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from alerting.stages.route import Address
from alerting.stages.scope import Scope, concerns_any
from pipeline.model.audience import Audience
from pipeline.model.instant import Instant
from pipeline.model.level import Level, LevelField
from pipeline.model.warning import HazardWarning, Report

LONGEST: Final = timedelta(days=7)
"""Whoever wants it longer says so again: a silence that everybody forgot hides what nobody expects."""


class SilenceKind(StrEnum):
    """SILENCE: enough was said. MAINTENANCE: work is announced, its alarms mean nothing."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"


class Silence(Scope):
    """One silence. A warning of several areas is hidden where the silence takes all of them.

    Attributes:
        max_level: orange unless said otherwise: red gets through a silence that does not name it.
        audiences: whom it keeps from being told; empty for all.
        to: "channel/target" or "channel/*"; empty for all.
        begins_at, ends_at: it ends by itself, after seven days at the latest.
        by, reason: who set it, and why.
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    kind: SilenceKind = SilenceKind.SILENCE
    max_level: LevelField = Field(default=Level.ORANGE, ge=Level.BLUE)
    audiences: tuple[Audience, ...] = ()
    to: tuple[Address, ...] = ()
    begins_at: Instant
    ends_at: Instant
    by: str
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_soon(self) -> Self:
        if not self.begins_at < self.ends_at <= self.begins_at + LONGEST:
            raise ValueError("a silence ends after it begins, and within seven days")
        return self

    def hides(self, report: HazardWarning, audience: Audience, channel: str, target: str) -> bool:
        """Whether this report is kept from this target; an all-clear never is."""
        return (
            report.report is not Report.FINAL
            and self.takes(report)
            and all(concerns_any(area, self.areas) for area in report.areas)
            and (not self.audiences or audience in self.audiences)
            and (not self.to or bool({f"{channel}/{target}", f"{channel}/*"} & set(self.to)))
        )


def hidden_by(
    silences: Iterable[Silence], report: HazardWarning, audience: Audience, channel: str, target: str
) -> Silence | None:
    """Of the silences in force, the one that hides a report the longest; None: it is sent."""
    hiding = [one for one in silences if one.hides(report, audience, channel, target)]
    return max(hiding, key=lambda one: (one.ends_at, one.id), default=None)
