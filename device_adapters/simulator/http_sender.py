"""Pushes readings over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import httpx

from device_adapters.simulator.options import HttpTarget
from device_adapters.simulator.outbox import NotAcknowledgedError
from device_adapters.simulator.schedule import Report
from device_adapters.simulator.wire import http_body

REFUSED: Final = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY}
"""The same bytes would be refused again; with 422 the good readings of a message are kept."""
EXCERPT_MAX: Final = 300

_log = logging.getLogger(__name__)


class HttpSender:
    """One message at a time, so that a sensor's readings arrive in order."""

    name = "simulator.http"

    def __init__(self, target: HttpTarget, timeout_s: float) -> None:
        self.readings_max = target.readings_max
        self._url = target.url
        token = target.token.get_secret_value() if target.token else ""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout_s, trust_env=False)

    async def send(self, reports: Sequence[Report]) -> int:
        """Post `reports`; in halves where they are too many for the target."""
        try:
            answer = await self._client.post(self._url, content=http_body(reports))
        except httpx.TransportError as error:
            raise NotAcknowledgedError(f"{self._url}: {type(error).__name__}: {error}") from error
        if answer.is_success:
            return 0
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and len(reports) > 1:
            half = len(reports) // 2
            return await self.send(reports[:half]) + await self.send(reports[half:])
        if answer.status_code in REFUSED | {HTTPStatus.REQUEST_ENTITY_TOO_LARGE}:
            return self._refused(answer, len(reports))
        raise NotAcknowledgedError(f"{self._url}: HTTP {answer.status_code}", _retry_after_s(answer))

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    def _refused(self, answer: httpx.Response, count: int) -> int:
        words = answer.text[:EXCERPT_MAX]
        _log.warning("%s: HTTP %d for %d readings: %s", self._url, answer.status_code, count, words)
        return count


def _retry_after_s(answer: httpx.Response) -> float | None:
    """Of a Retry-After header in seconds; a date is not read."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None
