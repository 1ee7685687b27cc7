"""What a person may do."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Each may what it says, and all but a sender whatever a viewer may.

    VIEWER: look. OFFICER: acknowledge, silence, hand over. APPROVER: release, refuse. ADMINISTRATOR: tokens,
    calendars. SENDER: a program that hands in alerts, and nothing else.
    """

    VIEWER = "viewer"
    SENDER = "sender"
    OFFICER = "duty_officer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


OFFICIALS: Final = frozenset({Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR})
"""Whoever is on duty here, by whatever name."""
