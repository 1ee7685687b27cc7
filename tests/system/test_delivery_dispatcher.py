"""The dispatcher over a real store: order, retries, time limits, stops. Time is moved by hand where it matters."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerting import lane
from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.runner import Dispatcher
from alerting.stages.retry import RetryPolicy, Step
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.clock import Clock, ManualClock, SystemClock
from pipeline.errors import StoreError
from pipeline.model.delivery import FINAL_STATES, Delivery, DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event, Telemetry
from tests.receivers import closed_port, receiver
from tests.reports import NOON, delivery, later, message, warning

pytestmark = pytest.mark.system

POLICY = RetryPolicy(first_s=1, factor=2, max_s=60, attempts=3, jitter=0)
ACCEPTED = Outcome(DeliveryState.ACCEPTED)
BUSY = failed(FailureReason.THROTTLED, "later", retry_after_s=30)


class Told(Channel):
    """A channel that answers as it was told, and keeps what it was given."""

    kind = "told"

    def __init__(self, answer: Callable[[str], Awaitable[Outcome]] | None = None, **options: Any) -> None:
        super().__init__("duty", ChannelOptions(**options))
        self._answer = answer
        self.sent: list[tuple[str, str]] = []

    @property
    def targets(self) -> Sequence[str]:
        return ("chat", "sms")

    async def send(self, message: Message, target: str) -> Outcome:
        self.sent.append((message.warning.id, target))
        return await self._answer(target) if self._answer else ACCEPTED


def make(report: HazardWarning, to: Delivery) -> Message:
    return message(report, to)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def queue(store: Store, *reports: HazardWarning, to: str = "chat", channel: str = "duty") -> None:
    rows = tuple(delivery(report, channel, to) for report in reports)
    store.save(Record(warnings=reports, deliveries=rows), NOON)


@asynccontextmanager
async def dispatching(
    store: Store,
    *channels: Channel,
    clock: Clock | None = None,
    telemetry: Telemetry | None = None,
    make_message: Callable[[HazardWarning, Delivery], Message] = make,
) -> AsyncIterator[Dispatcher]:
    named = {one.name: one for one in channels}
    one = Dispatcher(store, named, make_message, POLICY, clock or ManualClock(NOON), telemetry or Telemetry())
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        async with asyncio.timeout(10):
            await running


async def until(condition: Callable[[], bool], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  # what is waited for is in the database
            await asyncio.sleep(0.01)


def states(store: Store) -> dict[DeliveryState, int]:
    return dict(Counter(one.state for one in store.deliveries(9999)))


def settled(store: Store) -> bool:
    return set(states(store)) <= FINAL_STATES


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
    red, channel = warning("red", level=Level.RED), Told(lambda _: asyncio.sleep(0.1, ACCEPTED), max_concurrent=1)

    async def play() -> None:
        async with dispatching(store, channel) as one:
            await until(lambda: bool(channel.sent))
            queue(store, red, to="sms")
            one.wake()
            await until(lambda: settled(store))

    asyncio.run(play())
    assert [sent for sent, _ in channel.sent].index(red.id) == 1


def test_a_warning_saved_by_another_thread_wakes_the_dispatcher_at_once(store: Store) -> None:
    channel = Told()

    async def play() -> float:
        async with dispatching(store, channel, clock=ManualClock(later(1))) as one:
            await asyncio.sleep(0.2)

            def work() -> None:
                queue(store, warning())
                one.wake()

            began_s = asyncio.get_running_loop().time()
            threading.Thread(target=work).start()
            await until(lambda: bool(channel.sent))
            return asyncio.get_running_loop().time() - began_s

    assert asyncio.run(play()) < 1


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
            await until(lambda: settled(store), 5)

    asyncio.run(play())
    first, second = (row[0] for row in store.attempts(store.deliveries(9)[0].id))
    assert 1 <= (second - first).total_seconds() < 2


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


def test_a_hung_target_holds_up_nobody_else(store: Store) -> None:
    queue(store, *(warning(f"hung {n}") for n in range(20)), to="chat")
    queue(store, *(warning(f"fine {n}") for n in range(20)), to="sms")
    release = asyncio.Event()

    async def answer(target: str) -> Outcome:
        if target == "chat":
            await release.wait()
        return ACCEPTED

    channel = Told(answer, max_concurrent=2)

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: states(store)[DeliveryState.QUEUED] == 20)
            assert [target for _, target in channel.sent].count("chat") == 1
            release.set()
            await until(lambda: settled(store))

    asyncio.run(play())


def test_a_channel_that_never_answers_is_cut_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "GRACE_S", 0.1)
    queue(store, warning())
    channel = Told(lambda _: asyncio.sleep(60, ACCEPTED), timeout_s=0.1)

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: store.deliveries(9)[0].attempts == 1, 2)

    asyncio.run(play())
    assert store.deliveries(9)[0].reason == "timeout: no answer within 0.1 s"


@pytest.mark.parametrize("where", ["channel", "message"])
def test_a_defect_is_recorded_without_its_words_and_stops_nobody(
    store: Store, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = warning("bad", level=Level.RED), warning("good")
    queue(store, bad, good)
    secret = "T0pSecret"

    async def answer(_: str) -> Outcome:
        if where == "channel" and channel.sent[-1][0] == bad.id:
            raise ValueError(secret)
        return ACCEPTED

    def make_or_fail(report: HazardWarning, to: Delivery) -> Message:
        if where == "message" and report.id == bad.id:
            raise ValueError(secret)
        return make(report, to)

    channel = Told(answer)

    async def play() -> None:
        async with dispatching(store, channel, make_message=make_or_fail):
            await until(lambda: store.deliveries(9, warning=good.id)[0].state is DeliveryState.ACCEPTED)

    asyncio.run(play())
    (one,) = store.deliveries(9, warning=bad.id)
    assert (one.state, one.reason) == (DeliveryState.QUEUED, "internal: ValueError")
    assert "a defect: ValueError" in caplog.text
    assert secret not in caplog.text


def test_stopping_lets_what_is_in_flight_end_and_begins_nothing_more(store: Store) -> None:
    queue(store, *(warning(f"{n}") for n in range(5)))
    channel = Told(lambda _: asyncio.sleep(0.3, ACCEPTED))

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: bool(channel.sent))

    asyncio.run(play())
    assert states(store) == {DeliveryState.ACCEPTED: 1, DeliveryState.QUEUED: 4}


class Failing(Store):
    """A store whose disk is full for a while."""

    refusals = 2

    def settle(self, delivery_id: str, outcome: Outcome, step: Step, at: datetime) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreError("disk full")
        super().settle(delivery_id, outcome, step, at)


def test_an_outcome_waits_for_a_store_that_fails_and_is_not_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lane, "STORE_RETRY_S", 0.01)
    store, channel = Failing(f"sqlite:///{tmp_path / 'store.db'}"), Told()
    queue(store, warning())

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: settled(store))

    asyncio.run(play())
    store.close()
    assert len(channel.sent) == 1
    assert [record.levelname for record in caplog.records if record.name == lane.__name__] == ["ERROR", "WARNING"]


BEHAVIOURS = ("ok", "created", "s400", "s500", "throttled", "verdict-bad", "hang", "reset", "refuse", "moved")
EXPECTED = {DeliveryState.ACCEPTED: 40, DeliveryState.FAILED: 160}


def test_two_hundred_warnings_to_receivers_of_all_kinds_each_reach_an_end(store: Store) -> None:
    clock, telemetry = ManualClock(NOON), Telemetry()
    with receiver() as server:
        urls = {one: server.url(one) for one in BEHAVIOURS} | {"refuse": f"http://127.0.0.1:{closed_port()}/"}
        targets = {
            f"{behaviour}-{place}": {"url": url, "success_path": "errcode", "success_value": 0}
            if behaviour in {"ok", "verdict-bad"}
            else {"url": url}
            for behaviour, url in urls.items()
            for place in range(20)
        }
        options = WebhookOptions.model_validate({"timeout_s": 1, "max_concurrent": 50, "targets": targets})
        for number in range(200):
            queue(store, warning(f"{number}"), to=sorted(targets)[number % len(targets)])

        async def play() -> None:
            async with dispatching(store, Webhook("duty", options), clock=clock, telemetry=telemetry) as one:
                while not settled(store):
                    await asyncio.sleep(0.05)
                    clock.advance(1)
                    one.wake()

        asyncio.run(play())
    assert states(store) == EXPECTED
    tries = Counter({one.target.partition("-")[0]: one.attempts for one in store.deliveries(999)})
    assert tries["s500"] == tries["hang"] == tries["reset"] == tries["refuse"] == tries["throttled"] == POLICY.attempts
    recorded = sum(len(store.attempts(one.id)) for one in store.deliveries(999))
    assert recorded == telemetry.total("channels.duty", Event.SENT) + telemetry.total("channels.duty", Event.FAILED)
