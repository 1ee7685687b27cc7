"""What each kind of receiver makes of a message: chat, SMS gateway, mail, web hook, folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace
from typing import Any

import apprise.url
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerting.base import FailureReason, Outcome
from alerting.channels.apprise import AppriseChannel, AppriseOptions
from alerting.channels.webhook import Webhook, WebhookOptions
from pipeline.errors import ChannelError
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import Report
from tests.receivers import Receiver, closed_port, receiver
from tests.reports import message, warning

pytestmark = pytest.mark.system

HUNG_S = 3.0
"""Enough for a request to arrive even on a machine that stalls."""


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def by_apprise(url: str, timeout_s: float = 60, **changes: Any) -> Outcome:
    options = AppriseOptions.model_validate({"timeout_s": timeout_s, "targets": {"chat": {"url": url}}})
    return asyncio.run(AppriseChannel("duty", options).send(message(warning(**changes)), "chat"))


def by_webhook(url: str, timeout_s: float = 60, **options: Any) -> Outcome:
    made = WebhookOptions.model_validate({"timeout_s": timeout_s, "targets": {"chat": {"url": url} | options}})
    return asyncio.run(Webhook("duty", made).send(message(warning()), "chat"))


def test_a_chat_gets_title_and_words(server: Receiver) -> None:
    server.behaviour = "ok"
    outcome = by_apprise(f"mmost://forewarn@127.0.0.1:{server.port}/3ccdd113474722377935511fc85d3dd4")
    assert (outcome.state, outcome.reason) == (DeliveryState.ACCEPTED, FailureReason.NONE)
    (one,) = server.received
    assert one.path == "/hooks/3ccdd113474722377935511fc85d3dd4"
    assert "Fire, orange" in one.json()["text"]
    assert "Leave by the north gate." in one.json()["text"]


def test_an_sms_gateway_gets_the_number_and_the_words(server: Receiver) -> None:
    server.behaviour = "ok"
    outcome = by_apprise(f"smseagle://t0ken@127.0.0.1:{server.port}/13800000000")
    assert outcome.state is DeliveryState.ACCEPTED
    params = server.received[0].json()["params"]
    assert params["to"] == "13800000000"
    assert "Leave by the north gate." in params["message"]


@pytest.mark.parametrize(("report", "kind"), [(Report.FIRST, "warning"), (Report.FINAL, "info")])
def test_the_last_report_is_no_warning(server: Receiver, report: Report, kind: str) -> None:
    by_apprise(server.url("ok", "json"), report=report)
    assert server.received[0].json()["type"] == kind


APPRISE_FAILURES = {
    "s400": FailureReason.REFUSED,
    "s401": FailureReason.MISCONFIGURED,
    "s404": FailureReason.MISCONFIGURED,
    "s500": FailureReason.PROVIDER,
    "s503": FailureReason.THROTTLED,
    "throttled": FailureReason.THROTTLED,
    "reset": FailureReason.UNREACHABLE,
    "hang": FailureReason.TIMEOUT,
}


@pytest.mark.parametrize("behaviour", APPRISE_FAILURES)
def test_why_a_chat_did_not_take_it(server: Receiver, behaviour: str) -> None:
    server.behaviour = behaviour
    limit_s = HUNG_S if behaviour == "hang" else 60
    outcome = by_apprise(f"mmost://127.0.0.1:{server.port}/3ccdd113474722377935511fc85d3dd4", limit_s)
    assert (outcome.state, outcome.reason) == (DeliveryState.FAILED, APPRISE_FAILURES[behaviour])
    assert outcome.detail
    assert len(server.received) == 1


def test_an_sms_gateway_that_says_no_inside_a_200_has_failed(server: Receiver) -> None:
    server.behaviour = "verdict-bad"
    outcome = by_apprise(f"smseagle://t0ken@127.0.0.1:{server.port}/13800000000")
    assert (outcome.state, outcome.reason) == (DeliveryState.FAILED, FailureReason.PROVIDER)
    assert "13800000000" not in outcome.detail
    assert "t0ken" not in outcome.detail


def test_apprise_does_not_wait_between_the_numbers_of_one_target(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.behaviour = "ok"
    waited: list[float] = []
    monkeypatch.setattr(apprise.url, "time", SimpleNamespace(sleep=waited.append))
    outcome = by_apprise(f"smseagle://t0ken@127.0.0.1:{server.port}/13800000000/13900000000")
    assert outcome.state is DeliveryState.ACCEPTED
    assert waited == []
    assert [one.json()["params"]["to"] for one in server.received] == ["13800000000", "13900000000"]


class Mailbox:
    """Keeps mail, or answers RCPT with the reply it was given."""

    def __init__(self, reply: str = "") -> None:
        self.reply = reply
        self.mails: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        del server, session, rcpt_options
        if self.reply:
            return self.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        del server, session
        self.mails.append(envelope)
        return "250 OK"


@contextmanager
def mail_server(reply: str = "") -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox(reply)
    port = closed_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"mailto://127.0.0.1:{port}/?from=forewarn@example.org&to=duty@example.org&format=text"
    finally:
        controller.stop()


def test_mail_arrives_with_subject_and_words() -> None:
    with mail_server() as (box, url):
        outcome = by_apprise(url)
    assert outcome.state is DeliveryState.ACCEPTED
    (mail,) = box.mails
    assert isinstance(mail.content, bytes)
    parsed = message_from_bytes(mail.content, policy=default)
    body = parsed.get_body(("plain",))
    assert mail.rcpt_tos == ["duty@example.org"]
    assert parsed["Subject"] == "Fire, orange"
    assert body is not None
    assert "Leave by the north gate." in body.get_content()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [("550 no such user", FailureReason.REFUSED), ("451 come back later", FailureReason.PROVIDER)],
)
def test_mail_that_is_not_taken(reply: str, reason: FailureReason) -> None:
    with mail_server(reply) as (_, url):
        outcome = by_apprise(url)
    assert (outcome.state, outcome.reason) == (DeliveryState.FAILED, reason)
    assert "duty@example.org" not in outcome.detail


def test_mail_to_nobody_there() -> None:
    outcome = by_apprise(f"mailto://127.0.0.1:{closed_port()}/?from=forewarn@example.org&to=duty@example.org")
    assert outcome.reason is FailureReason.UNREACHABLE


def test_an_address_that_apprise_does_not_know_stops_the_start() -> None:
    with pytest.raises(ChannelError, match="channel 'duty', target 'chat': Apprise cannot use") as caught:
        by_apprise("nonsense://S3cret@example.org")
    assert "S3cret" not in str(caught.value)


def test_a_web_hook_gets_cap_and_a_key_to_tell_repeats_by(server: Receiver) -> None:
    outcome = by_webhook(server.url("ok"))
    (one,) = server.received
    assert outcome.state is DeliveryState.ACCEPTED
    assert one.headers["content-type"] == "application/cap+xml; charset=utf-8"
    assert one.headers["idempotency-key"] == message(warning()).delivery_id
    assert one.body == message(warning()).cap_xml


def test_a_web_hook_gets_json_if_asked(server: Receiver) -> None:
    by_webhook(server.url("created"), form="json")
    (one,) = server.received
    sent = one.json()
    assert one.headers["content-type"] == "application/json"
    assert (sent["delivery"], sent["title"]) == (message(warning()).delivery_id, "Fire, orange")
    assert sent["warning"] == warning().model_dump(mode="json")


@pytest.mark.parametrize(
    ("behaviour", "reason", "retry_after_s"),
    [
        ("moved", FailureReason.MISCONFIGURED, None),
        ("s400", FailureReason.REFUSED, None),
        ("s401", FailureReason.MISCONFIGURED, None),
        ("s404", FailureReason.MISCONFIGURED, None),
        ("s500", FailureReason.PROVIDER, None),
        ("s503", FailureReason.THROTTLED, 3.0),
        ("throttled", FailureReason.THROTTLED, 7.0),
        ("reset", FailureReason.UNREACHABLE, None),
        ("hang", FailureReason.TIMEOUT, None),
    ],
)
def test_why_a_web_hook_did_not_take_it(
    server: Receiver, behaviour: str, reason: FailureReason, retry_after_s: float | None
) -> None:
    outcome = by_webhook(server.url(behaviour), HUNG_S if behaviour == "hang" else 60)
    assert (outcome.state, outcome.reason, outcome.retry_after_s) == (DeliveryState.FAILED, reason, retry_after_s)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("behaviour", "path", "value", "reason"),
    [
        ("ok", "errcode", 0, FailureReason.NONE),
        ("ok", "errcode", "0", FailureReason.NONE),
        ("ok", "result.status", "ok", FailureReason.NONE),
        ("verdict-bad", "errcode", 0, FailureReason.PROVIDER),
        ("verdict-bad", "result.status", "ok", FailureReason.PROVIDER),
        ("ok", "errcode.deeper", 0, FailureReason.PROVIDER),
        ("ok", "absent", 0, FailureReason.PROVIDER),
        ("no-json", "errcode", 0, FailureReason.PROVIDER),
    ],
)
def test_a_verdict_inside_a_200_is_read(
    server: Receiver, behaviour: str, path: str, value: str | int, reason: FailureReason
) -> None:
    outcome = by_webhook(server.url(behaviour), success_path=path, success_value=value)
    assert outcome.reason is reason
    assert outcome.state is (DeliveryState.FAILED if reason else DeliveryState.ACCEPTED)


def test_a_verdict_nobody_asked_for_is_not_read(server: Receiver) -> None:
    assert by_webhook(server.url("verdict-bad")).state is DeliveryState.ACCEPTED


def test_an_address_that_is_no_web_address(server: Receiver) -> None:
    assert by_webhook(f"ftp://127.0.0.1:{server.port}/").reason is FailureReason.MISCONFIGURED
