"""The all-clear of one area of several, where it needs people: until they allow it, the area stays in its warning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from alerting.hazards import ROWS
from alerting.merging import Merging
from alerting.stages.approve import ReleaseRule, judge
from alerting.store.release import before, locked
from pipeline.model.release import ReleaseState, Request
from pipeline.model.warning import HazardWarning


def asked(
    connection: Connection, report: HazardWarning, merging: Merging, rules: Sequence[ReleaseRule], at: datetime
) -> Request | None:
    """What the end of the danger in one area of several waits for; None: for nobody, or it is no such report.

    Nothing waits where the warning itself was released to nobody.
    """
    joint = merging.going_on(connection, report)
    if joint is None:
        return None
    audience = ROWS[report.hazard].audience
    found = locked(connection, report.id, audience)
    if found is not None:
        return found[0]
    told = before(connection, joint.model_copy(update={"number": joint.number + 1}), audience)
    request = judge(report, audience, rules, told, at)
    return request if request.state is ReleaseState.PENDING else None


def of_the_whole(request: Request, report: HazardWarning) -> Request:
    """The release of an area's all-clear as that of the report that ends the whole warning: nobody is asked twice."""
    return request.model_copy(
        update={"warning": report.id, "chain": report.chain, "number": report.number, "level": report.peak_level}
    )
