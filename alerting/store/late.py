"""What is the most urgent of what waits in a channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from alerting.store.outbox import QUEUED
from alerting.store.schema import deliveries, warnings
from pipeline.model.audience import Audience
from pipeline.model.instant import to_ns
from pipeline.model.warning import HazardWarning


def most_urgent(connection: Connection, channel: str, now: datetime) -> tuple[HazardWarning, Audience] | None:
    """The gravest report that is due in a channel, of equals the one that expires first; None: nothing is due."""
    is_due = (QUEUED, deliveries.c.channel == channel, deliveries.c.next_attempt_at_ns <= to_ns(now))
    query = (
        select(warnings.c.document, deliveries.c.audience)
        .join(deliveries, deliveries.c.warning == warnings.c.id)
        .where(*is_due)
        .order_by(deliveries.c.level.desc(), warnings.c.expires_at_ns, warnings.c.id)
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else (HazardWarning.model_validate_json(row.document), Audience(row.audience))
