"""What a core made, as messages: JSON, keyed so that what belongs together stays in order."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.model.entry import Yield


def messages(made: Yield) -> Iterator[Message]:
    """Findings and forecasts by site, assessments and warnings by area."""
    for finding in made.findings:
        yield Message(Topic.FINDINGS, _json(finding), key=finding.site)
    for assessment in made.assessments:
        yield Message(Topic.ASSESSMENTS, _json(assessment), key=assessment.area)
    for warning in made.warnings:
        yield Message(Topic.WARNINGS, _json(warning), key=warning.area)
    for forecast in made.forecasts:
        yield Message(Topic.FORECASTS, _json(forecast), key=forecast.site)


def _json(value: BaseModel) -> bytes:
    return value.model_dump_json().encode()
