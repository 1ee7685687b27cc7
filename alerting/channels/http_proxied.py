"""A POST over a proxy, by httpx: it knows their dialects, and makes a connection for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

from alerting.base import FailureReason, Outcome, failed
from alerting.channels.http_answer import Answer, answered
from alerting.channels.http_connections import trust
from alerting.channels.http_response import BODY_MAX, Response
from alerting.channels.secret_url import redact


async def post_by_proxy(url: str, content: bytes, headers: Mapping[str, str], timeout_s: float) -> Answer | Outcome:
    """POST and read at most 64 KiB of the answer; an Outcome where none came. Redirections are not followed."""
    trust()  # made once, which takes its time: not that of a try
    try:
        async with asyncio.timeout(timeout_s):
            found = await _exchange(url, content, headers, timeout_s)
    except (TimeoutError, httpx.TimeoutException):
        return failed(FailureReason.TIMEOUT, f"no answer within {timeout_s:g} s")
    except httpx.HTTPError as error:
        return failed(FailureReason.UNREACHABLE, redact(f"{type(error).__name__}: {error}", url))
    return answered(found, url)


async def _exchange(url: str, content: bytes, headers: Mapping[str, str], timeout_s: float) -> Response:
    async with (
        httpx.AsyncClient(timeout=timeout_s, verify=trust()) as client,
        client.stream("POST", url, content=content, headers=headers) as response,
    ):
        answer = bytearray()
        async for part in response.aiter_bytes():
            answer += part
            if len(answer) > BODY_MAX:
                break
        return Response(response.status_code, response.headers, bytes(answer), reusable=False)
