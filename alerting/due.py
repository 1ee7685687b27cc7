"""A delivery as a dispatcher sees it: what has to be known to send it, and light, for there are many."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pipeline.model.audience import Audience
from pipeline.model.instant import from_ns


class Due(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Fields as those of `Delivery`, which is checked; this one came from the store, which holds checked ones."""

    id: str
    warning: str
    audience: Audience
    target: str
    attempts: int
    queued_at_ns: int
    note: str
    level: int
    number: int
    lifted: str = ""
    is_over: int = 0

    @property
    def queued_at(self) -> datetime:
        """Since when it waits."""
        return from_ns(self.queued_at_ns)
