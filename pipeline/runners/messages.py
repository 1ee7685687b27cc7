"""A stored report made ready for channels."""

from __future__ import annotations

from typing import Final

from alerting.base import Message
from alerting.cap import to_cap
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import short_text
from pipeline.model.delivery import Delivery
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning

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
        body=f"{chinese.body}\n\n{english.title}\n{english.body}",
    )
