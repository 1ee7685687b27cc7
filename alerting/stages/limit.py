"""Limits: how many messages one recipient is sent in a time, so that what counts is not lost among them. Pure.

Only messages of the same or a higher level count against one, so that no number of lesser ones holds back a higher.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.level import Level, LevelField


class LimitRule(BaseModel):
    """One `[[routing.limits]]`.

    Attributes:
        channels: whose targets it protects; empty for all.
        count: messages to one target in any `window_s`.
        window_s: in how long a time.
        max_level: up to which level messages wait their turn; what is above is never held back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[str, ...] = ()
    count: int = Field(ge=1)
    window_s: float = Field(default=3600.0, gt=0)
    max_level: LevelField = Field(default=Level.ORANGE, ge=Level.BLUE, le=Level.ORANGE)


def free_at(
    rules: Sequence[LimitRule], channel: str, level: Level, sent: Iterable[tuple[datetime, Level]], now: datetime
) -> datetime | None:
    """When a message may be queued for a target that was `sent` others; None: now."""
    heavy = sorted(at for at, other in sent if other >= level)
    waits = [
        recent[-rule.count] + window
        for rule in rules
        if level <= rule.max_level and (not rule.channels or channel in rule.channels)
        for window in (timedelta(seconds=rule.window_s),)
        if len(recent := [at for at in heavy if at > now - window]) >= rule.count
    ]
    return max(waits, default=None)
