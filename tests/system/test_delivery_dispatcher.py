"""The dispatcher over a real store: order, retries, time limits, stops. Time is moved by hand where it matters."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from alerting import lane
from alerting.base import FailureReason, Message, Outcome, failed
from alerting.due import Due
from alerting.store.store import Store
from pipeline.clock import ManualClock, SystemClock
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event, Telemetry
from tests.dispatch_rig import ACCEPTED, BUSY, Told, dispatching, queue, settled, until
from tests.reports import NOON, delivery, later, message, put, warning

pytestmark = pytest.mark.system


def test_what_is_queued_is_sent_and_recorded(store: Store) -> None:
    queue(store, warning())
    channel, telemetry = Told(), Telemetry()

    async def play() -> None:
        async with dispatching(store, channel, telemetry=telemetry):
            await until(lambda: settled(store))

    asyncio.run(play())
    (one,) = store.deliveries(9)
    assert (one.state, one.attempts, one.finished_at) == (DeliveryState.ACCEPTED, 1, NOON)
    assert [reached.accepted_at for entry in store.ledger() for reached in entry.channels] == [NOON]
    assert telemetry.counts() == {("channels.duty", Event.RECEIVED, ""): 1, ("channels.duty", Event.SENT, ""): 1}


def test_a_code_is_gone_from_the_store_when_it_was_sent(store: Store) -> None:
    report = warning()
    put(store, [report], [delivery(report, "duty", "chat", note="answer 123456")])
    told: list[str] = []

    def make(report: HazardWarning, to: Due) -> Message:
        told.append(to.note)
        return message(report, to)

    async def play() -> None:
        async with dispatching(store, Told(), make_message=make):
            await until(lambda: settled(store))

    asyncio.run(play())
    assert (told, store.deliveries(9)[0].note) == (["answer 123456"], "answer ******")


def test_the_worst_goes_first(store: Store) -> None:
    reports = [warning(level.word, level=level) for level in (Level.BLUE, Level.RED, Level.ORANGE, Level.YELLOW)]
    queue(store, *reports)
    channel = Told()

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: settled(store))

    asyncio.run(play())
    assert [sent for sent, _ in channel.sent] == [reports[place].id for place in (1, 2, 3, 0)]


def test_a_new_red_one_is_sent_before_blue_ones_that_wait(store: Store) -> None:
    for number in range(5):
        queue(store, warning(f"blue {number}", level=Level.BLUE), to=f"target-{number}")
    red, answered = warning("red", level=Level.RED), asyncio.Event()

    async def answer(_: str) -> Outcome:
        await answered.wait()
        return ACCEPTED

    channel = Told(answer, max_concurrent=1)

    async def play() -> None:
        async with dispatching(store, channel) as one:
            await until(lambda: bool(channel.sent))
            queue(store, red, to="sms")
            one.wake()
            await asyncio.sleep(0)  # `wake` is heard before the answer
            answered.set()
            await until(lambda: settled(store))

    asyncio.run(play())
    assert [sent for sent, _ in channel.sent].index(red.id) == 1


def test_the_next_report_of_a_chain_follows_when_its_forerunner_is_written(store: Store) -> None:
    reports = [warning("a", number, sent_at=NOON) for number in (1, 2, 3)]
    queue(store, *reports)
    channel = Told()
    channel.tells_repeats = True

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: settled(store))

    asyncio.run(play())
    assert [sent for sent, _ in channel.sent] == [report.id for report in reports]


class Watched(Store):
    """Notes how much was at hand whenever it was asked for more."""

    at_hand: ClassVar[list[int]] = []

    def claim(self, *arguments: Any, known: Collection[str] = (), **options: Any) -> tuple[Due, ...]:
        self.at_hand.append(len(known))
        return super().claim(*arguments, known=known, **options)


def test_more_is_fetched_before_the_last_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "AT_ONCE", (8, 8))
    store, channel = Watched(f"sqlite:///{tmp_path / 'store.db'}"), Told(max_concurrent=1)
    for number in range(40):
        queue(store, warning(f"{number}"), to=f"target-{number}")

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: settled(store))

    asyncio.run(play())
    store.close()
    assert len(channel.sent) == len(set(channel.sent)) == 40
    assert max(Watched.at_hand) > 2


def test_the_store_is_not_asked_after_each_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "LOOK_GAP_S", 3600.0)
    store = Watched(f"sqlite:///{tmp_path / 'store.db'}")
    for number in range(5):
        queue(store, warning(f"{number}"), to=f"target-{number}")
    Watched.at_hand.clear()

    async def play() -> None:
        async with dispatching(store, Told(max_concurrent=1)):
            await until(lambda: settled(store))

    asyncio.run(play())
    store.close()
    assert Watched.at_hand == [0]


def test_a_warning_saved_by_another_thread_wakes_the_dispatcher(store: Store) -> None:
    """Whose clock stands still: unless it is woken, it never looks."""
    channel = Told()

    async def play() -> None:
        async with dispatching(store, channel, clock=ManualClock(later(1))) as one:
            await asyncio.sleep(0.2)

            def work() -> None:
                queue(store, warning())
                one.wake()

            threading.Thread(target=work).start()
            await until(lambda: bool(channel.sent))

    asyncio.run(play())


def test_retries_keep_to_the_plan_and_to_what_the_provider_asked(store: Store) -> None:
    queue(store, warning())
    answers = iter([failed(FailureReason.TIMEOUT, ""), BUSY, ACCEPTED])
    clock, telemetry = ManualClock(NOON), Telemetry()
    channel = Told(lambda _: asyncio.sleep(0, next(answers)))

    async def play() -> list[datetime | None]:
        planned = []
        async with dispatching(store, channel, clock=clock, telemetry=telemetry) as one:
            for tries, seconds in ((1, 1), (2, 30), (3, 0)):
                await until(lambda tries=tries: store.deliveries(9)[0].attempts == tries)  # type: ignore[misc]  # bound now
                planned.append(store.deliveries(9)[0].next_attempt_at)
                await asyncio.sleep(0.05)
                assert len(channel.sent) == tries
                clock.advance(seconds)
                one.wake()
        return planned

    assert asyncio.run(play()) == [later(1), later(31), None]
    assert [row[1] for row in store.attempts(store.deliveries(9)[0].id)] == ["failed", "failed", "accepted"]
    assert telemetry.counts()[("channels.duty", Event.FAILED, "throttled")] == 1


def test_a_retry_comes_by_itself_when_it_is_due(store: Store) -> None:
    report = warning(sent_at=SystemClock().now(), expires_at=datetime(2099, 1, 1, tzinfo=NOON.tzinfo))
    queue(store, report)
    answers = iter([failed(FailureReason.TIMEOUT, "", retry_after_s=None), ACCEPTED])
    channel = Told(lambda _: asyncio.sleep(0, next(answers)))

    async def play() -> None:
        async with dispatching(store, channel, clock=SystemClock()):
            await until(lambda: settled(store))

    asyncio.run(play())
    first, second = (row[0] for row in store.attempts(store.deliveries(9)[0].id))
    assert 1 <= (second - first).total_seconds() < lane.LOOK_AGAIN_S, "when it was due, not at the next look"


def test_nobody_is_sent_a_warning_that_expired(store: Store) -> None:
    queue(store, warning())
    channel, telemetry = Told(), Telemetry()

    async def play() -> None:
        async with dispatching(store, channel, clock=ManualClock(later(3600)), telemetry=telemetry):
            await until(lambda: settled(store))

    asyncio.run(play())
    (one,) = store.deliveries(9)
    assert (one.state, one.attempts, channel.sent) == (DeliveryState.EXPIRED, 0, [])
    assert "expired at 2026-05-01T13:00:00Z" in one.reason
    assert telemetry.counts()[("channels.duty", Event.DROPPED, "expired")] == 1


def test_a_channel_that_is_gone_from_the_configuration_fails_its_deliveries(store: Store) -> None:
    queue(store, warning(), channel="fax")

    async def play() -> None:
        async with dispatching(store, Told()):
            await until(lambda: settled(store))

    asyncio.run(play())
    assert [one.reason for one in store.deliveries(9)] == ["channel 'fax' is not configured any more"]
