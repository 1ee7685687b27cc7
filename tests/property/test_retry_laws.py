from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerting.base import RETRYABLE, FailureReason, failed
from alerting.stages.retry import RetryPolicy, next_step, wait_s
from pipeline.model.delivery import FINAL_STATES, DeliveryState
from tests.reports import NOON, delivery, later, warning

POLICIES = st.builds(
    RetryPolicy,
    first_s=st.floats(0.001, 1e4),
    factor=st.floats(1, 10),
    max_s=st.floats(0.001, 1e5),
    attempts=st.integers(1, 200),
    give_up_after_s=st.none() | st.floats(1, 1e6),
    jitter=st.floats(0, 1),
)
ASKED = st.none() | st.floats(0, 1e5)
REASONS = st.sampled_from([reason for reason in FailureReason if reason])


@given(policy=POLICIES, tries=st.integers(1, 10_000), asked_s=ASKED, name=st.text(max_size=20))
def test_a_wait_is_bounded_repeatable_and_never_shorter_than_asked(
    policy: RetryPolicy, tries: int, asked_s: float | None, name: str
) -> None:
    outcome = failed(FailureReason.THROTTLED, "", asked_s)
    waited_s = wait_s(name, tries, outcome, policy)
    assert waited_s == wait_s(name, tries, outcome, policy)
    assert (asked_s or 0) <= waited_s <= max(policy.max_s, asked_s or 0)


@given(policy=POLICIES, reason=REASONS, tries=st.integers(0, 300), asked_s=ASKED, valid_s=st.floats(0, 1e5))
def test_a_failed_try_ends_or_is_repeated_before_the_expiry(
    policy: RetryPolicy, reason: FailureReason, tries: int, asked_s: float | None, valid_s: float
) -> None:
    before = delivery(warning(), attempts=tries)
    step = next_step(before, failed(reason, "", asked_s), later(valid_s), NOON, policy)
    if step.next_attempt_at is None:
        assert step.state in FINAL_STATES
        assert step.reason
    else:
        assert step.state is DeliveryState.QUEUED
        assert reason in RETRYABLE
        assert NOON <= step.next_attempt_at < later(valid_s)
        assert tries + 1 < policy.attempts


@given(policy=POLICIES)
def test_every_delivery_comes_to_an_end(policy: RetryPolicy) -> None:
    one, now, expires_at = delivery(warning()), NOON, later(1e9)
    for tries in range(policy.attempts):
        step = next_step(
            one.model_copy(update={"attempts": tries}), failed(FailureReason.TIMEOUT, ""), expires_at, now, policy
        )
        if step.next_attempt_at is None:
            return
        now = step.next_attempt_at
    raise AssertionError(policy)
