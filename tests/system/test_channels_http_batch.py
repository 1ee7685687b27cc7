"""Channel http_batch against a real receiver; a provider's quota used to the full and never overdrawn."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from alerting.base import FailureReason
from alerting.channels.http_batch import HttpBatch, HttpBatchOptions
from alerting.channels.webhook import Webhook, WebhookOptions
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState
from tests.dispatch_rig import dispatching, queue, settled, states, until
from tests.http_sink import http_sink, stats
from tests.receivers import ANSWERS, Receiver, receiver
from tests.reports import delivery, later, message, warning

pytestmark = pytest.mark.system

NAMES = [f"head-{number}" for number in range(5)]


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def gateway(url: str, **options: Any) -> HttpBatch:
    settings = {"gateway": {"url": url}, "targets": {name: f"+86 {name}" for name in NAMES}, "timeout_s": 60, **options}
    return HttpBatch("duty", HttpBatchOptions.model_validate(settings))


def test_what_waits_goes_in_one_request_and_each_message_has_its_outcome(store: Store, server: Receiver) -> None:
    for name in NAMES:
        queue(store, warning(name), to=name)

    async def play() -> None:
        async with dispatching(store, gateway(server.url("ok"))):
            await until(lambda: settled(store))

    asyncio.run(play())
    (request,) = server.received
    told = {one["delivery"]: one["to"] for one in request.json()["messages"]}
    assert told == {delivery(warning(name), target=name).id: f"+86 {name}" for name in NAMES}
    assert states(store) == {DeliveryState.ACCEPTED: 5}
    assert {len(store.attempts(one.id)) for one in store.deliveries(9)} == {1}


def test_what_the_gateway_refuses_by_name_has_failed_and_the_rest_has_not(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (message(warning(name), delivery(warning(name), target=name)) for name in NAMES[:2])
    refused = {"refused": [{"delivery": second.delivery_id, "reason": "no such number"}]}
    monkeypatch.setitem(ANSWERS, "told", (200, {}, json.dumps(refused).encode()))
    outcomes = asyncio.run(gateway(server.url("told")).send_batch([(first, NAMES[0]), (second, NAMES[1])]))
    assert [(one.state, one.reason, one.detail) for one in outcomes] == [
        (DeliveryState.ACCEPTED, FailureReason.NONE, ""),
        (DeliveryState.FAILED, FailureReason.REFUSED, "no such number"),
    ]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("s500", FailureReason.PROVIDER),
        ("throttled", FailureReason.THROTTLED),
        ("s401", FailureReason.MISCONFIGURED),
        ("hang", FailureReason.TIMEOUT),
        ("reset", FailureReason.UNREACHABLE),
    ],
)
def test_a_request_that_fails_fails_all_of_its_messages(
    server: Receiver, behaviour: str, reason: FailureReason
) -> None:
    batch = [(message(warning(name), delivery(warning(name), target=name)), name) for name in NAMES]
    limit_s = 1 if behaviour == "hang" else 60
    outcomes = asyncio.run(gateway(server.url(behaviour), timeout_s=limit_s).send_batch(batch))
    assert [one.reason for one in outcomes] == [reason] * 5
    stranger = asyncio.run(gateway(server.url("ok")).send(batch[0][0], "nobody"))
    assert stranger.reason is FailureReason.MISCONFIGURED


def test_a_quota_is_used_to_the_full_and_never_overdrawn(store: Store) -> None:
    """The receiver takes 20 at once and 20 a second; 60 take 2 s, and none is answered 429."""
    with http_sink() as address:
        targets = {f"t{number}": {"url": f"{address}/quota"} for number in range(30)}
        options = {"targets": targets, "rate_per_s": 20, "burst": 20}
        channel = Webhook("duty", WebhookOptions.model_validate(options))
        for number in range(60):
            queue(store, warning(f"{number}", expires_at=later(1e9)), to=f"t{number % 30}")

        async def play() -> float:
            async with dispatching(store, channel, clock=SystemClock()):
                began_s = time.perf_counter()
                await until(lambda: settled(store))
                return time.perf_counter() - began_s

        took_s = asyncio.run(play())
        assert stats(address)["refused"] == 0
    assert states(store) == {DeliveryState.ACCEPTED: 60}
    assert took_s > 1.9


def test_a_receiver_that_says_later_holds_back_itself_alone(store: Store, server: Receiver) -> None:
    targets = {"busy": {"url": server.url("throttled")}, "free": {"url": server.url("created")}}
    channel = Webhook("duty", WebhookOptions.model_validate({"targets": targets}))
    for number in range(5):
        queue(store, warning(f"b{number}"), to="busy")
        queue(store, warning(f"f{number}"), to="free")

    async def play() -> None:
        async with dispatching(store, channel):
            await until(lambda: states(store).get(DeliveryState.ACCEPTED) == 5)
            await until(lambda: "/throttled" in [one.path for one in server.received])
            await asyncio.sleep(0.2)

    asyncio.run(play())
    assert [one.path for one in server.received].count("/throttled") == 1
