"""Alerts of others become findings, assessments and reports, and pass the one outlet like our own.

What is firing, the chains of reports and their deliveries are one transaction: an alert that was acknowledged survives
a crash, and one that comes again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import Connection

from alerting.intake.alert import Alert, finding
from alerting.intake.options import IntakeOptions
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from alerting.outlet import Outlet
from alerting.store.audit import add_audit
from alerting.store.foreign import Firing, chains_of, drop_firing, firing_of, put_chains, put_firing
from alerting.store.record import Record
from alerting.store.store import Store, write_record
from alerting.store.turn import Turn, take_turn
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.order import Order
from pipeline.model.warning import HazardWarning

_PLACE: Final = "intake"
RENEW_EVERY: Final = timedelta(seconds=60)
"""Reports are renewed minutes before they run out."""
EPOCH: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refused:
    """An alert that was not taken, and why."""

    alert: str
    why: str


@dataclass(slots=True)
class _Made:
    findings: list[Finding] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    warnings: list[HazardWarning] = field(default_factory=list)


class Intake:
    """Any thread, and several processes on one store, may call."""

    def __init__(
        self, store: Store, outlet: Outlet, inventory: Inventory, policy: LifecyclePolicy, options: IntakeOptions
    ) -> None:
        self._store = store
        self._outlet = outlet
        self._inventory = inventory
        self._policy = policy
        self._options = options
        self._look_at = EPOCH
        outlet.resume = self.resume

    def take(self, alerts: Sequence[Alert], who: str, now: datetime) -> list[Refused]:
        """Take alerts in, durable on return; those that cannot be, each with its reason, stand in the audit log."""
        refused: list[Refused] = []
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            before = {one.fingerprint: one for one in firing_of(connection)}
            after = dict(before)
            made = _Made()
            for alert in alerts:
                try:
                    self._hear(after, alert, made, now)
                except ValueError as error:
                    refused.append(Refused(alert.name, str(error)))
                    add_audit(connection, now, who, "intake.refuse", alert.name[:100], str(error))
            self._conclude(connection, before, after, made, now)
        return refused

    def look(self, now: datetime) -> bool:
        """End what was not repeated, and renew reports; whether anything was said."""
        firing = self._store.firing()
        if not firing or (now < self._look_at and all(one.ends_at > now for one in firing)):
            return False
        self._look_at = now + RENEW_EVERY
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            before = {one.fingerprint: one for one in firing_of(connection)}
            made = _Made()
            after = {key: one for key, one in before.items() if one.ends_at > now}
            made.findings += [_closed(one.finding, now) for key, one in before.items() if key not in after]
            self._conclude(connection, before, after, made, now)
        return bool(made.warnings)

    def obey(self, order: Order, now: datetime) -> bool:
        """Do what a person ordered of a chain that is made of alerts; False where the chain is none of these."""
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            lifecycle = self._lifecycle(connection)
            if not any(one.chain == order.chain for one in lifecycle.in_force()):
                return False
            self._obeyed(connection, lifecycle, order, now)
        return True

    def resume(self, connection: Connection, order: Order, now: datetime) -> bool:
        """Go on with what was withdrawn, where that was not released; False where the chain is not made of alerts."""
        lifecycle = self._lifecycle(connection)
        return self._obeyed(connection, lifecycle, order, now)

    def _obeyed(self, connection: Connection, lifecycle: Lifecycle, order: Order, now: datetime) -> bool:
        report = lifecycle.obey(order, now)
        if report:
            put_chains(connection, lifecycle.snapshot())
            write_record(connection, Record(warnings=[report]), now, self._outlet.offer)
        return report is not None

    def _lifecycle(self, connection: Connection) -> Lifecycle:
        lifecycle = Lifecycle(self._inventory, self._policy)
        blob = chains_of(connection)
        if blob is not None:
            lifecycle.restore(blob)
        return lifecycle

    def _hear(self, firing: dict[str, Firing], alert: Alert, made: _Made, now: datetime) -> None:
        known, key = firing.get(alert.fingerprint), alert.fingerprint
        ends_at = alert.end(now, self._options)
        if ends_at <= now:
            if known:
                made.findings.append(_closed(known.finding, now))
                del firing[key]
            return
        heard = finding(alert, self._inventory.area_by_code, self._options, now)
        if known is None:
            made.findings.append(heard)
        elif known.finding.level != heard.level:
            peak, number = max(known.finding.peak_level, heard.level), known.finding.revision + 1
            changes = {"level": heard.level, "peak_level": peak, "revision": number, "at": now}
            heard = known.finding.model_copy(update={**changes, "state": FindingState.CHANGED})
            made.findings.append(heard)
        else:
            heard = known.finding
        firing[key] = Firing(key, heard, ends_at)

    def _conclude(
        self, connection: Connection, before: dict[str, Firing], after: dict[str, Firing], made: _Made, now: datetime
    ) -> None:
        """Write what changed, and tell whom it concerns."""
        lifecycle = self._lifecycle(connection)
        for key in before.keys() - after.keys():
            drop_firing(connection, key)
        for key, one in after.items():
            if before.get(key) != one:
                put_firing(connection, one)
        for assessment, evidence in self._assessed(before, after, now):
            made.assessments.append(assessment)
            report = lifecycle.take(assessment, evidence)
            made.warnings += [report] if report else []
        made.warnings += lifecycle.tick(now)
        if made.findings or made.warnings:
            put_chains(connection, lifecycle.snapshot())
            record = Record(made.findings, made.assessments, made.warnings)
            write_record(connection, record, now, self._outlet.offer)

    def _assessed(
        self, before: dict[str, Firing], after: dict[str, Firing], now: datetime
    ) -> list[tuple[Assessment, dict[str, Finding]]]:
        """One assessment for each hazard and area whose evidence changed."""
        old, new = _by_place(before), _by_place(after)
        found = []
        for place in sorted(old.keys() | new.keys()):
            was, now_is = old.get(place, []), new.get(place, [])
            if [(one.id, one.level) for one in was] != [(one.id, one.level) for one in now_is]:
                found.append((self._assessment(place, was, now_is, now), {one.id: one for one in now_is}))
        return found

    def _assessment(
        self, place: tuple[Hazard, str], was: list[Finding], now_is: list[Finding], now: datetime
    ) -> Assessment:
        hazard, area = place
        return Assessment(
            id=content_id("assessment", _PLACE, hazard, area, to_ns(now)),
            hazard=hazard,
            area=area,
            level=max((one.level for one in now_is), default=Level.NONE),
            previous_level=max((one.level for one in was), default=Level.NONE),
            confidence=self._options.confidence,
            at=now,
            first_evidence_at=min(one.onset_at for one in now_is or was),
            findings=tuple(one.id for one in now_is),
            trigger=now_is[0].id if now_is else "",
        )


def _by_place(firing: dict[str, Firing]) -> dict[tuple[Hazard, str], list[Finding]]:
    """(hazard, area) -> what is said of it, the gravest first."""

    def place(one: Finding) -> tuple[Hazard, str]:
        return one.hazard, one.area

    rows = sorted((one.finding for one in firing.values()), key=lambda one: (place(one), -one.level, one.id))
    return {key: list(some) for key, some in groupby(rows, key=place)}


def _closed(one: Finding, now: datetime) -> Finding:
    changes = {"state": FindingState.CLOSED, "level": Level.NONE, "revision": one.revision + 1, "at": now}
    return one.model_copy(update=changes)
