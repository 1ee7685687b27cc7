"""A report in the manner of GB/T 35965.1-2018 (early warning messages), made from its CAP document.

What public documents tell of the national form is kept to: the identifier is the sender's 14-digit code and the instant
in Beijing time, DDDDDDIIIUUUXX_YYYYMMDDhhmmss_N (division by GB/T 2260, industry by GB/T 4657, unit, extension);
severity is a colour; instants are written "2026-05-01 20:00:00+08:00"; the event is coded by GB/T 35561. Names of the
elements are those of the national platform's messages. The standard's own schema is not public: whoever connects to a
platform has to hold this against its interface document.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lxml import etree

from alerting.cap_parse import CapAlert, CapInfo, parse
from alerting.words import BEIJING
from alerting.xml import child, to_bytes

COLOURS: Final = {"Extreme": "RED", "Severe": "ORANGE", "Moderate": "YELLOW", "Minor": "BLUE"}
UNKNOWN_EVENT: Final = "00000"
PAST: Final = "Past"


def to_gbt35965(cap_xml: bytes, sender_code: str, *, is_over: bool = False) -> bytes:
    """UTF-8 XML of the report's Chinese words (those it has first, where there are none).

    Args:
        sender_code: 14 characters that the platform gave the sender.
        is_over: for those to whom an update is the all-clear: it tells of the areas that left.

    Raises:
        CapError: `cap_xml` is no CAP document.
    """
    alert = parse(cap_xml)
    infos = [one for one in alert.infos if (one.urgency == PAST) is is_over] or alert.infos
    info = next((one for one in infos if one.language.startswith("zh")), infos[0])
    numbers = dict(info.parameters)
    root = etree.Element("alert")
    child(root, "identifier", identifier(alert.sent_at, sender_code, int(numbers.get("forewarn:number", "1"))))
    child(root, "sender", alert.sender)
    child(root, "senderCode", sender_code)
    child(root, "sendTime", _instant(alert.sent_at))
    child(root, "status", alert.status)
    child(root, "msgType", alert.msg_type)
    child(root, "scope", alert.scope)
    child(root, "references", _references(alert, sender_code))
    _info(child(root, "info"), info)
    return to_bytes(root)


def identifier(sent_at: datetime, sender_code: str, number: int) -> str:
    """The report's name in the national form; the last digit is that of its place in its chain."""
    return f"{sender_code}_{sent_at.astimezone(BEIJING):%Y%m%d%H%M%S}_{(number - 1) % 10}"


def _references(alert: CapAlert, sender_code: str) -> str:
    earlier = [identifier(sent_at, sender_code, number) for number, (_, _, sent_at) in enumerate(alert.references, 1)]
    return " ".join(earlier)


def _info(parent: etree._Element, info: CapInfo) -> None:
    child(parent, "language", info.language)
    child(parent, "eventType", info.event_code("GB/T 35561-2017") or UNKNOWN_EVENT)
    child(parent, "eventTypeName", info.event)
    child(parent, "urgency", info.urgency)
    child(parent, "severity", COLOURS.get(info.severity, "UNKNOWN"))
    child(parent, "certainty", info.certainty)
    for name in ("effective", "onset", "expires"):
        at = getattr(info, f"{name}_at")
        if at is not None:
            child(parent, name, _instant(at))
    for name in ("headline", "description", "instruction"):
        child(parent, name, getattr(info, name))
    for each in info.areas:
        area = child(parent, "area")
        child(area, "areaDesc", each.description)
        for polygon in each.polygons:
            child(area, "polygon", polygon)
        for _, code in each.geocodes:
            child(area, "geocode", code)


def _instant(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(" ", "seconds")
