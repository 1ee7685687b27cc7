"""What the log and the topics of results hold, as points; what cannot become one is counted with its reason."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from pipeline.config.influx import InfluxOptions
from pipeline.connectors.influx.readings import ReadingLines
from pipeline.connectors.influx.results import assessment_line, finding_line, rain_ahead_line, warning_line
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.model.assessment import Assessment
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "sink"
UNKNOWN: Final = "unknown_series"
WINDOW: Final = "window"
NOT_READABLE: Final = "not_readable"


class Points:
    """One inventory's."""

    def __init__(self, inventory: Inventory, options: InfluxOptions, telemetry: Telemetry) -> None:
        self._readings = ReadingLines(inventory, options.window_s)
        self._telemetry = telemetry

    def of_entry(self, entry: Entry) -> list[bytes]:
        """The readings of a batch; a tick has none."""
        if not isinstance(entry, ReadingBatch):
            return []
        lines, unknown, left_out = self._readings.lines(entry)
        self._telemetry.count(COMPONENT, Event.RECEIVED, len(entry))
        self._telemetry.count(COMPONENT, Event.DROPPED, unknown, UNKNOWN)
        self._telemetry.count(COMPONENT, Event.DROPPED, left_out, WINDOW)
        self._telemetry.count(COMPONENT, Event.SENT, len(lines))
        return lines

    def of_message(self, topic: Topic, value: bytes | None) -> list[bytes]:
        """What a message comes to.

        Raises:
            BatchError: nothing that this topic should hold.
        """
        try:
            match topic:
                case Topic.READINGS:
                    return self.of_entry(decode(value))
                case Topic.FINDINGS:
                    return [finding_line(Finding.model_validate_json(value or b""))]
                case Topic.ASSESSMENTS:
                    return [assessment_line(Assessment.model_validate_json(value or b""))]
                case Topic.WARNINGS:
                    return [warning_line(HazardWarning.model_validate_json(value or b""))]
                case Topic.FORECASTS:
                    return [rain_ahead_line(RainAhead.model_validate_json(value or b""))]
        except ValidationError as error:
            raise BatchError(f"not one of {topic}: {error.error_count()} faults, {error.errors()[0]['msg']}") from error
        raise BatchError(f"topic {topic} is not written to InfluxDB")
