"""A stored report made ready for channels."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from alerting.all_clear import as_all_clear, lifted_line
from alerting.area_codes import of_field
from alerting.base import Message
from alerting.cap import to_cap
from alerting.due import Due
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import short_text
from alerting.words import LANGUAGES
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
    """What is the same for all who are told the same of a report; `told`: the report as they know it."""

    told: HazardWarning
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Report:
    """The document that is one for all, and the words by what a target is told of."""

    cap_xml: bytes
    words: dict[tuple[str, int], _Words]


class Messages:
    """The CAP document, and words for short media in Chinese with the English headline below.

    A report goes to thousands and never changes: its words are made once.
    """

    def __init__(self, inventory: Inventory, policy: LifecyclePolicy) -> None:
        self._inventory = inventory
        self._policy = policy
        self._kept: OrderedDict[str, _Report] = OrderedDict()

    def __call__(self, warning: HazardWarning, delivery: Due) -> Message:
        """For one target; from one thread at a time."""
        report = self._kept.get(warning.id)
        if report is None:
            report = self._kept[warning.id] = _Report(to_cap(warning, self._inventory, self._policy), {})
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        key = (delivery.lifted, delivery.is_over)
        words = report.words.get(key)
        if words is None:
            words = report.words[key] = self._words(warning, delivery)
        return Message(delivery.id, words.told, report.cap_xml, words.title, f"{_before(delivery)}{words.body}")

    def _words(self, warning: HazardWarning, delivery: Due) -> _Words:
        lifted = of_field(delivery.lifted)
        told = as_all_clear(warning, lifted) if delivery.is_over else warning
        chinese = short_text(told, self._inventory, "zh-CN", SHORT_LIMIT)
        english = short_text(told, self._inventory, "en-US", SHORT_LIMIT)
        body = f"{chinese.body}\n\n{english.title}\n{english.body}"
        if lifted and not delivery.is_over:
            lines = (lifted_line(self._inventory, lifted, language) for language in LANGUAGES)
            body = "\n".join([*lines, "", body])
        return _Words(told, chinese.title, body)


def _before(delivery: Due) -> str:
    """What is for this target alone stands first: it asks for something. Whom duty is told may not know it yet."""
    own = DUTY_ONLY if delivery.audience is Audience.DUTY else ""
    return "\n".join(line for line in (own, delivery.note) if line) + "\n\n" if own or delivery.note else ""
