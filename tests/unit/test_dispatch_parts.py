"""The queue of a lane, the bucket of a provider: small parts, each with its law."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerting.due import Due
from alerting.queue import ENOUGH, HANGS_S, Queue
from alerting.rate import Bucket
from pipeline.model.audience import Audience


def rows(*targets: str) -> list[Due]:
    return [Due(f"{number}", "w", Audience.PUBLIC, target, 0, 0, "", 1, 1) for number, target in enumerate(targets)]


def test_one_a_target_at_a_time_in_the_order_given() -> None:
    queue = Queue()
    a1, a2, b, a3 = rows("a", "a", "b", "a")
    queue.refill([a1, a2, b, a3], full=False)
    assert [queue.pop(0), queue.pop(0), queue.pop(0)] == [a1, b, None]
    queue.free("a", 0)
    assert [queue.pop(0), queue.pop(0)] == [a2, None]
    queue.free("a", 0)
    assert queue.pop(0) == a3


def test_what_is_freed_while_the_store_is_asked_is_not_forgotten() -> None:
    queue = Queue()
    a1, a2 = rows("a", "a")
    queue.refill([a1, a2], full=False)
    assert [queue.pop(0), queue.pop(0)] == [a1, None]
    queue.asking(0)
    queue.free("a", 0)
    queue.refill([], full=False)
    assert queue.pop(0) == a2


def test_the_store_is_not_asked_for_more_of_a_busy_target_that_has_enough() -> None:
    queue = Queue()
    many = rows(*["hung"] * (ENOUGH + 5), "fine")
    assert not queue.asking(0)
    queue.refill(many, full=False)
    assert [queue.pop(0), queue.pop(0), queue.pop(0)] == [many[0], many[-1], None]
    assert (len(queue), queue.ids()) == (ENOUGH, {one.id for one in many[1:-1]})
    assert (set(queue.asking(0)), queue.incomplete) == ({"hung"}, False)
    queue.free("fine", 0)
    assert not queue.incomplete
    for one in many[1:-1]:
        queue.free("hung", 0)
        assert queue.pop(0) == one
    queue.free("hung", 0)
    assert (len(queue), queue.incomplete) == (0, True)


def test_the_store_is_not_asked_for_what_a_hanging_target_waits_for() -> None:
    queue = Queue()
    first, second, other = rows("hung", "hung", "fine")
    queue.refill([first, second, other], full=False)
    assert [queue.pop(0), queue.pop(0.2)] == [first, other]
    assert not queue.asking(HANGS_S)
    queue.clear()
    assert (set(queue.asking(HANGS_S + 0.1)), queue.incomplete) == ({"hung"}, False)
    queue.free("fine", 0)
    before = queue.incomplete
    queue.free("hung", 0)
    assert (before, queue.incomplete) == (False, True)
    assert not queue.asking(HANGS_S + 0.1)


def test_one_that_hung_the_last_time_is_taken_to_hang_until_it_does_not() -> None:
    queue = Queue()
    rest = rows("hung", "hung", "hung")
    for one, asked_s, freed_s in zip(rest, (0.0, 3.0, 6.0), (2.0, 3.1, 9.0), strict=True):
        queue.refill([one], full=False)
        assert queue.pop(asked_s) == one
        hung_before = asked_s == 3.0
        assert set(queue.asking(asked_s)) == ({"hung"} if hung_before else set())
        queue.free("hung", freed_s)
        assert queue.incomplete == hung_before


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["come", "pop", "free"])), max_size=80))
def test_however_targets_come_and_go_each_is_handed_out_once_in_order(steps: list[tuple[str, str]]) -> None:
    queue, sent, came, at_work = Queue(), [], [], set()
    for number, (target, step) in enumerate([*steps, *[(target, "end") for target in "abc"] * 80]):
        if step == "come":
            came.append(Due(f"{number}", "w", Audience.PUBLIC, target, 0, 0, "", 1, 1))
            queue.refill(came[-1:], full=False)
        elif step in {"pop", "end"} and (one := queue.pop(0)):
            assert one.target not in at_work
            at_work.add(one.target)
            sent.append(one)
        if step in {"free", "end"} and target in at_work:
            at_work.remove(target)
            queue.free(target, 0)
    for target in "abc":
        assert [one for one in sent if one.target == target] == [one for one in came if one.target == target]
    assert len(queue) == 0


@given(
    st.floats(0.1, 1000),
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=200),
)
def test_the_bucket_of_a_provider_is_never_overdrawn_however_late_messages_arrive(
    rate: float, burst: int, sends: list[tuple[float, float, float]]
) -> None:
    """Each send: the pause before it, how long it takes to arrive, how long its answer takes."""
    bucket, now_s = Bucket(rate, burst), 0.0
    arrivals: list[float] = []
    answers: list[float] = []
    for pause_s, there_s, back_s in sends:
        now_s += pause_s
        while True:
            for at_s in sorted(one for one in answers if one <= now_s):
                answers.remove(at_s)
                bucket.answered(at_s)
            wait_s = bucket.wait_s(now_s)
            if wait_s == 0:
                break
            now_s = min([now_s + wait_s, *answers])
        bucket.take()
        arrivals.append(now_s + there_s)
        answers.append(now_s + there_s + back_s)
    theirs, at_s = float(burst), 0.0
    for arrival_s in sorted(arrivals):
        theirs = min(burst, theirs + (arrival_s - at_s) * rate) - 1
        at_s = arrival_s
        assert theirs >= -1e-3


def test_a_bucket_is_used_to_the_full_where_answers_come_at_once() -> None:
    bucket, now_s = Bucket(20, 20), 0.0
    for _ in range(60):
        now_s += bucket.wait_s(now_s)
        bucket.take()
        bucket.answered(now_s)
    assert 2 <= now_s < 2.001


def test_a_batch_is_made_good_before_the_next() -> None:
    bucket = Bucket(10, 1)
    bucket.take(5)
    bucket.answered(0, 5)
    assert 0.5 <= bucket.wait_s(0) < 0.51


def test_nothing_is_sent_before_the_provider_said_and_then_no_burst() -> None:
    bucket = Bucket(10, 20)
    bucket.close(7)
    assert bucket.wait_s(5) == 2
    assert bucket.wait_s(7) == 0
    free = Bucket(None, 1)
    free.close(3)
    assert (free.wait_s(1), free.wait_s(3)) == (2, 0)
