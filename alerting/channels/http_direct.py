"""A POST over connections that are kept open; over a proxy, where the environment names one for the address."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from alerting.base import FailureReason, Outcome, failed
from alerting.channels.http_connections import Address, Connections, Lost
from alerting.channels.http_post import Answer, answered, post
from alerting.channels.http_response import BadAnswerError
from alerting.channels.secret_url import redact


async def post_by(
    connections: Connections, url: str, content: bytes, headers: Mapping[str, str], timeout_s: float
) -> Answer | Outcome:
    """POST once and read at most 64 KiB of the answer; an Outcome where none came. Redirections are not followed."""
    try:
        to = _address(url)
        if _proxied(url):
            return await post(url, content, headers, timeout_s)
        async with asyncio.timeout(timeout_s):
            found = await connections.post(to, content, headers)
    except TimeoutError:
        return failed(FailureReason.TIMEOUT, f"no answer within {timeout_s:g} s")
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        return failed(FailureReason.MISCONFIGURED, "the address is no http or https URL")
    except (OSError, BadAnswerError, Lost) as error:
        return failed(FailureReason.UNREACHABLE, redact(f"{type(error).__name__}: {error}", url))
    return answered(found.status, found.headers, found.body, url)


@lru_cache(maxsize=10_000)
def _address(url: str) -> Address:
    return Address(url)


@lru_cache(maxsize=10_000)
def _proxied(url: str) -> bool:
    """Whether the environment names a proxy for this address (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY)."""
    parts, proxies = urlsplit(url), getproxies()
    named = parts.scheme in proxies or "all" in proxies
    return named and not proxy_bypass(parts.hostname or "")
