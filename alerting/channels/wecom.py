"""Channel `wecom`: robots of WeCom (WeChat Work) groups.

By the group robot's document (developer.work.weixin.qq.com/document/path/91770): 20 messages a minute a robot, a text
of at most 2048 bytes; HTTP 200 whatever happened, the verdict in `errcode`. Codes: path/90313.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from alerting.base import FailureReason
from alerting.channels.robot import Robot, Verdict, utf8_cut

TEXT_MAX_BYTES = 2048
_THROTTLED_S = 60.0


class WeCom(Robot):
    """A text message. Its robots know no signature: the key in the address is the secret."""

    kind: ClassVar[str] = "wecom"
    verdicts: ClassVar[Mapping[int, Verdict]] = {
        45009: (FailureReason.THROTTLED, _THROTTLED_S),  # calls over the limit
        45033: (FailureReason.THROTTLED, 1.0),  # too many at the same time
        93000: (FailureReason.MISCONFIGURED, None),  # no such robot
        93008: (FailureReason.MISCONFIGURED, None),  # not in the group
        93017: (FailureReason.MISCONFIGURED, None),  # the robot was stopped
        40008: (FailureReason.REFUSED, None),  # message type not allowed
        40058: (FailureReason.REFUSED, None),  # a parameter is wrong, for example too long
        44004: (FailureReason.REFUSED, None),  # empty text
        45002: (FailureReason.REFUSED, None),  # too long
    }

    def request(self, url: str, secret: str | None, text: str, now: datetime) -> tuple[str, dict[str, Any]]:  # noqa: ARG002  # what all robots are given
        """The text, cut to what a robot takes."""
        return url, {"msgtype": "text", "text": {"content": utf8_cut(text, TEXT_MAX_BYTES)}}

    def code(self, answer: Mapping[str, Any]) -> object:
        """`errcode`."""
        return answer.get("errcode")
