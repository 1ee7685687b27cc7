"""What everything that people do at the duty desk begins from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from alerting.people.days import Days
from alerting.people.options import DutyOptions
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.errors import DutyError
from pipeline.model.instant import to_text

FAR: Final = timedelta(days=3660)
"""Ten years: an instant further off is a slip of the pen."""


class Office:
    """The store, who is who, and the clock. Each change is one transaction with its entry in the audit log."""

    def __init__(self, store: Store, duty: DutyOptions, days: Days, clock: Clock) -> None:
        self.store = store
        self.duty = duty
        self.days = days
        self.clock = clock


def require_near(now: datetime, *instants: datetime) -> None:
    """Refuse an instant that nobody means.

    Raises:
        DutyError: with the first that is too far off.
    """
    far = [at for at in instants if abs(at - now) > FAR]
    if far:
        raise DutyError(f"{to_text(far[0])} is more than ten years away; see the year")
