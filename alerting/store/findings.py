"""Findings and assessments: written once, read by id and by time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, select

from alerting.store.database import Database, insert_new
from alerting.store.schema import assessments, findings
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.instant import to_ns


class FindingQueries(Database):
    """What detectors said, and what was concluded from it."""

    def finding(self, finding_id: str) -> tuple[Finding, ...]:
        """All revisions of one episode, in order; empty if there is none."""
        return self._findings(_FINDING.where(findings.c.id == finding_id).order_by(findings.c.revision))

    def findings(
        self, limit: int, *, hazard: Hazard | None = None, area: str | None = None, subject: str | None = None
    ) -> tuple[Finding, ...]:
        """The latest revisions by event time, newest first."""
        wanted = {findings.c.hazard: hazard, findings.c.area: area, findings.c.subject: subject}
        query = _FINDING.where(*(column == value for column, value in wanted.items() if value is not None))
        newest = (findings.c.at_ns.desc(), findings.c.id.desc(), findings.c.revision.desc())
        return self._findings(query.order_by(*newest).limit(limit))

    def assessments(
        self, limit: int, *, hazard: Hazard | None = None, area: str | None = None
    ) -> tuple[Assessment, ...]:
        """The latest assessments by event time, newest first."""
        wanted = {assessments.c.hazard: hazard, assessments.c.area: area}
        query = select(assessments.c.document)
        query = query.where(*(column == value for column, value in wanted.items() if value is not None))
        query = query.order_by(assessments.c.at_ns.desc(), assessments.c.id.desc()).limit(limit)
        with self.read() as connection:
            return tuple(Assessment.model_validate_json(text) for text in connection.scalars(query))

    def _findings(self, query: Select[str]) -> tuple[Finding, ...]:
        with self.read() as connection:
            return tuple(Finding.model_validate_json(text) for text in connection.scalars(query))


_FINDING = select(findings.c.document)


def add_findings(connection: Connection, rows: Sequence[Finding]) -> None:
    """Insert those that are not there yet."""
    insert_new(connection, findings, [_finding_row(row) for row in rows])


def add_assessments(connection: Connection, rows: Sequence[Assessment]) -> None:
    """Insert those that are not there yet."""
    insert_new(connection, assessments, [_assessment_row(row) for row in rows])


def _finding_row(finding: Finding) -> dict[str, str | int]:
    return {
        "id": finding.id,
        "revision": finding.revision,
        "at_ns": to_ns(finding.at),
        "hazard": finding.hazard,
        "area": finding.area,
        "subject": finding.subject,
        "document": finding.model_dump_json(),
    }


def _assessment_row(assessment: Assessment) -> dict[str, str | int]:
    return {
        "id": assessment.id,
        "at_ns": to_ns(assessment.at),
        "hazard": assessment.hazard,
        "area": assessment.area,
        "document": assessment.model_dump_json(),
    }
