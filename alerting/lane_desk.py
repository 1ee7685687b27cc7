"""What all lanes of a dispatcher share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alerting.base import Message
from alerting.due import Due
from alerting.lease import Lease
from alerting.overlook import Overlook
from alerting.reports import Reports
from alerting.settler import Settler
from alerting.stages.retry import RetryPolicy
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Telemetry

MakeMessage = Callable[[HazardWarning, Due], Message]


@dataclass(frozen=True, slots=True)
class Desk:
    """Store, clock and helpers of one dispatcher; `drill_channels`: by which reports that are not actual may leave."""

    store: Store
    make_message: MakeMessage
    policy: RetryPolicy
    clock: Clock
    telemetry: Telemetry
    settler: Settler
    lease: Lease
    reports: Reports
    overlook: Overlook
    drill_channels: frozenset[str] = frozenset()
