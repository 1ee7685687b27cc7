"""What a core made, as messages: JSON, keyed so that what belongs together stays in order."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from pipeline.connectors.kafka.topics import Topic
from pipeline.model.entry import Yield


def messages(made: Yield) -> Iterator[tuple[Topic, str, bytes]]:
    """(topic, key, value): findings by site, assessments and warnings by area."""
    for finding in made.findings:
        yield Topic.FINDINGS, finding.site, _json(finding)
    for assessment in made.assessments:
        yield Topic.ASSESSMENTS, assessment.area, _json(assessment)
    for warning in made.warnings:
        yield Topic.WARNINGS, warning.area, _json(warning)


def _json(value: BaseModel) -> bytes:
    return value.model_dump_json().encode()
