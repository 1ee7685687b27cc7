"""Channel `feishu`: robots of Feishu and Lark groups, signed where they ask for it.

By the custom bot's document (open.feishu.cn, "Custom bot usage guide"): 100 messages a minute and 5 a second a robot, a
request of at most 20 KB; the verdict in `code`, of older robots in `StatusCode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from alerting.base import FailureReason
from alerting.channels.robot import Robot, Verdict, signature, utf8_cut
from pipeline.model.instant import to_ns

TEXT_MAX_BYTES = 20_000
_THROTTLED_S = 60.0


class Feishu(Robot):
    """A text message; the document carries `timestamp` (s) and `sign`."""

    kind: ClassVar[str] = "feishu"
    verdicts: ClassVar[Mapping[int, Verdict]] = {
        11232: (FailureReason.THROTTLED, _THROTTLED_S),  # over the limit of the tenant
        11233: (FailureReason.THROTTLED, _THROTTLED_S),  # over the limit of the chat
        99991400: (FailureReason.THROTTLED, _THROTTLED_S),  # over the limit of the interface
        19001: (FailureReason.MISCONFIGURED, None),  # no such robot
        19021: (FailureReason.MISCONFIGURED, None),  # signature wrong, or more than an hour off
        19022: (FailureReason.MISCONFIGURED, None),  # our address is not on its list
        19024: (FailureReason.MISCONFIGURED, None),  # its keyword is not in the text
        19002: (FailureReason.REFUSED, None),  # parameters missing
    }

    def request(self, url: str, secret: str | None, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
        """Signed over nothing, with "timestamp, newline, secret" as the key."""
        document: dict[str, Any] = {"msg_type": "text", "content": {"text": utf8_cut(text, TEXT_MAX_BYTES - 1_000)}}
        if secret is not None:
            sent_s = to_ns(now) // 1_000_000_000
            document |= {"timestamp": str(sent_s), "sign": signature(f"{sent_s}\n{secret}", "")}
        return url, document

    def code(self, answer: Mapping[str, Any]) -> object:
        """`code`, or what stood for it before."""
        return answer.get("code", answer.get("StatusCode"))
