"""Channel `gbt35965`: each report by HTTP POST in the manner of GB/T 35965.1-2018, to platforms that take that form.

2xx is ACCEPTED, never DELIVERED.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from pydantic import Field

from alerting.base import ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.cap_parse import CapError
from alerting.channels.http_answer import Answer
from alerting.channels.http_channel import HttpChannel
from alerting.channels.secret_url import SecretUrl
from alerting.gbt35965 import to_gbt35965
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import Report


class Platform(SecretUrl):
    """One platform.

    Attributes:
        sender_code: ours there: division, industry, unit, extension, 14 characters in all.
    """

    sender_code: str = Field(default="00000000000000", pattern=r"^[0-9A-Z]{14}$")


class Gbt35965Options(ChannelOptions):
    """Whom it posts to.

    Attributes:
        targets: name -> platform, its address from one of url, url_env, url_file.
    """

    targets: dict[str, Platform] = Field(min_length=1)


class Gbt35965(HttpChannel):
    """One POST a delivery."""

    kind: ClassVar[str] = "gbt35965"
    options_type: ClassVar[type[ChannelOptions]] = Gbt35965Options

    def __init__(self, name: str, options: Gbt35965Options) -> None:
        super().__init__(name, options)
        self._targets = dict(options.targets)
        self._urls = {key: one.read(f"channel {name!r}, target {key!r}") for key, one in options.targets.items()}

    @property
    def targets(self) -> Sequence[str]:
        """Names of the platforms."""
        return tuple(sorted(self._targets))

    async def send(self, message: Message, target: str) -> Outcome:
        """One POST; ACCEPTED on 2xx."""
        platform = self._targets.get(target)
        if platform is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        try:
            is_over = message.warning.report is Report.FINAL
            document = _document(message.cap_xml, platform.sender_code, is_over=is_over)
        except CapError as error:
            return failed(FailureReason.INTERNAL, f"the report is no CAP document: {error}")
        headers = {"Content-Type": "application/xml; charset=utf-8", "Idempotency-Key": message.delivery_id}
        answer = await self.post(self._urls[target], document, headers)
        if not isinstance(answer, Answer):
            return answer
        if answer.failure:
            return failed(answer.failure, answer.words, answer.retry_after_s)
        return Outcome(DeliveryState.ACCEPTED, detail=answer.words)


_document = lru_cache(maxsize=50)(to_gbt35965)
"""The same for every target with the same sender code."""
