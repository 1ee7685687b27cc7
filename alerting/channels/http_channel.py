"""What channels that POST have in common: connections kept from one message to the next, one time limit, one verdict.

Over a proxy, where the environment names one for the address, each POST has a connection of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from alerting.base import Channel, ChannelOptions, FailureReason, Outcome, failed
from alerting.channels.http_answer import Answer, answered
from alerting.channels.http_connections import Address, Connections, LostError
from alerting.channels.http_proxied import post_by_proxy
from alerting.channels.http_response import BadAnswerError
from alerting.channels.quiet import quiet
from alerting.channels.secret_url import redact
from alerting.deadline import Deadlines


class HttpChannel(Channel):
    """Redirections are not followed: a warning goes where it was told to go."""

    def __init__(self, name: str, options: ChannelOptions) -> None:
        super().__init__(name, options)
        quiet("httpx", "httpcore")
        self._connections = Connections(may_repeat=self.tells_repeats)
        self._deadlines = Deadlines()

    def open(self) -> None:
        """Keep connections open from one message to the next."""
        self._connections.open()

    async def close(self) -> None:
        """Close them."""
        self._connections.close()

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer | Outcome:
        """POST once and read at most 64 KiB of the answer; an Outcome where none came.

        What was perhaps sent goes again at once only where the receiver can tell a repeat; elsewhere it has failed.
        """
        try:
            to = _address(url)
            if _proxied(url):
                return await post_by_proxy(url, content, headers, self.timeout_s)
            with self._deadlines.within(self.timeout_s):
                found = await self._connections.post(to, content, headers)
        except TimeoutError:
            return failed(FailureReason.TIMEOUT, f"no answer within {self.timeout_s:g} s")
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            return failed(FailureReason.MISCONFIGURED, "the address is no http or https URL")
        except (OSError, BadAnswerError, LostError) as error:
            return failed(FailureReason.UNREACHABLE, redact(f"{type(error).__name__}: {error}", url))
        return answered(found, url)


@lru_cache(maxsize=10_000)
def _address(url: str) -> Address:
    return Address(url)


@lru_cache(maxsize=10_000)
def _proxied(url: str) -> bool:
    """Whether the environment names a proxy for this address (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY)."""
    parts, proxies = urlsplit(url), getproxies()
    named = parts.scheme in proxies or "all" in proxies
    return named and not proxy_bypass(parts.hostname or "")
