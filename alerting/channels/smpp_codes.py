"""What SMPP 3.4 says in numbers and words (SMPP Protocol Specification v3.4, 12-Oct-1999: 5.1.3 and Appendix B)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from alerting.base import FailureReason, Receipt
from pipeline.model.delivery import DeliveryState

Verdict = tuple[FailureReason, float | None]

STATUSES: Final[Mapping[int, Verdict]] = {
    0x01: (FailureReason.REFUSED, None),  # message length
    0x08: (FailureReason.PROVIDER, None),  # system error
    0x0A: (FailureReason.MISCONFIGURED, None),  # source address
    0x0B: (FailureReason.MISCONFIGURED, None),  # destination address
    0x0D: (FailureReason.PROVIDER, None),  # bind failed: password, or too many sessions
    0x0E: (FailureReason.MISCONFIGURED, None),  # password
    0x0F: (FailureReason.MISCONFIGURED, None),  # system id
    0x14: (FailureReason.THROTTLED, 1.0),  # its queue is full
    0x45: (FailureReason.PROVIDER, None),  # submit failed
    0x58: (FailureReason.THROTTLED, 1.0),  # more than it allows
    0x61: (FailureReason.REFUSED, None),  # scheduled delivery time
    0x62: (FailureReason.REFUSED, None),  # validity period
}
"""command_status -> what it means; the rest is PROVIDER and tried again."""

_STATES: Final[Mapping[str, DeliveryState]] = {
    "DELIVRD": DeliveryState.DELIVERED,
    "EXPIRED": DeliveryState.FAILED,
    "DELETED": DeliveryState.FAILED,
    "UNDELIV": DeliveryState.FAILED,
    "REJECTD": DeliveryState.FAILED,
}
"""ACCEPTD, ENROUTE and UNKNOWN tell nothing that we did not know."""

_ID: Final = re.compile(r"\bid:(\S+)", re.IGNORECASE)
_STAT: Final = re.compile(r"\bstat:([A-Z]{7})", re.IGNORECASE)
RECEIPT: Final = 0x04
"""The bit of esm_class that marks a delivery receipt."""


def verdict(status: int) -> Verdict:
    """What a command_status other than 0 comes to."""
    return STATUSES.get(status, (FailureReason.PROVIDER, None))


def receipt_of(text: str, message_id: str | None) -> Receipt | None:
    """The receipt in the words of a deliver_sm; None where it says nothing final, or of nothing.

    Args:
        message_id: `receipted_message_id`, which counts before the one in the words.
    """
    stat, named = _STAT.search(text), _ID.search(text)
    reference = message_id or (named[1] if named else "")
    state = _STATES.get(stat[1].upper()) if stat else None
    return Receipt(reference, state, stat[1].upper()) if reference and state and stat else None
