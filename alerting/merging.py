"""Merging at the outlet: a report of an area comes in, what is told in its place goes on, in the same transaction.

Here meet the reports of all partitions, of other programs' alerts and of one process alike; what was merged before a
crash is found in the tables and not merged again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerting.all_clear import with_earlier
from alerting.hazards import ROWS
from alerting.lifecycle import LifecyclePolicy
from alerting.stages.borders import Borders
from alerting.stages.merge import Joint, MergeOptions, home, merged
from alerting.store.joints import is_part, is_taken, lifted_held, open_joints, overtake_waiting, put_joint
from alerting.store.ledger import add_entries
from alerting.store.release import left_untold, unsaid
from alerting.store.warnings import add_warnings, last_of
from alerting.texts import Writer
from pipeline.model.delivery import Delivery
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning, PartNews, Report


class Merging:
    """Any thread that holds the outlet's turn may call."""

    def __init__(self, inventory: Inventory, policy: LifecyclePolicy, options: MergeOptions) -> None:
        self._options = options
        self._renew_before_s = policy.renew_before_s
        self._borders = Borders(inventory, options.distance_m)
        self._writer = Writer(inventory, policy.senders, {})

    def take(self, connection: Connection, report: HazardWarning, at: datetime) -> list[HazardWarning]:
        """What people are told in place of a report that was just stored: itself, a joint report, or nothing new.

        A chain that began before its hazard was merged goes on by itself, and one that was merged stays so.
        """
        if not self.takes(connection, report):
            return [report]
        if is_taken(connection, report.id):
            return []
        found = home(report, _open(connection, report), self._borders, self._options)
        found = _without_before(connection, found, report) if found else None
        if report.report is Report.FINAL and not (found and found.has(report.chain)):
            return []  # its all-clear was refused, and it expired
        joint, change = merged(found, report, self._renew_before_s)
        if change is None:
            put_joint(connection, joint, report, is_told=False)
            return []
        before = last_of(connection, joint.last.chain) if found else None
        left = left_untold(connection, before, ROWS[report.hazard].audience) if before else []
        joint = joint.with_left(left)
        texts = self._writer.joint_texts(joint.last, change, before, report)
        told = joint.last.model_copy(update={"texts": texts})
        put_joint(connection, joint, report, is_told=True)
        add_warnings(connection, [told])
        add_entries(connection, [told], at)
        return [told]

    def takes(self, connection: Connection, report: HazardWarning) -> bool:
        """Whether people are told of this report of an area by a joint one."""
        return not report.parts and self._is_merged(connection, report)

    def going_on(self, connection: Connection, report: HazardWarning) -> HazardWarning | None:
        """What is told of other areas when this report ends the danger in its own; None: it is not so."""
        if report.parts or report.report is not Report.FINAL or not is_part(connection, report.chain):
            return None
        found = next((one for one in _open(connection, report) if one.has(report.chain)), None)
        others = {one.area for one in found.besides(report)} if found else set()
        return found.last if found and others and report.area not in others else None

    def _is_merged(self, connection: Connection, report: HazardWarning) -> bool:
        if report.number == 1:
            return report.hazard in self._options.hazards
        return is_part(connection, report.chain)

    def gather(
        self,
        connection: Connection,
        report: HazardWarning,
        made: Iterable[Delivery],
        told: set[tuple[str, str]],
        at: datetime,
    ) -> tuple[list[Delivery], list[str]]:
        """Who knows of the warning hears of further areas together: deliveries, and those that they overtake."""
        is_urgent = report.report is not Report.FOLLOW_UP or any(
            part.news is PartNews.RAISED for part in report.concerned
        )
        rows, overtaken = [], []
        for one in made:
            waiting = overtake_waiting(connection, report, one.channel, one.target, at)
            overtaken += [each.delivery for each in waiting]
            knows = (one.channel, one.target) in told
            due = [each.due_at for each in waiting] + [at + timedelta(seconds=self._options.gather_s)]
            at_once = is_urgent or one.is_over or not knows or not self._options.gather_s
            later = {} if at_once else {"next_attempt_at": min(due)}
            earlier = [area for each in waiting for area in each.lifted]
            earlier += lifted_held(connection, report.chain, one.channel, one.target)
            rows.append(one.model_copy(update={**later, "lifted": with_earlier(report, earlier, one.lifted)}))
        return rows, overtaken


def _open(connection: Connection, report: HazardWarning) -> list[Joint]:
    """The open joint chains of a report's hazard and status, without areas that expired and will not be heard of.

    Another area's report never takes out one whose own end may still come: partitions are not equally far.
    """
    found = open_joints(connection, report.hazard, report.status)
    expired = [one.chain for joint in found for one in joint.besides(report) if one.expires_at <= report.sent_at]
    gone = unsaid(connection, expired)
    return [joint.without(gone) for joint in found] if gone else found


def _without_before(connection: Connection, joint: Joint, report: HazardWarning) -> Joint:
    """What began anew in an area stands in place of what ended there unsaid."""
    before = [one.chain for one in joint.besides(report) if one.area == report.area]
    return joint.without(unsaid(connection, before))
