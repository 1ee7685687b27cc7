"""Addresses with secrets, HTTP answers, calls in threads: what channels are made of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerting.base import FailureReason
from alerting.channels.apprise_log import reason_of
from alerting.channels.blocking import in_thread
from alerting.channels.http_answer import failure_reason, retry_after_s
from alerting.channels.secret_url import SecretUrl, redact
from pipeline.errors import ChannelError


def test_an_address_comes_from_one_of_three_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "chat.url"
    file.write_text("json://file\nsecond line\n")
    monkeypatch.setenv("CHAT_URL", " json://environment ")
    assert SecretUrl.model_validate({"url": "json://here"}).read("x") == "json://here"
    assert SecretUrl.model_validate({"url_env": "CHAT_URL"}).read("x") == "json://environment"
    assert SecretUrl.model_validate({"url_file": file}).read("x") == "json://file"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "exactly one of url, url_env and url_file, not none of them"),
        ({"url": "a", "url_env": "b"}, "not url and url_env"),
        ({"url": "a", "colour": "b"}, "Extra inputs"),
    ],
)
def test_no_address_and_two_addresses_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SecretUrl.model_validate(options)


@pytest.mark.parametrize(
    ("options", "content", "words"),
    [
        ({"url_env": "FOREWARN_NOT_SET"}, None, "target 'a': environment variable FOREWARN_NOT_SET is not set"),
        ({"url_file": "chat.url"}, None, "target 'a': cannot read .*chat.url: FileNotFoundError"),
        ({"url_file": "chat.url"}, b"\njson://second", "target 'a': the first line of .*chat.url is empty"),
        ({"url_file": "chat.url"}, b"\xff\xfe", "target 'a': cannot read .*chat.url: UnicodeDecodeError"),
    ],
)
def test_an_address_that_is_not_there_is_an_error_with_a_remedy(
    options: dict[str, str], content: bytes | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "chat.url").write_bytes(content)
    with pytest.raises(ChannelError, match=words):
        SecretUrl.model_validate(options).read("target 'a'")


@pytest.mark.parametrize(
    ("url", "text", "hidden"),
    [
        ("https://u:pw@h.org/x", "login u pw failed", "login *** *** failed"),
        ("https://h.org/hooks/t0ken9", "POST /hooks/t0ken9 failed", "POST /***/*** failed"),
        ("https://h.org/?key=abc%2Fdef", "key abc/def or abc%2Fdef", "key *** or ***"),
        ("tgram://123456789:AAbbCC/4711", "bot 123456789 AAbbCC chat 4711", "bot *** *** chat ***"),
        ("json://h.org/v1", "v1 said no", "v1 said no"),
        ("json://h.org", "to duty@example.org and +86 138-0000-0000", "to *** and ***"),
        ("json://h.org", "HTTP 503: busy for 30 s", "HTTP 503: busy for 30 s"),
        ("http://[bad", "anything bad", "***"),
    ],
)
def test_no_part_of_an_address_stays_in_a_text(url: str, text: str, hidden: str) -> None:
    assert redact(text, url) == hidden


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, FailureReason.NONE),
        (299, FailureReason.NONE),
        (301, FailureReason.MISCONFIGURED),
        (400, FailureReason.REFUSED),
        (403, FailureReason.MISCONFIGURED),
        (408, FailureReason.TIMEOUT),
        (413, FailureReason.REFUSED),
        (429, FailureReason.THROTTLED),
        (500, FailureReason.PROVIDER),
        (502, FailureReason.PROVIDER),
        (503, FailureReason.THROTTLED),
        (504, FailureReason.TIMEOUT),
    ],
)
def test_what_a_status_means(status: int, reason: FailureReason) -> None:
    assert failure_reason(status) is reason


NOON = "Fri, 01 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "9999999"}, 86_400.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "Fri, 01 May 2026 12:01:30 GMT", "date": NOON}, 90.0),
        ({"retry-after": "Fri, 01 May 2026 11:00:00 GMT", "date": NOON}, 0.0),
        ({"retry-after": "Fri, 01 May 2026 12:01:30 GMT"}, None),
        ({"retry-after": "Fri, 01 May 2026 12:01:30 GMT", "date": "Fri, 01 May 2026 12:00:00"}, None),
    ],
)
def test_how_long_a_provider_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["Failed to send: Too Many, error=429."], FailureReason.THROTTLED),
        (["Failed to send: status bad, error=200."], FailureReason.PROVIDER),
        (["Sending failed", "Socket Exception: {'x': (550, b'no such user')}"], FailureReason.REFUSED),
        (["Connection error", "Socket Exception: (535, b'bad credentials')"], FailureReason.MISCONFIGURED),
        (["Connection error", "Socket Exception: (421, b'busy')"], FailureReason.PROVIDER),
        (["A Connection error occurred", "Socket Exception: Read timed out."], FailureReason.TIMEOUT),
        (["A Connection error occurred"], FailureReason.UNREACHABLE),
        (["something else"], FailureReason.PROVIDER),
        ([], FailureReason.PROVIDER),
    ],
)
def test_what_the_lines_of_apprise_tell(lines: list[str], reason: FailureReason) -> None:
    assert reason_of(lines) is reason


def test_a_call_in_a_thread_gives_its_result_or_its_error() -> None:
    assert asyncio.run(in_thread(lambda: 7, 5)) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(lambda: 1 // 0, 5))
