"""CAP 1.2 of others, read without trusting it: what the document says, or why it is refused.

A document type is refused whatever it declares, so no entity is ever expanded and nothing is fetched; size and depth
are bounded before any element is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from alerting.cap_namespace import NAMESPACE
from pipeline.model.instant import as_utc

BYTES_MAX: Final = 1_048_576
"""CAP sets no bound; the largest alerts of public feeds, with detailed polygons, stay below 300 kB."""

_NS: Final = {"cap": NAMESPACE}


class CapError(ValueError):
    """No CAP document that can be trusted to be read; `str()` says why."""


@dataclass(frozen=True, slots=True)
class CapArea:
    """Where: `polygons` and `circles` as CAP writes them, `geocodes` as (system, code)."""

    description: str
    polygons: tuple[str, ...]
    circles: tuple[str, ...]
    geocodes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CapInfo:
    """What, in one language. Instants are UTC, None where the document does not say."""

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    effective_at: datetime | None
    onset_at: datetime | None
    expires_at: datetime | None
    headline: str
    description: str
    instruction: str
    event_codes: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]
    areas: tuple[CapArea, ...]

    def event_code(self, system: str) -> str:
        """The event's code in a system; "" where the document does not tell."""
        return next((code for name, code in self.event_codes if name == system), "")


@dataclass(frozen=True, slots=True)
class CapAlert:
    """One document. `references` are (sender, identifier, sent) of earlier ones."""

    identifier: str
    sender: str
    sent_at: datetime
    status: str
    msg_type: str
    scope: str
    references: tuple[tuple[str, str, datetime], ...]
    infos: tuple[CapInfo, ...]


def read_xml(xml: bytes) -> etree._Element:
    """The root of a document from outside.

    Raises:
        CapError: too large, no XML, nested too deep, or with a document type.
    """
    if len(xml) > BYTES_MAX:
        raise CapError(f"{len(xml)} bytes; at most {BYTES_MAX} are read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        document = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CapError(f"not XML: {error}") from error
    tree = document.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.externalDTD is not None:
        raise CapError("a document type: CAP needs none, and it may bring in entities from elsewhere")
    return document


def parse(xml: bytes) -> CapAlert:
    """What a valid document says. Ask `alerting.cap_check.validate` first what is wrong with it.

    Raises:
        CapError: it cannot be read, is no CAP 1.2 alert, or lacks what every alert has.
    """
    alert = read_xml(xml)
    if alert.tag != f"{{{NAMESPACE}}}alert":
        raise CapError(f"the root is {alert.tag}, not alert of {NAMESPACE}")
    return CapAlert(
        identifier=_must(alert, "identifier"),
        sender=_must(alert, "sender"),
        sent_at=_instant(_must(alert, "sent")),
        status=_must(alert, "status"),
        msg_type=_must(alert, "msgType"),
        scope=_must(alert, "scope"),
        references=tuple(_reference(each) for each in _text(alert, "references").split()),
        infos=tuple(_info(each) for each in alert.findall("cap:info", _NS)),
    )


def _info(info: etree._Element) -> CapInfo:
    return CapInfo(
        language=_text(info, "language") or "en-US",  # CAP 3.2.2: the default
        categories=_texts(info, "category"),
        event=_must(info, "event"),
        urgency=_must(info, "urgency"),
        severity=_must(info, "severity"),
        certainty=_must(info, "certainty"),
        effective_at=_maybe(info, "effective"),
        onset_at=_maybe(info, "onset"),
        expires_at=_maybe(info, "expires"),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        event_codes=_pairs(info, "eventCode"),
        parameters=_pairs(info, "parameter"),
        areas=tuple(_area(each) for each in info.findall("cap:area", _NS)),
    )


def _area(area: etree._Element) -> CapArea:
    return CapArea(_must(area, "areaDesc"), _texts(area, "polygon"), _texts(area, "circle"), _pairs(area, "geocode"))


def _pairs(parent: etree._Element, tag: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, "valueName"), _text(one, "value")) for one in parent.findall(f"cap:{tag}", _NS))


def _texts(parent: etree._Element, tag: str) -> tuple[str, ...]:
    return tuple((one.text or "").strip() for one in parent.findall(f"cap:{tag}", _NS))


def _text(parent: etree._Element, tag: str) -> str:
    return next(iter(_texts(parent, tag)), "")


def _must(parent: etree._Element, tag: str) -> str:
    text = _text(parent, tag)
    if not text:
        raise CapError(f"{etree.QName(parent).localname} has no {tag}")
    return text


def _maybe(parent: etree._Element, tag: str) -> datetime | None:
    text = _text(parent, tag)
    return _instant(text) if text else None


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise CapError(f"instant {text!r} has no offset")
        return as_utc(at)
    except ValueError as error:
        raise CapError(f"instant {text!r}: {error}") from error


def _reference(text: str) -> tuple[str, str, datetime]:
    parts = text.split(",")
    if len(parts) != 3:  # noqa: PLR2004  # CAP 3.2.1: sender,identifier,sent
        raise CapError(f"reference {text!r} is not sender,identifier,sent")
    return parts[0], parts[1], _instant(parts[2])
