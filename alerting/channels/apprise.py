"""Channel `apprise`: chat, SMS, mail and what else the Apprise library speaks, one target a call.

Apprise answers yes or no for a whole fan-out, waits between requests and leaves the reason to its log. So: one URL a
call, its throttle off (the dispatcher spaces the tries), and the log lines of that call read for the reason. What a
provider asks for in Retry-After is not among them: back-off alone applies. A yes is ACCEPTED, never DELIVERED.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import apprise
from pydantic import Field

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.apprise_log import Captured, listen, reason_of
from alerting.channels.blocking import in_thread
from alerting.channels.secret_url import SecretUrl, redact
from pipeline.errors import ChannelError
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import Report

_DETAIL_MAX: Final = 300


class AppriseOptions(ChannelOptions):
    """Whom it reaches.

    Attributes:
        targets: name -> Apprise URL (https://appriseit.com), from one of url, url_env, url_file.
    """

    targets: dict[str, SecretUrl] = Field(min_length=1)


class AppriseChannel(Channel):
    """The URLs are parsed when it is made; a service is made anew for each try and shares nothing with others."""

    kind: ClassVar[str] = "apprise"
    options_type: ClassVar[type[ChannelOptions]] = AppriseOptions

    def __init__(self, name: str, options: AppriseOptions) -> None:
        super().__init__(name, options)
        listen()
        self._urls = {key: one.read(f"channel {name!r}, target {key!r}") for key, one in options.targets.items()}
        for key, url in self._urls.items():
            if _service(url, self.timeout_s) is None:
                what = "Apprise cannot use this address; see appriseit.com for the form of its service"
                raise ChannelError(f"channel {name!r}, target {key!r}: {what}")

    @property
    def targets(self) -> Sequence[str]:
        """Names of the targets."""
        return tuple(sorted(self._urls))

    async def send(self, message: Message, target: str) -> Outcome:
        """Hand the title and the plain words to one service."""
        url = self._urls.get(target)
        if url is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        try:
            return await in_thread(lambda: _notify(url, message, self.timeout_s), self.timeout_s)
        except TimeoutError:
            return failed(FailureReason.TIMEOUT, f"no answer within {self.timeout_s:g} s")


def _notify(url: str, message: Message, timeout_s: float) -> Outcome:
    service = _service(url, timeout_s)
    final = message.warning.report is Report.FINAL
    with Captured() as log:
        taken = service is not None and service.notify(
            title=message.title,
            body=message.body,
            notify_type=apprise.NotifyType.INFO if final else apprise.NotifyType.WARNING,
            body_format=apprise.NotifyFormat.TEXT,
        )
    detail = redact(" ".join(log.said), url)[:_DETAIL_MAX]
    return Outcome(DeliveryState.ACCEPTED, detail=detail) if taken else failed(reason_of(log.causes), detail)


def _service(url: str, timeout_s: float) -> Any:
    """The Apprise service of an address, None if Apprise cannot use it. Its time limits are ours, its throttle off."""
    service = apprise.Apprise.instantiate(url)
    if service is not None:
        service.request_rate_per_sec = 0
        service.socket_connect_timeout = service.socket_read_timeout = timeout_s
    return service
