"""The dispatcher among receivers that hang, fail and refuse, and over a store that does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from alerting import patience, trying
from alerting.base import Message, Outcome
from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.due import Due
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.errors import StoreError
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event, Telemetry
from tests.dispatch_rig import ACCEPTED, POLICY, Told, dispatching, make, queue, settled, states, until
from tests.receivers import closed_port, receiver
from tests.reports import NOON, later, warning

pytestmark = pytest.mark.system


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
    monkeypatch.setattr(trying, "GRACE_S", 0.1)
    queue(store, warning())
    channel = Told(lambda _: asyncio.sleep(3600, ACCEPTED), timeout_s=0.1)

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: store.deliveries(9)[0].attempts == 1)

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

    def make_or_fail(report: HazardWarning, to: Due) -> Message:
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
    answered = asyncio.Event()

    async def answer(_: str) -> Outcome:
        await answered.wait()
        return ACCEPTED

    channel = Told(answer)

    async def play() -> None:
        async with dispatching(store, channel) as one:
            await until(lambda: bool(channel.sent))
            one.stop()
            await asyncio.sleep(0)  # `stop` is heard before the answer
            answered.set()

    asyncio.run(play())
    assert states(store) == {DeliveryState.ACCEPTED: 1, DeliveryState.QUEUED: 4}


class Failing(Store):
    """A store whose disk is full for a while."""

    refusals = 2

    def settle(self, results: Sequence[Settled]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreError("disk full")
        super().settle(results)


def test_an_outcome_waits_for_a_store_that_fails_and_is_not_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "STORE_RETRY_S", 0.01)
    store, channel = Failing(f"sqlite:///{tmp_path / 'store.db'}"), Told()
    queue(store, warning())

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: settled(store))

    asyncio.run(play())
    store.close()
    assert len(channel.sent) == 1
    assert [record.levelname for record in caplog.records if record.name == patience.__name__] == ["ERROR", "WARNING"]


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
        hung = {name: targets.pop(name) for name in sorted(targets) if name.startswith("hang")}
        for name in (*hung, *targets):
            report = warning(name, expires_at=later(1e9))
            queue(store, report, to=name, channel="hung" if name in hung else "duty")
        channels = [
            Webhook(name, WebhookOptions.model_validate({"timeout_s": limit_s, "max_concurrent": 50, "targets": some}))
            for name, limit_s, some in (("duty", 60, targets), ("hung", 1, hung))
        ]

        async def play() -> None:
            async with dispatching(store, *channels, clock=clock, telemetry=telemetry) as one:
                while not settled(store):
                    await asyncio.sleep(0.05)
                    clock.advance(1)
                    one.wake()

        asyncio.run(play())
    assert states(store) == EXPECTED
    tries = Counter({one.target.partition("-")[0]: one.attempts for one in store.deliveries(999)})
    assert tries["s500"] == tries["hang"] == tries["reset"] == tries["refuse"] == tries["throttled"] == POLICY.attempts
    recorded = sum(len(store.attempts(one.id)) for one in store.deliveries(999))
    tried = [telemetry.total(f"channels.{one.name}", event) for one in channels for event in (Event.SENT, Event.FAILED)]
    assert recorded == sum(tried)
