"""Common Alerting Protocol 1.2 (OASIS Standard, 1 July 2010): one report as one XML document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from lxml import etree

from alerting.all_clear import as_all_clear
from alerting.cap_namespace import NAMESPACE
from alerting.hazards import ROWS, certainty, is_forecast, is_public, urgency
from alerting.lifecycle import LifecyclePolicy
from alerting.words import BEIJING, choose, place
from alerting.xml import child, root, to_bytes
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus, WarningText

MSG_TYPES: Final = {Report.FIRST: "Alert", Report.FOLLOW_UP: "Update", Report.FINAL: "Cancel"}
SEVERITIES: Final = {
    Level.NONE: "Minor",  # CAP: "minimal to no known threat"
    Level.BLUE: "Minor",
    Level.YELLOW: "Moderate",
    Level.ORANGE: "Severe",
    Level.RED: "Extreme",
}
RESTRICTIONS: Final = ("Maintenance staff only / 仅供设备维护人员", "For the person addressed only / 仅供本人")
NOTES: Final = {WarningStatus.EXERCISE: "Exercise / 演练", WarningStatus.TEST: "Test / 测试"}

NOWHERE: Final = "-"
"""Of a message about work that is about no area; CAP wants an area block with words."""

Fields = Iterator[tuple[str, str]]


def to_cap(warning: HazardWarning, inventory: Inventory, policy: LifecyclePolicy) -> bytes:
    """UTF-8 XML, valid against the OASIS schema; the same report gives the same bytes.

    One info block a language; an area that leaves a warning which goes on has blocks of its own, response AllClear.
    """
    alert = root(NAMESPACE, "alert")
    _append(alert, _header(warning, policy))
    _infos(alert, warning, inventory, policy)
    for part in warning.left:
        _infos(alert, as_all_clear(warning, [part.area]), inventory, policy)
    return to_bytes(alert)


def _infos(alert: etree._Element, warning: HazardWarning, inventory: Inventory, policy: LifecyclePolicy) -> None:
    for text in warning.texts:
        info = child(alert, "info")
        _append(info, _info(warning, text))
        _named(info, "eventCode", _event_codes(warning))
        _append(info, _instants(warning))
        _append(info, _words(text, policy))
        _named(info, "parameter", _parameters(warning))
        for code in warning.areas:
            _area(info, code, inventory, text)


def cap_instant(at: datetime) -> str:
    """The one form that CAP allows: whole seconds, offset in digits, never Z."""
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


def _header(warning: HazardWarning, policy: LifecyclePolicy) -> Fields:
    yield "identifier", warning.id
    yield "sender", policy.sender
    yield "sent", cap_instant(warning.sent_at)
    yield "status", warning.status.value
    yield "msgType", MSG_TYPES[warning.report]
    if is_public(warning.hazard) and warning.status is not WarningStatus.SYSTEM:
        yield "scope", "Public"
    else:
        yield "scope", "Restricted"
        yield "restriction", RESTRICTIONS[warning.status is WarningStatus.SYSTEM]
    if warning.status in NOTES:
        yield "note", NOTES[warning.status]
    if warning.references:
        earlier = (f"{policy.sender},{each},{cap_instant(sent_at)}" for each, sent_at in warning.references)
        yield "references", " ".join(earlier)


def _info(warning: HazardWarning, text: WarningText) -> Fields:
    row = ROWS[warning.hazard]
    yield "language", text.language
    yield "category", row.category
    yield "event", text.event
    if warning.status is WarningStatus.SYSTEM:
        yield from ((name, "Unknown") for name in ("urgency", "severity", "certainty"))
        return
    yield "responseType", row.response(warning.level)
    yield "urgency", urgency(warning)
    yield "severity", SEVERITIES[warning.level]
    yield "certainty", certainty(warning)


def _event_codes(warning: HazardWarning) -> Fields:
    code = ROWS[warning.hazard].event_code
    if code:
        yield "GB/T 35561-2017", code
    yield "forewarn:hazard", warning.hazard.value


def _instants(warning: HazardWarning) -> Fields:
    yield "effective", cap_instant(warning.sent_at)
    if warning.expected_onset_at is not None and is_forecast(warning):
        yield "onset", cap_instant(warning.expected_onset_at)
    elif warning.report is not Report.FINAL:
        yield "onset", cap_instant(warning.first_evidence_at)
    yield "expires", cap_instant(warning.expires_at)


def _words(text: WarningText, policy: LifecyclePolicy) -> Fields:
    yield "senderName", choose(text.language, policy.sender_name_zh, policy.sender_name_en)
    yield "headline", text.headline
    yield "description", text.description
    yield "instruction", text.instruction
    if policy.web:
        yield "web", policy.web
    if policy.contact:
        yield "contact", policy.contact


def _parameters(warning: HazardWarning) -> Fields:
    yield "forewarn:level", warning.level.word
    yield "forewarn:peak_level", warning.peak_level.word
    yield "forewarn:chain", warning.chain
    yield "forewarn:number", str(warning.number)
    yield "forewarn:confidence", f"{warning.confidence:.2f}"
    if len({part.level for part in warning.parts}) > 1:
        yield from ((f"forewarn:level:{part.area}", part.level.word) for part in warning.parts)
    for name in ("expected_onset_earliest_at", "expected_onset_latest_at"):
        at = getattr(warning, name)
        if at is not None:
            yield f"forewarn:{name}", cap_instant(at)


def _area(info: etree._Element, code: str, inventory: Inventory, text: WarningText) -> None:
    area = child(info, "area")
    child(area, "areaDesc", place(inventory, code, text.language) or NOWHERE)
    known = inventory.area_by_code.get(code)
    if known is not None and known.polygon:
        child(area, "polygon", " ".join(f"{_degrees(lat)},{_degrees(lon)}" for lon, lat in known.polygon))
    if code:
        _named(area, "geocode", iter([("GB/T 2260", code)]))


def _degrees(value: float) -> str:
    """To 0.000001 degrees, a tenth of a metre."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _named(parent: etree._Element, tag: str, pairs: Fields) -> None:
    for name, value in pairs:
        element = child(parent, tag)
        _append(element, iter([("valueName", name), ("value", value)]))


def _append(parent: etree._Element, fields: Fields) -> None:
    for tag, text in fields:
        child(parent, tag, text)
