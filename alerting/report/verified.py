"""What really happened, as people enter it, and how the warnings of a month did against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerting.hazards import ROWS
from alerting.ledger import Onset
from alerting.pages.render import render
from alerting.report.month import MonthReport, make_report, span_of
from alerting.report.verification import Tolerance
from alerting.store.store import Store
from pipeline.errors import DutyError, UnknownError
from pipeline.model.hazard import Hazard
from pipeline.model.instant import to_text
from pipeline.model.inventory import Inventory
from pipeline.model.warning import WarningStatus


class Verified:
    """Of one store.

    Args:
        zone: IANA name of the zone that months are of.
        status: which warnings count, unless said otherwise.
    """

    def __init__(self, store: Store, inventory: Inventory, zone: str, status: WarningStatus) -> None:
        self._store = store
        self._inventory = inventory
        self._zone = zone
        self._status = status

    def onsets(self) -> Sequence[Onset]:
        """What was entered, in order of time."""
        return self._store.onsets()

    def observe(self, onset: Onset, who: str, now: datetime) -> None:
        """Enter that a hazard was seen to set in; the same twice is one.

        Raises:
            DutyError: no such area, or a fault of a sensor.
        """
        if onset.hazard is Hazard.SENSOR_FAULT:
            raise DutyError("a fault of a sensor harms nobody and has no onset")
        if onset.area not in self._inventory.area_by_code:
            raise UnknownError(f"{onset.area!r} is no area of the inventory; `forewarn list areas` shows all")
        self._store.observe_onset(onset.hazard, onset.area, onset.at, who, now)

    def take_back(self, onset: Onset, who: str, now: datetime) -> None:
        """Take out what was entered by mistake.

        Raises:
            UnknownError: it was not entered.
        """
        if not self._store.withdraw_onset(onset.hazard, onset.area, onset.at, who, now):
            entered = f"no onset of {onset.hazard} in {onset.area} at {to_text(onset.at)} was entered"
            raise UnknownError(f"{entered}; `forewarn ledger` shows them")

    def month(self, name: str, status: WarningStatus | None = None, tolerance: Tolerance | None = None) -> MonthReport:
        """The report of a month such as 2026-05.

        Raises:
            UnknownError: no such month.
        """
        try:
            span = span_of(name, self._zone)
        except ValueError as error:
            raise UnknownError(str(error)) from error
        entries, onsets = self._store.ledger(), self._store.onsets()
        tallies = self._store.forecast_tallies(*span)
        return make_report(name, self._zone, entries, onsets, status or self._status, tolerance, tallies)

    def page(self, report: MonthReport) -> str:
        """The report as one HTML file."""
        return render("month.html.j2", self._zone, report=report, place=self._place, hazard=_hazard)

    def _place(self, code: str) -> str:
        area = self._inventory.area_by_code.get(code)
        return f"{area.name_zh} {area.name_en} {code}" if area else code


def _hazard(name: Hazard) -> str:
    return f"{ROWS[name].zh} {ROWS[name].en}"
