"""Drills that are started here: what may be, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from alerting.drill.evaluation import Mode
from pipeline.model.instant import Instant


class BegunState(StrEnum):
    """ENDED: its evaluation is in the store. REFUSED: it was not held, or broke off; the words say why."""

    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"


class Begun(BaseModel):
    """One drill that somebody started since this process began."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str
    mode: Mode
    by: str
    at: Instant
    state: BegunState = BegunState.RUNNING
    words: str = ""


class Drills(Protocol):
    """Who can hold drills."""

    @property
    def scenarios(self) -> Sequence[str]:
        """What may be started."""
        ...

    def begun(self) -> Sequence[Begun]:
        """What was started, the latest first."""
        ...

    def start(self, begun: Begun, note: Callable[[], object]) -> None:
        """Start one; `note` is called when nothing speaks against it, and before it begins.

        Raises:
            DutyError: there is no such scenario, another drill is still running, or it cannot be started.
        """
        ...
