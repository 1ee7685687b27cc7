"""The report of one month: what stands in it, and its form as CSV. The same store gives the same bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerting.lead_time import reckon
from alerting.ledger import Entry, Onset
from alerting.report.forecasts import ForecastScore, Tally, scores
from alerting.report.verification import (
    Judged,
    Leads,
    Scores,
    Tolerance,
    by_area,
    by_channel,
    by_hazard,
    in_month,
    judge,
    leads,
    score,
)
from pipeline.model.area import AreaLevel
from pipeline.model.hazard import Hazard
from pipeline.model.instant import YEAR_MAX, YEAR_MIN, to_text
from pipeline.model.warning import WarningStatus

LEAD_MIN_S = 3600.0
"""The lead time that is aimed at."""
DECEMBER = 12
_NAME = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class MonthReport:
    """One month.

    Attributes:
        begin_at, end_at: the month in local time.
        in_time: part of the events whose lead time was an hour or more; None without events.
        forecasts: how well forecasts of rain did that were due in the month.
    """

    name: str
    begin_at: datetime
    end_at: datetime
    status: WarningStatus
    tolerance: Tolerance
    total: Scores
    all_leads: Leads
    in_time: float | None
    hazards: Sequence[tuple[Hazard, Scores, Leads]]
    areas: Sequence[tuple[str, Scores, Leads]]
    channels: Sequence[Leads]
    rows: Sequence[Judged]
    forecasts: Sequence[ForecastScore]


def span_of(name: str, zone: str) -> tuple[datetime, datetime]:
    """Begin and end of a month such as 2026-05.

    Raises:
        ValueError: no such month, or of a year outside `YEAR_MIN` to `YEAR_MAX`.
    """
    found = _NAME.fullmatch(name)
    if found is None or not YEAR_MIN <= int(found[1]) <= YEAR_MAX:
        message = f"{name[:20]!r} is no month; want one of the years {YEAR_MIN} to {YEAR_MAX}, for example 2026-05"
        raise ValueError(message)
    year, month = int(found[1]), int(found[2])
    begin = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
    end = begin.replace(year=year + 1, month=1) if month == DECEMBER else begin.replace(month=month + 1)
    return begin.astimezone(UTC), end.astimezone(UTC)


def make_report(
    name: str,
    zone: str,
    entries: Sequence[Entry],
    onsets: Sequence[Onset],
    status: WarningStatus = WarningStatus.ACTUAL,
    tolerance: Tolerance | None = None,
    tallies: Sequence[Tally] = (),
) -> MonthReport:
    """The report of a month from the ledger; faults of sensors are left out.

    Raises:
        ValueError: no such month.
    """
    begin, end = span_of(name, zone)
    near = tolerance or Tolerance()
    counted = [one for one in entries if one.status is status and one.hazard is not Hazard.SENSOR_FAULT]
    judged = judge(in_month(reckon(counted, onsets), begin, end), counted, near)
    events = [one.row.lead_time_s for one in judged if one.row.lead_time_s is not None and one.row.basis != "expected"]
    return MonthReport(
        name=name,
        begin_at=begin,
        end_at=end,
        status=status,
        tolerance=near,
        total=score(judged),
        all_leads=leads("all", events),
        in_time=sum(1 for one in events if one >= LEAD_MIN_S) / len(events) if events else None,
        hazards=by_hazard(judged),
        areas=by_area(judged, AreaLevel.TOWNSHIP),
        channels=by_channel(judged, counted),
        rows=judged,
        forecasts=scores(tallies),
    )


COLUMNS = (
    "verdict", "hazard", "area", "chain", "peak_level", "precursor_at", "detected_at", "decided_at", "issued_at",
    "accepted_at", "delivered_at", "acknowledged_at", "onset_at", "basis", "lead_time_s", "near",
)  # fmt: skip


def to_csv(report: MonthReport) -> bytes:
    """Every warning and missed event of the month, a row each; UTF-8 with a mark at its beginning, for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(one) for one in report.rows)
    return text.getvalue().encode("utf-8-sig")


def _cells(one: Judged) -> Iterator[str]:
    for name in COLUMNS:
        value = getattr(one if name in {"verdict", "near"} else one.row, name)
        if name == "peak_level":
            yield one.row.peak_level.word if one.row.chain else ""
        elif isinstance(value, datetime):
            yield to_text(value)
        else:
            yield "" if value is None else str(value)
