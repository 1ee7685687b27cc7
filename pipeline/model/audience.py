"""Who a report is for."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """PUBLIC: everybody (CAP scope Public). MAINTENANCE: those who repair sensors (Restricted).

    DUTY: those who answer for hazards; they are told of what the public is told, or will be once it is released.
    """

    PUBLIC = "public"
    MAINTENANCE = "maintenance"
    DUTY = "duty"
