"""One POST of a channel, and what can be said of it before its words are understood."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import httpx
import msgspec

from alerting.base import FailureReason, Outcome, failed
from alerting.channels.http_answer import failure_reason, retry_after_s
from alerting.channels.secret_url import redact

DETAIL_MAX: Final = 300
_ANSWER_MAX: Final = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `words` is fit to be shown: cut, and without the parts of the address.

    `failure` is what the HTTP status alone says, NONE for 2xx.
    """

    body: bytes
    words: str
    failure: FailureReason
    retry_after_s: float | None

    def json(self) -> dict[str, Any]:
        """The answer as an object; empty where it is none."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}
        return found if isinstance(found, dict) else {}


async def post(url: str, content: bytes, headers: Mapping[str, str], timeout_s: float) -> Answer | Outcome:
    """POST and read at most 64 KiB of the answer; an Outcome where none came. Redirections are not followed."""
    _trust()  # made once, which takes its time: not that of a try
    try:
        async with asyncio.timeout(timeout_s):
            response, body = await _exchange(url, content, headers, timeout_s)
    except (TimeoutError, httpx.TimeoutException):
        return failed(FailureReason.TIMEOUT, f"no answer within {timeout_s:g} s")
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        return failed(FailureReason.MISCONFIGURED, "the address is no http or https URL")
    except httpx.HTTPError as error:
        return failed(FailureReason.UNREACHABLE, redact(f"{type(error).__name__}: {error}", url))
    return answered(response.status_code, response.headers, body, url)


def answered(status: int, headers: Mapping[str, str], body: bytes, url: str) -> Answer:
    """What an exchange that went well comes to."""
    text = body[: 4 * DETAIL_MAX].decode(errors="replace")[:DETAIL_MAX]
    words = _shown(f"HTTP {status}: {text}".rstrip(": "), url)
    return Answer(body, words, failure_reason(status), retry_after_s(headers))


async def _exchange(
    url: str, content: bytes, headers: Mapping[str, str], timeout_s: float
) -> tuple[httpx.Response, bytes]:
    async with (
        httpx.AsyncClient(timeout=timeout_s, verify=_trust()) as client,
        client.stream("POST", url, content=content, headers=headers) as response,
    ):
        answer = bytearray()
        async for part in response.aiter_bytes():
            answer += part
            if len(answer) > _ANSWER_MAX:
                break
        return response, bytes(answer)


_shown = lru_cache(maxsize=1000)(redact)
"""Most receivers always answer the same."""


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
