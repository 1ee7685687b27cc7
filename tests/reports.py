"""Findings, reports and deliveries made of plain values, for tests that need some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alerting.base import Message
from alerting.due import Due
from alerting.stages.retry import Step
from alerting.store.outbox import add_deliveries
from alerting.store.outcomes import Settled
from alerting.store.record import Record
from alerting.store.release import grant
from alerting.store.store import Store
from pipeline.model.assessment import Assessment
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, DeliveryState, delivery_id
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.level import Level
from pipeline.model.release import How, Release
from pipeline.model.warning import HazardWarning, Report, WarningText

NOON: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
VILLAGE: Final = "330106109206"


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def finding(name: str = "a", revision: int = 0, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "id": content_id("finding", name),
        "revision": revision,
        "state": FindingState.CHANGED if revision else FindingState.OPENED,
        "hazard": Hazard.FIRE,
        "level": Level.ORANGE,
        "peak_level": Level.ORANGE,
        "detector": "fire_fixed",
        "detector_version": 1,
        "criterion": "",
        "subject": name,
        "trigger": f"{name}/temperature",
        "site": "mill",
        "area": VILLAGE,
        "at": later(-30 + revision),
        "onset_at": later(-60),
        "window_start_at": later(-60),
        "value": 58.0,
        "threshold": 57.0,
        "score": 1.02,
    }
    return Finding(**values | changes)


def assessment(name: str = "a", **changes: Any) -> Assessment:
    values: dict[str, Any] = {
        "id": content_id("assessment", name),
        "hazard": Hazard.FIRE,
        "area": VILLAGE,
        "level": Level.ORANGE,
        "previous_level": Level.NONE,
        "confidence": 0.8,
        "at": later(-5),
        "first_evidence_at": later(-60),
        "findings": (finding().id,),
        "trigger": finding().id,
    }
    return Assessment(**values | changes)


def warning(chain: str = "a", number: int = 1, **changes: Any) -> HazardWarning:
    """Report `number` of a chain: a fire in a village, orange, sent at noon and a minute a number later."""
    values: dict[str, Any] = {
        "id": content_id("report", chain, number),
        "chain": content_id("chain", chain),
        "number": number,
        "report": Report.FIRST if number == 1 else Report.FOLLOW_UP,
        "hazard": Hazard.FIRE,
        "area": VILLAGE,
        "level": Level.ORANGE,
        "peak_level": changes.get("level", Level.ORANGE),
        "confidence": 0.8,
        "sent_at": later(60 * (number - 1)),
        "expires_at": later(3600),
        "first_evidence_at": later(-60),
        "assessment": assessment().id,
        "findings": (finding().id,),
        "texts": (
            WarningText(language="en-US", event="Fire", headline="Fire", description="Fire.", instruction="Go."),
        ),
    }
    return HazardWarning(**values | changes)


def delivery(report: HazardWarning, channel: str = "duty", target: str = "chat", **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": delivery_id(report.id, channel, target),
        "warning": report.id,
        "channel": channel,
        "target": target,
        "queued_at": report.sent_at,
        "next_attempt_at": report.sent_at,
    }
    return Delivery(**values | changes)


def put(store: Store, reports: Sequence[HazardWarning], rows: Sequence[Delivery], at: datetime = NOON) -> None:
    """Store reports, release them to the public, and queue deliveries of them."""
    store.save(Record(warnings=reports), at)
    release(store, reports, rows, at)


def release(store: Store, reports: Sequence[HazardWarning], rows: Sequence[Delivery], at: datetime = NOON) -> None:
    """Release stored reports to the public, and queue deliveries of them."""
    with store.write() as connection:
        for one in reports:
            given = Release(warning=one.id, audience=Audience.PUBLIC, how=How.AUTOMATIC, at=at)
            grant(connection, given)
        add_deliveries(connection, rows, reports)


def message(report: HazardWarning, to: Delivery | Due | None = None) -> Message:
    return Message(
        delivery_id=(to or delivery(report)).id,
        warning=report,
        cap_xml=f"<alert><identifier>{report.id}</identifier></alert>".encode(),
        title="Fire, orange",
        body="Fire at the mill. Leave by the north gate.",
    )


def confirm(store: Store, delivery_id: str, state: DeliveryState, at: datetime) -> None:
    """Evidence that came later, such as a receipt or an acknowledgement."""
    store.settle([Settled(delivery_id, Step(state), at)])
