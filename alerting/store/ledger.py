"""Rows of the lead-time ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select

from alerting.ledger import Entry, Onset, Reached, entry
from alerting.store.audit import add_audit
from alerting.store.database import Database, insert_new
from alerting.store.joints import joints, parts, reached_by_part
from alerting.store.schema import findings, ledger, ledger_channels, onsets
from pipeline.model.hazard import Hazard
from pipeline.model.instant import from_ns, to_ns, to_text
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus


class LedgerQueries(Database):
    """What was done when, for `alerting.lead_time` to reckon with."""

    def ledger(self, chain: str | None = None, *, joint: bool = False) -> tuple[Entry, ...]:
        """Every report's row, by instant of issue, chain and number; of one chain if it is given.

        Where areas are merged, each area's reports have a row, with what their joint reports reached; with `joint` the
        joint reports have one in their place.
        """
        other = OF_ONE_AREA if joint else JOINT
        query = select(ledger).order_by(ledger.c.issued_at_ns, ledger.c.chain, ledger.c.number)
        query = query.where(~other) if chain is None else query
        channels = select(ledger_channels).order_by(*ledger_channels.primary_key)
        if chain is not None:
            query = query.where(ledger.c.chain == chain)
            channels = channels.where(
                ledger_channels.c.warning.in_(select(ledger.c.warning).where(ledger.c.chain == chain))
            )
        with self.read() as connection:
            rows = connection.execute(query).all()
            reached = _reached(connection, channels) | reached_by_part(connection, chain)
        return tuple(_entry(row, tuple(reached.get(row.warning, ()))) for row in rows)

    def observe_onset(self, hazard: Hazard, area: str, at: datetime, who: str, now: datetime) -> None:
        """Enter that a hazard was seen to set in, and who says so in the audit log; the same onset twice is one."""
        with self.write() as connection:
            if connection.scalar(select(onsets.c.at_ns).where(*_here(hazard, area, at))) is None:
                insert_new(connection, onsets, [{"hazard": hazard, "area": area, "at_ns": to_ns(at)}])
                add_audit(connection, now, who, "onset.observe", area, f"{hazard} at {to_text(at)}")

    def withdraw_onset(self, hazard: Hazard, area: str, at: datetime, who: str, now: datetime) -> bool:
        """Take back an onset that was entered by mistake; whether there was one."""
        with self.write() as connection:
            found = bool(connection.execute(delete(onsets).where(*_here(hazard, area, at))).rowcount)
            if found:
                add_audit(connection, now, who, "onset.withdraw", area, f"{hazard} at {to_text(at)}")
        return found

    def onsets(self) -> tuple[Onset, ...]:
        """Every observed onset, in order of time."""
        query = select(onsets).order_by(onsets.c.at_ns, onsets.c.hazard, onsets.c.area)
        with self.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Onset(Hazard(row.hazard), row.area, from_ns(row.at_ns)) for row in rows)


JOINT: Final = ledger.c.chain.in_(select(joints.c.chain))
OF_ONE_AREA: Final = ledger.c.chain.in_(select(parts.c.chain))


def _here(hazard: Hazard, area: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return onsets.c.hazard == hazard, onsets.c.area == area, onsets.c.at_ns == to_ns(at)


def add_entries(connection: Connection, reports: Sequence[HazardWarning], issued_at: datetime) -> None:
    """Open the account of each report that has none yet. Findings must have been added before."""
    rows = [_row(entry(report, issued_at, _detected_at(connection, report))) for report in reports]
    insert_new(connection, ledger, rows)


def _detected_at(connection: Connection, report: HazardWarning) -> datetime | None:
    at_ns = connection.scalar(select(func.min(findings.c.at_ns)).where(findings.c.id.in_(report.findings)))
    return None if at_ns is None else from_ns(at_ns)


def _reached(connection: Connection, channels: Select[Any]) -> dict[str, list[Reached]]:
    by_warning: dict[str, list[Reached]] = {}
    for row in connection.execute(channels):
        reached = Reached(
            row.channel, _instant(row.accepted_at_ns), _instant(row.delivered_at_ns), _instant(row.acknowledged_at_ns)
        )
        by_warning.setdefault(row.warning, []).append(reached)
    return by_warning


def _row(of: Entry) -> dict[str, str | int | None]:
    return {
        "warning": of.warning,
        "chain": of.chain,
        "number": of.number,
        "report": of.report,
        "status": of.status,
        "hazard": of.hazard,
        "area": of.area,
        "level": int(of.level),
        "precursor_at_ns": to_ns(of.precursor_at),
        "detected_at_ns": None if of.detected_at is None else to_ns(of.detected_at),
        "decided_at_ns": to_ns(of.decided_at),
        "issued_at_ns": to_ns(of.issued_at),
        "expires_at_ns": to_ns(of.expires_at),
        "expected_onset_at_ns": None if of.expected_onset_at is None else to_ns(of.expected_onset_at),
    }


def _entry(row: Row[Any], channels: tuple[Reached, ...]) -> Entry:
    return Entry(
        warning=row.warning,
        chain=row.chain,
        number=row.number,
        report=Report(row.report),
        status=WarningStatus(row.status),
        hazard=Hazard(row.hazard),
        area=row.area,
        level=Level(row.level),
        precursor_at=from_ns(row.precursor_at_ns),
        detected_at=_instant(row.detected_at_ns),
        decided_at=from_ns(row.decided_at_ns),
        issued_at=from_ns(row.issued_at_ns),
        expires_at=from_ns(row.expires_at_ns),
        expected_onset_at=_instant(row.expected_onset_at_ns),
        channels=channels,
    )


def _instant(ns: int | None) -> datetime | None:
    return None if ns is None else from_ns(ns)
