"""What an HTTP answer means for a delivery, as far as its status says so (RFC 9110, section 15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from alerting.base import FailureReason
from alerting.channels.http_response import Response
from alerting.channels.secret_url import redact

_REASONS: Final[dict[int, FailureReason]] = {
    401: FailureReason.MISCONFIGURED,
    403: FailureReason.MISCONFIGURED,
    404: FailureReason.MISCONFIGURED,
    405: FailureReason.MISCONFIGURED,
    407: FailureReason.MISCONFIGURED,
    408: FailureReason.TIMEOUT,
    410: FailureReason.MISCONFIGURED,
    425: FailureReason.THROTTLED,
    429: FailureReason.THROTTLED,
    503: FailureReason.THROTTLED,
    504: FailureReason.TIMEOUT,
}
_LONGEST_S: Final = 86_400.0
DETAIL_MAX: Final = 300
_USUAL_MAX: Final = 1000
"""Most receivers always answer the same, and few words: such answers are looked at once."""


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


def answered(found: Response, url: str) -> Answer:
    """What an exchange that went well comes to."""
    return _usual(found, url) if len(found.body) <= _USUAL_MAX else _judged(found, url)


def _judged(found: Response, url: str) -> Answer:
    text = found.body[: 4 * DETAIL_MAX].decode(errors="replace")[:DETAIL_MAX]
    words = redact(f"HTTP {found.status}: {text}".rstrip(": "), url)
    return Answer(found.body, words, failure_reason(found.status), retry_after_s(found.headers))


_usual = lru_cache(maxsize=2000)(_judged)


def failure_reason(status: int) -> FailureReason:
    """NONE for 2xx only: a redirection is a wrong address."""
    if 200 <= status < 300:  # noqa: PLR2004  # the classes of RFC 9110
        return FailureReason.NONE
    if status < 400:  # noqa: PLR2004
        return FailureReason.MISCONFIGURED
    by_class = FailureReason.REFUSED if status < 500 else FailureReason.PROVIDER  # noqa: PLR2004
    return _REASONS.get(status, by_class)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the Retry-After header says (RFC 9110, 10.2.3), at most a day; None if it does not.

    A date is taken relative to the answer's own Date, so no clock of ours has a part in it.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_S)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):  # no date, or one with and one without a zone
        return None
    return min(max(wait.total_seconds(), 0.0), _LONGEST_S)
