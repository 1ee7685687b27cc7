"""What the page wants of a runner: the embedded one has it, and the one behind Kafka."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from alerting.store.store import Store
from pipeline.config.config import Config
from pipeline.runners.live import Live
from pipeline.runners.staged_clock import StagedClock
from pipeline.telemetry import Telemetry


class Counted(NamedTuple):
    """The components whose counters say how many readings were received, and how many were taken in."""

    received: str
    processed: str


class Intake(Protocol):
    """What takes in."""

    @property
    def backlog(self) -> int:
        """How much waits."""
        ...


class Running(Protocol):
    """One process's parts."""

    @property
    def config(self) -> Config:
        """What it was told."""
        ...

    @property
    def store(self) -> Store:
        """Where results are kept."""
        ...

    @property
    def time(self) -> StagedClock:
        """The time as its deliveries have it."""
        ...

    @property
    def telemetry(self) -> Telemetry:
        """Its counters."""
        ...

    @property
    def live(self) -> Live:
        """What goes on just now."""
        ...

    @property
    def processor(self) -> Intake:
        """What takes in."""
        ...

    @property
    def counted(self) -> Counted:
        """Under which names its readings are counted."""
        ...
