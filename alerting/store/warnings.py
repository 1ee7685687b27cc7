"""Warnings: chains of reports, what is in force, what the public may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from alerting.hazards import is_public
from alerting.store.database import Database, insert_new
from alerting.store.joints import OF_ONE_AREA
from alerting.store.schema import releases, warnings
from pipeline.model.audience import Audience
from pipeline.model.hazard import Hazard
from pipeline.model.instant import to_ns
from pipeline.model.warning import HazardWarning, Report, WarningStatus

_WARNING = select(warnings.c.document)
_NEWEST = (warnings.c.sent_at_ns.desc(), warnings.c.chain.desc(), warnings.c.number.desc())


class WarningQueries(Database):
    """What people were told. Where areas are merged, that is the joint report, not that of each area."""

    def warning(self, warning_id: str) -> HazardWarning | None:
        """One report, None if there is none of that id."""
        return next(iter(self._warnings(_WARNING.where(warnings.c.id == warning_id))), None)

    def reports(self, ids: Iterable[str]) -> dict[str, HazardWarning]:
        """Those of these ids that there are."""
        return {one.id: one for one in self._warnings(_WARNING.where(warnings.c.id.in_(sorted(ids))))}

    def chain(self, chain_id: str) -> tuple[HazardWarning, ...]:
        """The reports of a chain, in order; empty if there is none."""
        return self._warnings(_WARNING.where(warnings.c.chain == chain_id).order_by(warnings.c.number))

    def recent_warnings(self, limit: int, *, public: bool = False) -> tuple[HazardWarning, ...]:
        """The latest reports, newest first; `public` leaves out exercises, tests and sensor faults."""
        query = _WARNING.where(*_PUBLIC) if public else _WARNING.where(SHOWN)
        return self._warnings(query.order_by(*_NEWEST).limit(limit))

    def warnings_in_force(self, now: datetime) -> tuple[HazardWarning, ...]:
        """The last report of each chain that neither ended nor expired, newest first."""
        return self._warnings(_in_force(now))

    def public_reports_in_force(self, now: datetime) -> tuple[HazardWarning, ...]:
        """The last report of each chain that was released to the public and neither ended nor expired, newest first."""
        return self._warnings(_last_released(Audience.PUBLIC, now).where(*_PUBLIC))

    def is_released(self, warning_id: str, audience: Audience) -> bool:
        """Whether a report may be shown to an audience."""
        query = select(releases.c.warning).where(releases.c.warning == warning_id, releases.c.audience == audience)
        with self.read() as connection:
            return connection.execute(query).first() is not None

    def _warnings(self, query: Select[str]) -> tuple[HazardWarning, ...]:
        with self.read() as connection:
            return tuple(HazardWarning.model_validate_json(text) for text in connection.scalars(query))


_NO_MESSAGE = warnings.c.status != WarningStatus.SYSTEM
SHOWN: Final = and_(~OF_ONE_AREA, _NO_MESSAGE)
"""What people are warned by: no report of an area that is told of in a joint one, no message about work."""
_PUBLIC: tuple[ColumnElement[bool], ...] = (
    SHOWN,
    warnings.c.status == WarningStatus.ACTUAL,
    warnings.c.hazard.in_([hazard for hazard in Hazard if is_public(hazard)]),
)


def _in_force(now: datetime) -> Select[str]:
    later = warnings.alias()
    last = select(func.max(later.c.number)).where(later.c.chain == warnings.c.chain).scalar_subquery()
    return _WARNING.where(
        warnings.c.number == last,
        warnings.c.report != Report.FINAL,
        warnings.c.expires_at_ns > to_ns(now),
        SHOWN,
    ).order_by(*_NEWEST)


def _last_released(audience: Audience, now: datetime) -> Select[str]:
    later, given = warnings.alias(), releases.alias()
    last = (
        select(func.max(later.c.number))
        .join(given, (given.c.warning == later.c.id) & (given.c.audience == audience))
        .where(later.c.chain == warnings.c.chain)
        .scalar_subquery()
    )
    return _WARNING.where(
        warnings.c.number == last, warnings.c.report != Report.FINAL, warnings.c.expires_at_ns > to_ns(now)
    ).order_by(*_NEWEST)


def reports_in_force(connection: Connection, now: datetime) -> list[HazardWarning]:
    """As `warnings_in_force`, within a transaction."""
    return [HazardWarning.model_validate_json(text) for text in connection.scalars(_in_force(now))]


def last_of_chain(connection: Connection, chain: str) -> HazardWarning | None:
    """The last report of a chain; None if there is no such chain."""
    query = _WARNING.where(warnings.c.chain == chain).order_by(warnings.c.number.desc()).limit(1)
    text = connection.scalars(query).first()
    return None if text is None else HazardWarning.model_validate_json(text)


def last_of(connection: Connection, chain: str) -> HazardWarning:
    """The last report of a chain that is in the store."""
    query = _WARNING.where(warnings.c.chain == chain).order_by(warnings.c.number.desc()).limit(1)
    return HazardWarning.model_validate_json(connection.scalars(query).one())


def report_of(connection: Connection, warning_id: str, audience: Audience) -> tuple[HazardWarning, bool]:
    """A report, and whether it is the last of its chain that was released to an audience."""
    report = HazardWarning.model_validate_json(connection.scalars(_WARNING.where(warnings.c.id == warning_id)).one())
    later = (
        select(warnings.c.id)
        .join(releases, (releases.c.warning == warnings.c.id) & (releases.c.audience == audience))
        .where(warnings.c.chain == report.chain, warnings.c.number > report.number)
    )
    return report, connection.execute(later).first() is None


def add_warnings(connection: Connection, rows: Sequence[HazardWarning]) -> None:
    """Insert those that are not there yet."""
    insert_new(connection, warnings, [_row(row) for row in rows])


def after_the_end(connection: Connection, rows: Sequence[HazardWarning]) -> list[HazardWarning]:
    """Those that come after the end of their chain, or in the place of it: it was cancelled before they were known."""
    if not rows:
        return []
    final = select(warnings.c.chain, warnings.c.number).where(warnings.c.report == Report.FINAL)
    query = final.where(warnings.c.chain.in_({one.chain for one in rows}))
    ended = {row.chain: row.number for row in connection.execute(query)}
    return [one for one in rows if one.number >= ended.get(one.chain, one.number + 1)]


def _row(warning: HazardWarning) -> dict[str, str | int]:
    return {
        "id": warning.id,
        "chain": warning.chain,
        "number": warning.number,
        "report": warning.report,
        "status": warning.status,
        "hazard": warning.hazard,
        "area": warning.area,
        "sent_at_ns": to_ns(warning.sent_at),
        "expires_at_ns": to_ns(warning.expires_at),
        "document": warning.model_dump_json(),
    }
