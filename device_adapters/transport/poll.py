"""Fetching one document over HTTP, again and again, and only when it is another."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final

import httpx

_MARKS: Final = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class FetchError(Exception):
    """Nothing was got; the text says why, and no secret."""


class TooLongError(FetchError):
    """More than may be read."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where from, and the bounds."""

    url: str
    token: str | None
    max_bytes: int
    timeout_s: float


class Poller:
    """Remembers what it got last: by the server's own marks, and by content where it sends none."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._marks: dict[str, str] = {}
        self._digest = b""

    async def fetch(self, client: httpx.AsyncClient) -> bytes | None:
        """The document; None where it is the one of the last time.

        Raises:
            FetchError: out of reach, another status than 200 and 304, or too long.
        """
        authorization = {"Authorization": f"Bearer {self._source.token}"} if self._source.token else {}
        headers = authorization | self._marks
        timeout = self._source.timeout_s
        try:
            async with client.stream("GET", self._source.url, headers=headers, timeout=timeout) as answer:
                if answer.status_code == HTTPStatus.NOT_MODIFIED:
                    return None
                if answer.status_code != HTTPStatus.OK:
                    raise FetchError(f"answered {answer.status_code} {answer.reason_phrase}"[:200])
                body = await self._body(answer)
        except httpx.HTTPError as error:
            raise FetchError(f"{type(error).__name__}: {error}"[:200]) from error
        digest = sha256(body).digest()
        is_same, self._digest = digest == self._digest, digest
        self._marks = {ask: answer.headers[mark] for mark, ask in _MARKS.items() if mark in answer.headers}
        return None if is_same else body

    async def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > self._source.max_bytes:
                raise TooLongError(f"longer than {self._source.max_bytes} bytes")
        return bytes(body)
