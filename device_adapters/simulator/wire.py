"""The bytes a simulated device sends: JSON over HTTP and MQTT."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from device_adapters.simulator.schedule import Report
from pipeline.model.instant import from_ns, to_text


def http_body(reports: Sequence[Report]) -> bytes:
    """Of `POST /v1/readings`: many readings in one message."""
    readings = [{"sensor": report.sensor, **_fields(report)} for report in reports]
    return msgspec.json.encode({"readings": readings})


def mqtt_payload(report: Report) -> bytes:
    """Of one message; the sensor is in its topic."""
    return msgspec.json.encode(_fields(report))


def mqtt_topic(template: str, site: str, sensor: str) -> str:
    """`forewarn/{site}/{sensor}` filled in."""
    return template.replace("{site}", site).replace("{sensor}", sensor)


def _fields(report: Report) -> dict[str, object]:
    at = to_text(from_ns(report.at_ns))
    return {"value": report.value, "unit": report.unit, "at": at, "status": "normal"}
