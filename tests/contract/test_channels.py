"""The check-list of every registered channel, over real receivers. A new kind needs a row in BENCHES."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from alerting.base import Channel, FailureReason, Message, Outcome
from alerting.cap import to_cap
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.registry import Group, kinds, load
from tests.golden.cap.samples import INVENTORY, POLICY, life
from tests.receivers import HANGS_S, Receiver, closed_port, receiver
from tests.reports import delivery, message, warning

SECRET: Final = "T0pSecretT0ken"
SAMPLES: Final = Path(__file__).parents[2] / "deploy" / "samples" / "channels"
HUNG_S: Final = 0.5
"""How long a receiver that hangs is waited for; the others may take their time."""

Bench = Callable[[Receiver, Path, str], Any]
"""A target that behaves as asked: ok, s500, reset, refuse, hang."""


def apprise_target(server: Receiver, _: Path, behaviour: str) -> dict[str, str]:
    port = closed_port() if behaviour == "refuse" else server.port
    return {"url": f"json://user:{SECRET}@127.0.0.1:{port}/{behaviour}/{SECRET}?-key={SECRET}"}


def webhook_target(server: Receiver, _: Path, behaviour: str) -> dict[str, str]:
    port = closed_port() if behaviour == "refuse" else server.port
    return {"url": f"http://user:{SECRET}@127.0.0.1:{port}/{behaviour}/{SECRET}?key={SECRET}"}


def file_drop_target(_: Receiver, folder: Path, behaviour: str) -> str:
    if behaviour == "hang":  # the report's name is taken by a pipe that nobody writes to
        os.mkfifo(folder / f"{warning().id}.xml")
        return str(folder)
    return str(folder / ("drop" if behaviour == "ok" else "not there/neither"))


def robot_target(server: Receiver, folder: Path, behaviour: str) -> dict[str, Any]:
    return webhook_target(server, folder, behaviour) | {"secret": {"value": SECRET}}


BENCHES: Final[dict[str, Bench]] = {
    "apprise": apprise_target,
    "dingtalk": robot_target,
    "feishu": robot_target,
    "file_drop": file_drop_target,
    "gbt35965": webhook_target,
    "wecom": robot_target,
    "webhook": webhook_target,
}
ELSEWHERE: Final = {"aliyun_sms", "http_batch", "loudspeaker", "rtp_speaker", "smpp", "tencent_sms"}
"""Kinds whose targets share one server, which these benches cannot make behave: tests/system has their own."""
KINDS: Final = pytest.mark.parametrize("kind", sorted(BENCHES))
BEHAVIOURS: Final = ("ok", "s500", "reset", "refuse", "hang")


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def channel(kind: str, timeout_s: float = 60, **targets: Any) -> Channel:
    of_kind: type[Channel] = load(Group.CHANNELS, kind)
    options = of_kind.options_type.model_validate({"timeout_s": timeout_s, "targets": targets})
    return of_kind("duty", options)


def patience_s(behaviour: str) -> float:
    return HUNG_S if behaviour == "hang" else 60


def send(one: Channel, target: str = "chat") -> Outcome:
    return asyncio.run(one.send(told(), target))


def told() -> Message:
    """A message whose CAP document is one."""
    report = life(Hazard.FIRE)[0]
    return replace(message(warning(), delivery(warning(), "duty", "chat")), cap_xml=to_cap(report, INVENTORY, POLICY))


def test_every_registered_kind_is_on_the_list() -> None:
    assert sorted(BENCHES | dict.fromkeys(ELSEWHERE)) == kinds(Group.CHANNELS)


@pytest.mark.parametrize("kind", sorted(BENCHES | dict.fromkeys(ELSEWHERE)))
def test_the_sample_is_valid_as_it_stands(kind: str) -> None:
    (section,) = tomllib.loads((SAMPLES / f"{kind}.toml").read_text())["channels"].values()
    assert section.pop("kind") == kind
    assert load(Group.CHANNELS, kind).options_type.model_validate(section)


@KINDS
@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"timeout_s": 0}, {"max_concurrent": 0}, {"targets": {}}])
def test_options_that_cannot_be_are_refused(kind: str, wrong: dict[str, Any], server: Receiver, tmp_path: Path) -> None:
    options = {"targets": {"chat": BENCHES[kind](server, tmp_path, "ok")}}
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        load(Group.CHANNELS, kind).options_type.model_validate(options | wrong)


@KINDS
def test_targets_are_named_in_order(kind: str, server: Receiver, tmp_path: Path) -> None:
    target = BENCHES[kind](server, tmp_path, "ok")
    one = channel(kind, sms=target, chat=target)
    assert (one.name, list(one.targets)) == ("duty", ["chat", "sms"])


@KINDS
def test_making_a_channel_touches_nothing_outside(kind: str, server: Receiver, tmp_path: Path) -> None:
    channel(kind, chat=BENCHES[kind](server, tmp_path, "ok"))
    assert server.received == []
    assert list(tmp_path.iterdir()) == []


@KINDS
def test_a_target_that_takes_the_message(kind: str, server: Receiver, tmp_path: Path) -> None:
    outcome = send(channel(kind, chat=BENCHES[kind](server, tmp_path, "ok")))
    assert outcome.state in {DeliveryState.ACCEPTED, DeliveryState.DELIVERED}
    assert outcome.reason is FailureReason.NONE
    assert len(server.received) + len(list(tmp_path.glob("drop/*"))) == 1


@KINDS
@pytest.mark.parametrize("behaviour", BEHAVIOURS[1:])
def test_a_failure_is_an_outcome_with_a_reason(kind: str, behaviour: str, server: Receiver, tmp_path: Path) -> None:
    outcome = send(channel(kind, patience_s(behaviour), chat=BENCHES[kind](server, tmp_path, behaviour)))
    assert outcome.state is DeliveryState.FAILED
    expected = {"hang": FailureReason.TIMEOUT, "s500": FailureReason.PROVIDER}.get(behaviour, FailureReason.UNREACHABLE)
    assert outcome.reason is (FailureReason.UNREACHABLE if (kind, behaviour) == ("file_drop", "s500") else expected)


@KINDS
def test_a_hung_target_holds_up_nobody_else(kind: str, server: Receiver, tmp_path: Path) -> None:
    hung = BENCHES[kind](server, tmp_path, "hang")
    one = channel(kind, hung=hung, chat=BENCHES[kind](server, tmp_path, "ok"))

    async def both() -> Outcome:
        hanging = asyncio.create_task(one.send(told(), "hung"))
        await asyncio.sleep(0)
        quick = await one.send(told(), "chat")
        assert not hanging.done()
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        return quick

    assert asyncio.run(both()).reason is FailureReason.NONE


@KINDS
def test_a_target_that_does_not_exist_is_an_outcome(kind: str, server: Receiver, tmp_path: Path) -> None:
    outcome = send(channel(kind, chat=BENCHES[kind](server, tmp_path, "ok")), "fax")
    assert outcome.reason is FailureReason.MISCONFIGURED
    assert "no target 'fax' in channel 'duty'" in outcome.detail


@KINDS
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_secret_comes_out(
    kind: str, behaviour: str, server: Receiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    target = BENCHES[kind](server, tmp_path, behaviour)
    options = load(Group.CHANNELS, kind).options_type.model_validate({"targets": {"chat": target}})
    one = channel(kind, patience_s(behaviour), chat=target)
    outcome = send(one)
    for text in (
        repr(options),
        options.model_dump_json(),
        repr(one),
        str(vars(one.__class__)),
        repr(outcome),
        caplog.text,
    ):
        assert SECRET not in text


@KINDS
def test_no_secret_is_in_a_complaint_about_options(kind: str) -> None:
    target = {"url": f"json://{SECRET}@127.0.0.1/", "url_env": SECRET, "colour": SECRET}
    with pytest.raises(ValidationError) as caught:
        load(Group.CHANNELS, kind).options_type.model_validate({"targets": {"chat": target}})
    assert SECRET not in str(caught.value)


@KINDS
def test_a_hung_target_leaves_nothing_that_keeps_the_process(kind: str, server: Receiver, tmp_path: Path) -> None:
    before = threading.active_count()
    began_s = time.perf_counter()
    send(channel(kind, HUNG_S, chat=BENCHES[kind](server, tmp_path, "hang")))
    assert time.perf_counter() - began_s < HANGS_S, "it does not wait until the receiver lets go"
    left = [one for one in threading.enumerate()[before:] if not one.daemon]
    assert left == []
