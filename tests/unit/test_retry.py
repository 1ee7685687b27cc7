from __future__ import annotations

from typing import Any

import pytest

from alerting.base import RETRYABLE, FailureReason, Outcome, failed
from alerting.stages.retry import RetryPolicy, Step, expired, next_step, wait_s
from pipeline.model.delivery import DeliveryState
from tests.reports import NOON, delivery, later, warning

PLAIN = RetryPolicy(first_s=2, factor=2, max_s=60, jitter=0)
ONE = delivery(warning())


def step(reason: FailureReason, *, tries: int = 1, retry_after_s: float | None = None, **policy: Any) -> Step:
    before = ONE.model_copy(update={"attempts": tries - 1})
    outcome = failed(reason, "words", retry_after_s)
    return next_step(before, outcome, later(3600), NOON, PLAIN.model_copy(update=policy))


@pytest.mark.parametrize("state", [DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED])
def test_what_succeeded_keeps_the_state_that_was_evidenced(state: DeliveryState) -> None:
    assert next_step(ONE, Outcome(state), later(3600), NOON, PLAIN) == Step(state)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (19, 60)])
def test_waits_grow_up_to_a_bound(tries: int, seconds: float) -> None:
    assert step(FailureReason.TIMEOUT, tries=tries) == Step(DeliveryState.QUEUED, later(seconds), "timeout: words")


@pytest.mark.parametrize("reason", sorted(RETRYABLE))
def test_what_may_pass_is_tried_again(reason: FailureReason) -> None:
    assert step(reason).state is DeliveryState.QUEUED


@pytest.mark.parametrize("reason", [FailureReason.REFUSED, FailureReason.MISCONFIGURED])
def test_what_will_not_get_better_fails_at_once(reason: FailureReason) -> None:
    assert step(reason) == Step(DeliveryState.FAILED, None, f"{reason}: words")


@pytest.mark.parametrize(("asked_s", "waited_s"), [(1.0, 2.0), (30.0, 30.0), (300.0, 300.0)])
def test_never_sooner_than_the_provider_asked(asked_s: float, waited_s: float) -> None:
    assert step(FailureReason.THROTTLED, retry_after_s=asked_s).next_attempt_at == later(waited_s)


def test_given_up_after_so_many_tries() -> None:
    assert step(FailureReason.TIMEOUT, tries=2, attempts=3).state is DeliveryState.QUEUED
    last = step(FailureReason.TIMEOUT, tries=3, attempts=3)
    assert last == Step(DeliveryState.FAILED, None, "given up after 3 tries; timeout: words")


def test_given_up_after_so_long() -> None:
    assert step(FailureReason.TIMEOUT, tries=3, give_up_after_s=8).state is DeliveryState.QUEUED
    late = step(FailureReason.TIMEOUT, tries=4, give_up_after_s=8)
    assert late == Step(DeliveryState.FAILED, None, "given up 8 s after it was queued; timeout: words")


def test_nothing_is_tried_from_the_warnings_expiry_on() -> None:
    before, at = later(2.1), later(2)
    assert next_step(ONE, failed(FailureReason.TIMEOUT, ""), before, NOON, PLAIN).state is DeliveryState.QUEUED
    end = next_step(ONE, failed(FailureReason.TIMEOUT, ""), at, NOON, PLAIN)
    assert end == Step(DeliveryState.EXPIRED, None, "the warning expires at 2026-05-01T12:00:02Z; timeout")


def test_a_delivery_that_came_up_too_late_says_so() -> None:
    words = "the warning expired at 2026-05-01T12:00:02Z before it could be sent"
    assert expired(later(2)) == Step(DeliveryState.EXPIRED, None, words)


def test_jitter_spreads_targets_that_failed_together() -> None:
    policy = RetryPolicy(first_s=100, max_s=100, jitter=0.5)
    waits = {wait_s(f"delivery-{n}", 1, failed(FailureReason.TIMEOUT, ""), policy) for n in range(50)}
    assert len(waits) == 50
    assert min(waits) < 60
    assert max(waits) > 90


def test_more_tries_than_a_float_can_double() -> None:
    assert wait_s("x", 5000, failed(FailureReason.TIMEOUT, ""), PLAIN) == 60
