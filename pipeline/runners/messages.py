"""A stored report made ready for channels."""

from __future__ import annotations

from typing import Final

from alerting.base import Message
from alerting.cap import to_cap
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import short_text
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning

DUTY_ONLY: Final = "【仅供值班人员，请勿转发】For those on duty only, do not pass on."
SHORT_LIMIT: Final = 480
"""Characters of a body: what fits in eight UCS-2 SMS parts, and in every chat."""


def make_message(inventory: Inventory, policy: LifecyclePolicy, warning: HazardWarning, delivery: Delivery) -> Message:
    """The CAP document, and words for short media in Chinese with the English headline below."""
    chinese = short_text(warning, inventory, "zh-CN", SHORT_LIMIT)
    english = short_text(warning, inventory, "en-US", SHORT_LIMIT)
    return Message(
        delivery_id=delivery.id,
        warning=warning,
        cap_xml=to_cap(warning, inventory, policy),
        title=chinese.title,
        body=f"{_before(delivery)}{chinese.body}\n\n{english.title}\n{english.body}",
    )


def _before(delivery: Delivery) -> str:
    """What is for this target alone stands first: it asks for something. Whom duty is told may not know it yet."""
    own = DUTY_ONLY if delivery.audience is Audience.DUTY else ""
    return "\n".join(line for line in (own, delivery.note) if line) + "\n\n" if own or delivery.note else ""
