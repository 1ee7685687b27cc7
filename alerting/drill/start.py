"""Drills that are started here: what may be, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from alerting.drill.evaluation import Mode
from pipeline.model.instant import Instant


class BegunState(StrEnum):
    """ENDED: its evaluation is in the store. REFUSED: it was not held; the words say why. BROKEN: it broke off."""

    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"
    BROKEN = "broken"


class Begun(BaseModel):
    """One drill that somebody started."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    scenario: str
    mode: Mode
    by: str
    at: Instant
    state: BegunState = BegunState.RUNNING
    words: str = ""

    @classmethod
    def new(cls, scenario: str, mode: Mode, by: str, at: Instant) -> Self:
        """One that begins."""
        return cls(id=uuid4().hex, scenario=scenario, mode=mode, by=by, at=at)


class Drills(Protocol):
    """Who can hold drills."""

    @property
    def scenarios(self) -> Sequence[str]:
        """What may be started."""
        ...

    def begun(self) -> Sequence[Begun]:
        """What was started, by whom and where ever, the latest first."""
        ...

    def start(self, begun: Begun, note: Callable[[], object]) -> None:
        """Start one; `note` is called when nothing speaks against it, and before it begins.

        Raises:
            DutyError: there is no such scenario, another drill is still running, or it cannot be started.
        """
        ...

    def look(self, at: datetime) -> bool:
        """End what drills left in force that broke off; whether there was one."""
        ...
