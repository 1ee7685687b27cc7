"""When a delivery is tried again, and when no more: pure, for the dispatcher waits, not this stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from alerting.base import RETRYABLE, FailureReason, Outcome
from alerting.due import Due
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.identity import content_id
from pipeline.model.instant import to_text


class RetryPolicy(BaseModel):
    """Waits grow by `factor` from `first_s` up to `max_s`, each shortened by up to the share `jitter`.

    Attributes:
        first_s: the wait after the first try.
        factor: by which each wait is longer than the one before.
        max_s: the longest wait.
        attempts: after so many tries it is given up.
        give_up_after_s: nothing is tried later than this after it was queued; None: until the warning expires.
        jitter: 0..1; drawn from delivery and attempt, so that targets that failed together come back spread out,
            and a replay makes the same plan.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_s: float = Field(default=2.0, gt=0)
    factor: float = Field(default=2.0, ge=1)
    max_s: float = Field(default=120.0, gt=0)
    attempts: int = Field(default=20, ge=1)
    give_up_after_s: float | None = Field(default=None, gt=0)
    jitter: float = Field(default=0.2, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Step:
    """What one try made of a delivery: QUEUED goes with the instant of the next try, every other state with None."""

    state: DeliveryState
    next_attempt_at: datetime | None = None
    reason: str = ""


def next_step(
    delivery: Delivery | Due, outcome: Outcome, expires_at: datetime, now: datetime, policy: RetryPolicy
) -> Step:
    """Where `delivery` stands after one more try that ended at `now` with `outcome`.

    `delivery` is as it was before the try: its `attempts` do not count it yet. From `expires_at` of its warning on,
    nothing is tried.
    """
    if outcome.reason is FailureReason.NONE:
        return Step(outcome.state)
    why = f"{outcome.reason}: {outcome.detail}" if outcome.detail else outcome.reason.value
    tries = delivery.attempts + 1
    if outcome.reason not in RETRYABLE:
        return Step(DeliveryState.FAILED, None, why)
    if tries >= policy.attempts:
        return Step(DeliveryState.FAILED, None, f"given up after {tries} tries; {why}")
    next_at = now + timedelta(seconds=wait_s(delivery.id, tries, outcome, policy))
    if next_at >= expires_at:
        return Step(DeliveryState.EXPIRED, None, f"the warning expires at {to_text(expires_at)}; {why}")
    if policy.give_up_after_s is not None and next_at > delivery.queued_at + timedelta(seconds=policy.give_up_after_s):
        return Step(DeliveryState.FAILED, None, f"given up {policy.give_up_after_s:g} s after it was queued; {why}")
    return Step(DeliveryState.QUEUED, next_at, why)


def expired(expires_at: datetime) -> Step:
    """What becomes of a delivery that came up only when its warning had expired."""
    return Step(DeliveryState.EXPIRED, None, f"the warning expired at {to_text(expires_at)} before it could be sent")


def wait_s(delivery_id: str, tries: int, outcome: Outcome, policy: RetryPolicy) -> float:
    """Seconds until the next try, never less than the provider asked for."""
    doublings = min(tries - 1, 64)  # factor ** 64 is past every max_s; more would overflow
    planned_s = min(policy.max_s, policy.first_s * policy.factor**doublings)
    planned_s *= 1 - policy.jitter * _share(delivery_id, tries)
    return max(planned_s, outcome.retry_after_s or 0.0)


def _share(delivery_id: str, tries: int) -> float:
    """A number in [0, 1) that only these two decide."""
    return int(content_id("jitter", delivery_id, tries), 16) / 16**20
