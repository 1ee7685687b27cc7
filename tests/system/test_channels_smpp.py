"""SMS by a real SMS centre: parts, receipts, refusals, and what a receipt does to the delivery in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerting.base import FailureReason, Outcome, Receipt
from alerting.channels.smpp import Smpp, SmppOptions, validity
from alerting.channels.smpp_codes import receipt_of
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.errors import ChannelError
from pipeline.model.delivery import DeliveryState
from tests.dispatch_rig import dispatching, queue, states, until
from tests.receivers import closed_port
from tests.reports import delivery, message, warning
from tests.smsc import SmsCentre, sms_centre

pytestmark = pytest.mark.system

NUMBERS = {
    "duty": "+8613800000000",
    "throttled": "+8613800000058",
    "nobody": "+8613800000011",
    "fails": "+8613800000088",
    "hangs": "+8613800000099",
    "lost": "+8613800000077",
    "breaks": "+8613800000066",
}


@pytest.fixture(scope="module")
def centre() -> Iterator[SmsCentre]:
    with sms_centre() as one:
        yield one


def channel(port: int, **changes: Any) -> Smpp:
    options = {"host": "127.0.0.1", "port": port, "system_id": "forewarn", "password": {"value": "secret"}}
    return Smpp("sms", SmppOptions.model_validate(options | {"timeout_s": 60, "targets": NUMBERS} | changes))


def send(one: Smpp, *targets: str, body: str = "Leave by the north gate.") -> list[Outcome]:
    async def all_of_them() -> list[Outcome]:
        told = message(warning())
        words = type(told)(told.delivery_id, told.warning, told.cap_xml, told.title, body)
        try:
            return [await one.send(words, target) for target in targets]
        finally:
            one._drop()

    return asyncio.run(all_of_them())


def taken(centre: SmsCentre, outcome: Outcome) -> list[dict[str, Any]]:
    """The parts that it accepted, in the order of the references; it answers first, and says so then."""
    assert outcome.state is DeliveryState.ACCEPTED
    parts: dict[str, dict[str, Any]] = {}

    def is_told() -> bool:
        parts.update((one["id"], one) for one in centre.messages)
        return parts.keys() >= set(outcome.references)

    asyncio.run(until(is_told))
    return [parts[one] for one in outcome.references]


def test_a_long_text_in_chinese_goes_in_parts(centre: SmsCentre) -> None:
    text = "清风村火灾橙色预警，请立即沿北门撤离，关闭阀门，听从指挥。" * 3
    (outcome,) = send(channel(centre.port), "duty", body=text)
    parts = taken(centre, outcome)
    assert "".join(part["text"] for part in parts) == text
    assert [(part["coding"], part["receipt"], part["to"]) for part in parts] == [(8, 1, "8613800000000")] * 2
    assert [part["udh"][-4:] for part in parts] == ["0201", "0202"]


def test_the_centre_gives_it_up_when_the_report_expires(centre: SmsCentre) -> None:
    now = SystemClock().now()
    told = message(warning(expires_at=now + timedelta(hours=2, seconds=30)))

    async def run() -> Outcome:
        one = channel(centre.port)
        try:
            return await one.send(told, "duty")
        finally:
            one._drop()

    (part,) = taken(centre, asyncio.run(run()))
    left = datetime.fromisoformat(part["valid"]) - now
    assert timedelta(hours=2) < left < timedelta(hours=2, minutes=1)
    assert validity(3 * 86_400 + 3_661.9) == "000003010101000R"
    assert (validity(-5), validity(1e9)) == ("000000000001000R", "000203000000000R")


REFUSALS = [
    ("throttled", FailureReason.THROTTLED, 1.0),
    ("nobody", FailureReason.MISCONFIGURED, None),
    ("fails", FailureReason.PROVIDER, None),
    ("hangs", FailureReason.TIMEOUT, None),
    ("breaks", FailureReason.UNREACHABLE, None),
]


@pytest.mark.parametrize(("target", "reason", "wait_s"), REFUSALS)
def test_a_refusal_and_the_next_message(
    centre: SmsCentre, target: str, reason: FailureReason, wait_s: float | None
) -> None:
    limit_s = 3 if target == "hangs" else 60
    refused, accepted = send(channel(centre.port, timeout_s=limit_s), target, "duty")
    assert (refused.state, refused.reason, refused.retry_after_s) == (DeliveryState.FAILED, reason, wait_s)
    assert accepted.state is DeliveryState.ACCEPTED


def test_nobody_there_a_wrong_password_and_no_such_target(centre: SmsCentre) -> None:
    assert send(channel(closed_port()), "duty")[0].reason is FailureReason.UNREACHABLE
    (refused,) = send(channel(centre.port, password={"value": "guess5ome"}), "duty")
    assert refused.reason is FailureReason.PROVIDER
    assert "guess5ome" not in repr(refused)
    assert send(channel(centre.port), "fax")[0].reason is FailureReason.MISCONFIGURED


@pytest.mark.parametrize(
    ("target", "state", "reason"),
    [("duty", DeliveryState.DELIVERED, ""), ("lost", DeliveryState.FAILED, "not received: UNDELIV")],
)
def test_a_receipt_decides_what_became_of_it(
    centre: SmsCentre, tmp_path: Path, target: str, state: DeliveryState, reason: str
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    queue(store, warning(), to=target, channel="sms")

    async def run() -> None:
        async with dispatching(store, channel(centre.port)):
            await until(lambda: set(states(store)) == {state})
            await until(lambda: centre.said[-1].get("status") == 0)  # acknowledged, once it was kept

    asyncio.run(run())
    (row,) = store.deliveries(9)
    assert (row.state, row.reason) == (state, reason)
    assert len(store.receipts(row.id)) == 1
    (reached,) = store.ledger()[0].channels
    assert (reached.accepted_at is not None, reached.delivered_at is not None) == (True, not reason)
    store.close()


def test_a_receipt_that_nobody_keeps_is_not_acknowledged(centre: SmsCentre) -> None:
    answered: list[int] = []

    async def run() -> None:
        one = channel(centre.port)
        outcome = await one.send(message(warning(), delivery(warning(), "sms", "duty")), "duty")
        await until(lambda: any(said.get("receipt") in outcome.references for said in centre.said))
        answered.extend(said["status"] for said in centre.said if said.get("receipt") in outcome.references)
        one._drop()

    asyncio.run(run())
    assert answered
    assert 0 not in answered


def test_the_words_of_receipts() -> None:
    words = "id:0a sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:DELIVRD err:000 text:hello"
    assert receipt_of(words, None) == Receipt("0a", DeliveryState.DELIVERED, "DELIVRD")
    assert receipt_of(words, "7") == Receipt("7", DeliveryState.DELIVERED, "DELIVRD")
    assert receipt_of(words.replace("DELIVRD", "ACCEPTD"), None) is None
    assert receipt_of("good morning", None) is None
    assert receipt_of("stat:DELIVRD", None) is None


def test_telephones_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "telephones"
    file.write_text("wang +8613800000001\n\nli 13800000002\n")
    assert channel(9, targets={}, targets_file=file).targets == ("li", "wang")
    file.write_text("wang +8613800000001 home\n")
    with pytest.raises(ChannelError, match="entry 1: want a name"):
        channel(9, targets_file=file)
    with pytest.raises(ChannelError, match="'x': no telephone number") as told:
        channel(9, targets={"x": "Ms Wang"})
    assert "Wang" not in str(told.value)
    with pytest.raises(ValidationError, match="give targets"):
        channel(9, targets={})
