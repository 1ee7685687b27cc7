"""What is known of each delivery of a warning, as coverage wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One target of one channel, over all reports of a chain but the final one.

    Attributes:
        accepted_at: when a provider first took a report for it; None: not yet.
        confirmed_at: when the target itself was first heard of (delivered, played, read, acknowledged).
        lost: whether what was accepted is known not to have arrived; is_open: whether it is still being tried.
    """

    channel: str
    target: str
    accepted_at: datetime | None = None
    confirmed_at: datetime | None = None
    lost: bool = False
    is_open: bool = False

    @property
    def expected_at(self) -> datetime | None:
        """When it may be taken to have arrived: confirmed, or accepted and not known to be lost."""
        if self.confirmed_at is not None:
            return min(self.confirmed_at, self.accepted_at or self.confirmed_at)
        return None if self.lost else self.accepted_at
