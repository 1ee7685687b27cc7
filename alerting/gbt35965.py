"""A report in the manner of GB/T 35965.1-2018 (early warning messages), made from its CAP document.

What public documents tell of the national form is kept to: the identifier is the sender's 14-digit code and the instant
in Beijing time, ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N (division by GB/T 2260, industry by GB/T 4657, unit, extension; N: one
digit that tells apart what a sender issues within one second); severity is a colour; instants are written "2026-05-01
20:00:00+08:00"; the event is coded by GB/T 35561. The names of the elements stand in no document that could be read:
the standard's own schema is not public. Whoever connects to a platform has to hold this against its interface document.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lxml import etree

from alerting.cap_parse import CapAlert, CapInfo, parse
from alerting.words import BEIJING
from alerting.xml import child, to_bytes
from pipeline.model.identity import content_id

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
    root = etree.Element("alert")
    child(root, "identifier", identifier(alert.sent_at, sender_code, alert.identifier))
    child(root, "sender", alert.sender)
    child(root, "senderCode", sender_code)
    child(root, "sendTime", _instant(alert.sent_at))
    child(root, "status", alert.status)
    child(root, "msgType", alert.msg_type)
    child(root, "scope", alert.scope)
    child(root, "references", _references(alert, sender_code))
    _info(child(root, "info"), info)
    return to_bytes(root)


def identifier(sent_at: datetime, sender_code: str, name: str) -> str:
    """A report's name in the national form. `name`: its CAP identifier, which ends with its chain and its number.

    The last digit follows from both, so that who refers to it comes to the same: reports of a chain within one second
    have different ones, those of two chains nine times in ten.
    """
    chain, _, number = name.rpartition("-")
    place = int(number) if number.isdecimal() else 0
    serial = (int(content_id(chain.rpartition("-")[2]), 16) + place) % 10
    return f"{sender_code}_{sent_at.astimezone(BEIJING):%Y%m%d%H%M%S}_{serial}"


def _references(alert: CapAlert, sender_code: str) -> str:
    return " ".join(identifier(sent_at, sender_code, name) for _, name, sent_at in alert.references)


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
