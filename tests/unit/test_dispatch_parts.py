"""The queue of a lane, the bucket of a provider: small parts, each with its law."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerting.queue import Queue
from alerting.rate import Bucket
from pipeline.model.delivery import Delivery
from tests.reports import delivery, warning


def rows(*targets: str) -> list[Delivery]:
    return [delivery(warning(f"{number}"), target=target) for number, target in enumerate(targets)]


def test_one_a_target_at_a_time_in_the_order_given() -> None:
    queue = Queue()
    a1, a2, b, a3 = rows("a", "a", "b", "a")
    queue.refill([a1, a2, b, a3], full=False)
    assert [queue.pop(), queue.pop(), queue.pop()] == [a1, b, None]
    queue.free("a")
    assert [queue.pop(), queue.pop()] == [a2, None]
    queue.free("a")
    assert queue.pop() == a3


def test_what_is_freed_while_the_store_is_asked_is_not_forgotten() -> None:
    queue = Queue()
    a1, a2 = rows("a", "a")
    queue.refill([a1, a2], full=False)
    assert [queue.pop(), queue.pop()] == [a1, None]
    queue.asking()
    queue.free("a")
    queue.refill([], full=False)
    assert queue.pop() == a2
    queue.asking()
    queue.free("a")
    queue.refill([], full=False)
    assert queue.incomplete


def test_whoever_is_free_and_has_nothing_waiting_may_have_more_in_the_store() -> None:
    queue = Queue()
    queue.asking()
    queue.refill(rows("a"), full=False)
    assert not queue.incomplete
    queue.pop()
    queue.free("a")
    assert queue.incomplete


@given(
    st.floats(0.1, 1000),
    st.integers(1, 50),
    st.lists(st.floats(0, 3), min_size=1, max_size=200),
)
def test_a_bucket_is_never_overdrawn_and_is_used_to_the_full(rate: float, burst: int, pauses: list[float]) -> None:
    bucket, now_s = Bucket(rate, burst), 0.0
    for sent, pause_s in enumerate(pauses, 1):
        now_s += pause_s
        wait_s = bucket.wait_s(now_s)
        now_s += wait_s
        assert bucket.wait_s(now_s) == 0
        bucket.take(now_s)
        assert sent <= burst + now_s * rate + 1e-3
        assert wait_s <= 1 / rate + 1e-3


def test_a_batch_is_made_good_before_the_next() -> None:
    bucket = Bucket(10, 1)
    bucket.take(0, 5)
    assert 0.5 <= bucket.wait_s(0) < 0.51


def test_nothing_is_sent_before_the_provider_said_and_then_no_burst() -> None:
    bucket = Bucket(10, 20)
    bucket.take(0)
    bucket.close(7)
    assert bucket.wait_s(5) == 2
    assert bucket.wait_s(7) == 0
    free = Bucket(None, 1)
    free.close(3)
    assert (free.wait_s(1), free.wait_s(3)) == (2, 0)
