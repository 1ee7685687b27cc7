"""Channel `dingtalk`: robots of DingTalk groups, signed where they ask for it.

By the custom robot's document (open.dingtalk.com, "Custom robot"): 20 messages a minute a robot, and none for ten
minutes after more; HTTP 200 whatever happened, the verdict in `errcode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from alerting.base import FailureReason
from alerting.channels.robot import Robot, Verdict, signature, utf8_cut
from pipeline.model.instant import to_ns

TEXT_MAX_BYTES = 20_000
_THROTTLED_S = 600.0


class DingTalk(Robot):
    """A text message; the address carries `timestamp` (ms) and `sign`."""

    kind: ClassVar[str] = "dingtalk"
    verdicts: ClassVar[Mapping[int, Verdict]] = {
        130101: (FailureReason.THROTTLED, _THROTTLED_S),  # sent too fast
        410100: (FailureReason.THROTTLED, _THROTTLED_S),  # the same, of the newer gateway
        310000: (FailureReason.MISCONFIGURED, None),  # keyword, signature or address of ours not allowed
        300001: (FailureReason.MISCONFIGURED, None),  # no such token
        300005: (FailureReason.MISCONFIGURED, None),  # the same
        400013: (FailureReason.MISCONFIGURED, None),  # the group was dissolved
        400101: (FailureReason.MISCONFIGURED, None),  # the token does not exist
        400102: (FailureReason.MISCONFIGURED, None),  # the robot was stopped
        400105: (FailureReason.REFUSED, None),  # message type not supported
        40035: (FailureReason.REFUSED, None),  # parameters missing
        43004: (FailureReason.REFUSED, None),  # wrong content type
        430101: (FailureReason.REFUSED, None),  # a link that is not safe
        430102: (FailureReason.REFUSED, None),  # words that are not allowed
        430103: (FailureReason.REFUSED, None),  # a picture that is not allowed
        430104: (FailureReason.REFUSED, None),  # content that is not allowed
        460101: (FailureReason.REFUSED, None),  # too long
    }

    def request(self, url: str, secret: str | None, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
        """Signed over "timestamp, newline, secret" with the secret."""
        document = {"msgtype": "text", "text": {"content": utf8_cut(text, TEXT_MAX_BYTES - 1_000)}}
        if secret is None:
            return url, document
        sent_ms = to_ns(now) // 1_000_000
        sign = quote(signature(secret, f"{sent_ms}\n{secret}"), safe="")
        return f"{url}{'&' if '?' in url else '?'}timestamp={sent_ms}&sign={sign}", document

    def code(self, answer: Mapping[str, Any]) -> object:
        """`errcode`."""
        return answer.get("errcode")
