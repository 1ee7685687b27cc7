"""What an HTTP status means for a delivery (RFC 9110, section 15)."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from alerting.base import FailureReason

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
