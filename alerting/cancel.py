"""The Cancel of a warning, from its last report alone: what it was, where, and by which messages it was told.

So it is at hand at every moment for every warning in force, whatever becomes of those who found the danger.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from alerting.hazards import ROWS
from alerting.lifecycle import LifecyclePolicy, report_id
from alerting.texts import Change, Story, Writer
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report

LEAST: Final = timedelta(minutes=5)
"""How long a Cancel may be sent at the least. Otherwise no longer than what it takes back is in force: where it waits
for somebody's yes and gets none, what stands has to be warned of anew by then."""


class Cancels:
    """Writes them. Any thread may call."""

    def __init__(self, inventory: Inventory, policy: LifecyclePolicy) -> None:
        self._writer = Writer(inventory, policy.senders, {})

    def of(self, last: HazardWarning, why: str, at: datetime) -> HazardWarning:
        """The next report of a chain of one area, and its final one: withdrawn, for a reason that people read."""
        sent_at = max(at, last.sent_at)
        longest_at = sent_at + ROWS[last.hazard].valid_for(Level.NONE)
        number = last.number + 1
        report = last.model_copy(
            update={
                "id": report_id(last.hazard, last.area, last.chain, number),
                "number": number,
                "report": Report.FINAL,
                "level": Level.NONE,
                "sent_at": sent_at,
                "expires_at": max(min(longest_at, last.expires_at), sent_at + LEAST),
                "expected_onset_at": None,
                "expected_onset_earliest_at": None,
                "expected_onset_latest_at": None,
                "references": (*last.references, (last.id, last.sent_at)),
            }
        )
        texts = self._writer.texts(report, Story(Change.WITHDRAWN, last, (), 0, why))
        return report.model_copy(update={"texts": texts})
