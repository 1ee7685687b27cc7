"""What a person may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Each may do what stands under it, and a duty officer, approver and administrator whatever a viewer may.

    VIEWER: look. OFFICER: acknowledge, silence, hand over. APPROVER: release, refuse. ADMINISTRATOR: tokens.
    """

    VIEWER = "viewer"
    OFFICER = "duty_officer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"
