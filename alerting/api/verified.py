"""What really happened, entered and looked at; the report of a month as data, page and table."""

from __future__ import annotations

from typing import Final

from alerting.api.endpoint import PAGE, TABLE, Ask, Body, Endpoint
from alerting.ledger import Onset
from alerting.report.month import MonthReport, to_csv
from alerting.report.verified import Verified
from pipeline.errors import DutyError
from pipeline.model.hazard import Hazard
from pipeline.model.instant import KeptInstant, to_text
from pipeline.model.role import OFFICIALS
from pipeline.model.warning import WarningStatus

_STATUS: Final = {"status": "which warnings count, Actual or Exercise; by default those of the configuration"}


class Seen(Body):
    """A hazard that was seen to set in: where, by the code of the area, and when; now unless it says otherwise."""

    hazard: Hazard
    area: str
    at: KeptInstant | None = None


def _verified(ask: Ask) -> Verified:
    if ask.desk.verified is None:
        raise DutyError("nothing is verified here: no inventory to place it in")
    return ask.desk.verified


def _onsets(ask: Ask) -> list[Onset]:
    return list(_verified(ask).onsets())


def _observe(ask: Ask) -> Onset:
    now = ask.desk.clock.now()
    onset = Onset(ask.body.hazard, ask.body.area, ask.body.at or now)
    if onset.at > now:
        raise DutyError(f"{to_text(onset.at)} has not come yet; an onset is observed")
    _verified(ask).observe(onset, ask.actor.who, now)
    return onset


def _take_back(ask: Ask) -> Onset:
    if ask.body.at is None:
        raise DutyError("say which: `at` is the instant that was entered")
    onset = Onset(ask.body.hazard, ask.body.area, ask.body.at)
    _verified(ask).take_back(onset, ask.actor.who, ask.desk.clock.now())
    return onset


def _month(ask: Ask) -> MonthReport:
    word = ask.query.get("status", "")
    try:
        status = WarningStatus(word) if word else None
    except ValueError as error:
        raise DutyError(f"status: {word[:20]!r} is none of {', '.join(WarningStatus)}") from error
    return _verified(ask).month(ask.path["month"], status)


def _page(ask: Ask) -> str:
    return _verified(ask).page(_month(ask))


def _table(ask: Ask) -> bytes:
    return to_csv(_month(ask))


ENDPOINTS: Final = (
    Endpoint("GET", "/onsets", "What was seen to set in, where and when.", _onsets, list[Onset]),
    Endpoint("POST", "/onsets", "Enter what was seen to set in; the same twice is one.", _observe, Onset, Seen,
             OFFICIALS),
    Endpoint("POST", "/onsets/take-back", "Take out what was entered by mistake.", _take_back, Onset, Seen,
             OFFICIALS),
    Endpoint("GET", "/reports/{month}.html", "The report of a month as a page.", _page, query=_STATUS, raw=PAGE),
    Endpoint("GET", "/reports/{month}.csv", "Every warning and missed event of a month, a row each.", _table,
             query=_STATUS, raw=TABLE),
    Endpoint("GET", "/reports/{month}", "How the warnings of a month such as 2026-05 did.", _month, MonthReport,
             query=_STATUS),
)  # fmt: skip
