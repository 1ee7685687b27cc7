"""Messages about follow-up work, by the outbox like every other: written with the deed that they tell of.

They are documents of CAP's status System, "messages that support alert network internal functions": for the person
they name and nobody else, in no feed, no list of warnings and no ledger.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from alerting.lifecycle import report_id
from alerting.people.actor import OURSELVES
from alerting.people.options import DutyOptions
from alerting.store.audit import add_audit
from alerting.store.outbox import add_deliveries
from alerting.store.release import grant
from alerting.store.warnings import add_warnings, last_of_chain
from alerting.tasks.item import Deed, Item, Step
from alerting.words import moment
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, delivery_id
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.level import Level
from pipeline.model.release import How, Release
from pipeline.model.warning import HazardWarning, Language, Report, WarningStatus, WarningText

VALID: Final = timedelta(hours=24)
WORDS: Final[dict[Deed, tuple[str, str]]] = {
    Deed.GIVEN: ("请办理", "For you to do"),
    Deed.REASSIGNED: ("转请办理", "Passed on to you"),
    Deed.RETURNED: ("退回重办", "Given back to you"),
    Deed.OVERDUE: ("已逾期，请立即办理", "Overdue, please see to it"),
    Deed.ESCALATED: ("他人逾期未办，现请您督办", "Overdue with others, now with you too"),
}
"""The deeds that somebody is told of."""


class Notices:
    """What the people of a duty centre are told of items that they have."""

    def __init__(self, duty: DutyOptions) -> None:
        self._duty = duty

    def tell(self, connection: Connection, item: Item, step: Step) -> None:
        """Tell whom a deed concerns, by their first contact; who has none stands in the audit log."""
        if step.deed not in WORDS:
            return
        person = self._duty.person(step.to)
        if person is None or not person.contacts:
            add_audit(connection, step.at, OURSELVES, "task.untold", item.id, f"{step.to} has no contact")
            return
        report = _document(connection, item, step)
        channel, _, target = person.contacts[0].partition("/")
        message = Delivery(
            id=delivery_id(report.id, channel, target),
            warning=report.id,
            audience=Audience.DUTY,
            channel=channel,
            target=target,
            queued_at=step.at,
            next_attempt_at=step.at,
        )
        add_warnings(connection, [report])
        grant(connection, Release(warning=report.id, audience=Audience.DUTY, how=How.CALL, at=step.at))
        add_deliveries(connection, [message], [report])


def _document(connection: Connection, item: Item, step: Step) -> HazardWarning:
    about = last_of_chain(connection, item.chain) if item.chain else None
    number = item.steps.index(step) + 1
    hazard, area = (about.hazard, about.area) if about else (Hazard.SENSOR_FAULT, item.area)
    chain = content_id("item", item.id)
    return HazardWarning(
        id=report_id(hazard, area or "item", chain, number),
        chain=chain,
        number=number,
        report=Report.FIRST if number == 1 else Report.FOLLOW_UP,
        status=WarningStatus.SYSTEM,
        hazard=hazard,
        area=area,
        level=Level.NONE,
        peak_level=Level.NONE,
        confidence=1.0,
        sent_at=step.at,
        expires_at=step.at + VALID,
        first_evidence_at=step.at,
        assessment="",
        findings=(),
        texts=tuple(_text(language, item, step) for language in ("zh-CN", "en-US")),
    )


def _text(language: Language, item: Item, step: Step) -> WarningText:
    is_chinese = language == "zh-CN"
    what = WORDS[step.deed][0 if is_chinese else 1]
    due = moment(item.due_at, language)
    by = f"时限：{due}。编号 {item.id}。" if is_chinese else f"Due {due}. Item {item.id}."
    said = "\n".join(one for one in (item.title, item.words, step.words) if one)
    headline = f"【任务】{what}：{item.title}" if is_chinese else f"Task - {what}: {item.title}"
    return WarningText(
        language=language,
        event="任务" if is_chinese else "Task",
        headline=headline,
        description=said,
        instruction=by,
    )
