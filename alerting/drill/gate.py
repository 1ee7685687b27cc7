"""What of an exercise may leave: by channels that the configuration names for drills, and by no other.

The last thing asked before anything is sent, whatever routes, calls or people said before.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, field_validator

from pipeline.model.warning import HazardWarning, WarningStatus


class DrillOptions(BaseModel):
    """`[drill]`.

    Attributes:
        channels: names of the channels by which reports of status Exercise or Test may leave. No public channel should
            be among them.
        scenarios: files of scenarios that may be started at the page and over HTTP; each goes by its name without
            folder and ending.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[str, ...] = ()
    scenarios: tuple[Path, ...] = ()

    @field_validator("scenarios")
    @classmethod
    def _names_differ(cls, scenarios: tuple[Path, ...]) -> tuple[Path, ...]:
        if len({one.stem for one in scenarios}) != len(scenarios):
            raise ValueError("two files of one name; rename one")
        return scenarios


_NO_EXERCISE: Final = frozenset({WarningStatus.ACTUAL, WarningStatus.SYSTEM})


def may_leave(report: HazardWarning, channel: str, drill_channels: Collection[str]) -> bool:
    """Whether a report may be sent by a channel."""
    return report.status in _NO_EXERCISE or channel in drill_channels


def refusal(report: HazardWarning, channel: str) -> str:
    """Why it was not sent, and what to do if it should have been."""
    return f"{report.status}: channel {channel!r} is not among [drill] channels"


def complaints(options: DrillOptions, channels: Collection[str]) -> list[str]:
    """Names that are no channel."""
    known = ", ".join(sorted(channels)) or "none"
    return [f"no channel {name!r}; known: {known}" for name in options.channels if name not in channels]
