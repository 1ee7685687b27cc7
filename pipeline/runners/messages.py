"""A stored report made ready for channels."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from alerting.base import Message
from alerting.cap import to_cap
from alerting.due import Due
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import short_text
from pipeline.model.audience import Audience
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning

DUTY_ONLY: Final = "【仅供值班人员，请勿转发】For those on duty only, do not pass on."
SHORT_LIMIT: Final = 480
"""Characters of a body: what fits in eight UCS-2 SMS parts, and in every chat."""
KEPT: Final = 100
"""Reports whose words are at hand."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What is the same for all who are told of a report."""

    cap_xml: bytes
    title: str
    body: str


class Messages:
    """The CAP document, and words for short media in Chinese with the English headline below.

    A report goes to thousands and never changes: its words are made once.
    """

    def __init__(self, inventory: Inventory, policy: LifecyclePolicy) -> None:
        self._inventory = inventory
        self._policy = policy
        self._kept: OrderedDict[str, _Words] = OrderedDict()

    def __call__(self, warning: HazardWarning, delivery: Due) -> Message:
        """For one target; from one thread at a time."""
        words = self._kept.get(warning.id)
        if words is None:
            words = self._kept[warning.id] = self._words(warning)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return Message(delivery.id, warning, words.cap_xml, words.title, f"{_before(delivery)}{words.body}")

    def _words(self, warning: HazardWarning) -> _Words:
        chinese = short_text(warning, self._inventory, "zh-CN", SHORT_LIMIT)
        english = short_text(warning, self._inventory, "en-US", SHORT_LIMIT)
        cap_xml = to_cap(warning, self._inventory, self._policy)
        return _Words(cap_xml, chinese.title, f"{chinese.body}\n\n{english.title}\n{english.body}")


def _before(delivery: Due) -> str:
    """What is for this target alone stands first: it asks for something. Whom duty is told may not know it yet."""
    own = DUTY_ONLY if delivery.audience is Audience.DUTY else ""
    return "\n".join(line for line in (own, delivery.note) if line) + "\n\n" if own or delivery.note else ""
