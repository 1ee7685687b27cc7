"""One message to one target by one channel, and what is known of its fate."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.audience import Audience
from pipeline.model.identity import content_id
from pipeline.model.instant import Instant


class DeliveryState(StrEnum):
    """Only ever what was evidenced, never inferred from HTTP 200."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    PLAYED = "played"
    FAILED = "failed"
    EXPIRED = "expired"


FINAL_STATES = frozenset(DeliveryState) - {DeliveryState.QUEUED}
"""States in which nothing more is sent. Later evidence may still turn ACCEPTED into DELIVERED."""


class Delivery(BaseModel):
    """One row of the outbox.

    Attributes:
        id: a function of warning, channel and target; a channel that can deduplicate is given it.
        audience: as whom the target is told; the release of the warning to this audience permits it.
        target: the name of the target in the configuration, never its address or a secret.
        attempts: how often it was tried; next_attempt_at: when it is due again, None once it is final.
        reason: why the last attempt failed, in words, "" if it did not.
        lifted: areas that the report takes out of its warning, of those that its target is told of.
        is_over: whether the warning goes on in none of those: its target is told the all-clear.
        note: words for this target alone, before the text of the report: a code to answer with, reports told along.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    warning: str
    audience: Audience = Audience.PUBLIC
    channel: str
    target: str
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = Field(default=0, ge=0)
    queued_at: Instant
    next_attempt_at: Instant | None
    finished_at: Instant | None = None
    reason: str = ""
    note: str = ""
    lifted: tuple[str, ...] = ()
    is_over: bool = False


def delivery_id(warning: str, channel: str, target: str) -> str:
    """The id of the delivery of one warning to one target by one channel."""
    return content_id("delivery", warning, channel, target)
