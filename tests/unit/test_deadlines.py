"""Many time limits by one timer: each ends its own block and nothing else, as asyncio's own would."""

from __future__ import annotations

import asyncio
import time

import pytest

from alerting.deadline import Deadlines

FOR_EVER_S = 3600.0


def test_each_ends_when_its_own_time_is_over() -> None:
    async def one(limits: Deadlines, seconds: float) -> float:
        began_s = time.perf_counter()
        with pytest.raises(TimeoutError), limits.within(seconds):
            await asyncio.sleep(FOR_EVER_S)
        return time.perf_counter() - began_s - seconds

    async def play() -> list[float]:
        limits = Deadlines()
        long = asyncio.create_task(one(limits, FOR_EVER_S))
        await asyncio.sleep(0)
        late_s = await asyncio.gather(*(one(limits, seconds) for seconds in (0.2, 0.05, 0.1, 0.05)))
        assert not long.done()
        long.cancel()
        await asyncio.gather(long, return_exceptions=True)
        return late_s

    assert min(asyncio.run(play())) > -0.001


def test_what_ends_in_time_is_left_alone() -> None:
    async def play() -> int:
        limits = Deadlines()
        with limits.within(60):
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        time_s = loop.time
        loop.time = lambda: time_s() + 61  # type: ignore[method-assign]  # no test waits for so long
        await asyncio.sleep(0.01)
        current = asyncio.current_task()
        assert current is not None
        return current.cancelling()

    assert asyncio.run(play()) == 0


def test_who_cancels_means_it_also_where_time_ran_out_meanwhile() -> None:
    async def work(limits: Deadlines) -> None:
        with limits.within(0.02):
            await asyncio.sleep(FOR_EVER_S)

    async def play() -> None:
        task = asyncio.create_task(work(Deadlines()))
        await asyncio.sleep(0)
        time.sleep(0.05)  # noqa: ASYNC251  # its time runs out before anybody can look
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(play())


def test_an_inner_limit_leaves_the_outer_one_to_go_on() -> None:
    async def play() -> str:
        limits = Deadlines()
        with limits.within(FOR_EVER_S):
            try:
                with limits.within(0.02):
                    await asyncio.sleep(FOR_EVER_S)
            except TimeoutError:
                await asyncio.sleep(0.02)
                return "went on"
        return "ended"

    assert asyncio.run(play()) == "went on"


def test_a_new_event_loop_begins_anew() -> None:
    limits = Deadlines()

    async def play() -> None:
        with limits.within(0.02):
            await asyncio.sleep(FOR_EVER_S)

    for _ in range(2):
        with pytest.raises(TimeoutError):
            asyncio.run(play())
