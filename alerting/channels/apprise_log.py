"""What Apprise logs during one call: the only place where it says why it did not succeed."""

from __future__ import annotations

import logging
import re
from threading import local
from typing import Final, Self

from alerting.base import FailureReason
from alerting.channels.http_answer import failure_reason
from alerting.channels.quiet import quiet

_APPRISE: Final = logging.getLogger("apprise")
_STATUS: Final = re.compile(r"error=(\d{3})\b")
_SMTP: Final = re.compile(r"\(([45]\d\d), b?['\"]")
_SMTP_AUTH: Final = {530, 534, 535}
_UNREACHABLE: Final = re.compile(r"connection|socket|unreachable|resolve", re.IGNORECASE)
_TIMED_OUT: Final = re.compile(r"timed out|timeout", re.IGNORECASE)


class Captured:
    """The lines of this thread, while it is entered.

    Attributes:
        said: what Apprise means for a reader; causes: that, and the exceptions it mentions in its debug lines.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self.causes: list[str] = []

    def take(self, record: logging.LogRecord) -> None:
        """Keep a line if it tells a cause."""
        line = record.getMessage()
        if record.levelno >= logging.WARNING:
            self.said.append(line)
        if record.levelno >= logging.WARNING or "Exception" in line:
            self.causes.append(line)

    def __enter__(self) -> Self:
        _LISTENER.here.captured = self
        return self

    def __exit__(self, *_: object) -> None:
        _LISTENER.here.captured = None


class _Listener(logging.Filter):
    """Hands each line to who listens in the thread that wrote it, and lets none pass to any handler."""

    def __init__(self) -> None:
        super().__init__()
        self.here = local()

    def filter(self, record: logging.LogRecord) -> bool:
        captured: Captured | None = getattr(self.here, "captured", None)
        if captured is not None:
            captured.take(record)
        return False


_LISTENER: Final = _Listener()


def listen() -> None:
    """Have Apprise log in full, the causes of broken connections too, to us alone: its lines hold tokens."""
    quiet("urllib3")
    _APPRISE.setLevel(logging.DEBUG)
    _APPRISE.addFilter(_LISTENER)  # once, however often


def reason_of(lines: list[str]) -> FailureReason:
    """Why a call failed; PROVIDER, which is tried again, where the lines do not tell."""
    text = "\n".join(lines)
    status = _STATUS.search(text)
    if status:
        return failure_reason(int(status[1])) or FailureReason.PROVIDER  # an error inside a 200
    smtp = _SMTP.search(text)
    if smtp:
        return _of_smtp(int(smtp[1]))
    if _TIMED_OUT.search(text):
        return FailureReason.TIMEOUT
    return FailureReason.UNREACHABLE if _UNREACHABLE.search(text) else FailureReason.PROVIDER


def _of_smtp(code: int) -> FailureReason:
    """RFC 5321, 4.2.1: 4yz may pass, 5yz will not; RFC 4954: 53z are about the credential."""
    if code in _SMTP_AUTH:
        return FailureReason.MISCONFIGURED
    return FailureReason.PROVIDER if code < 500 else FailureReason.REFUSED  # noqa: PLR2004  # RFC 5321
