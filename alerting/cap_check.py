"""Whether a document is CAP 1.2: the OASIS schema, and the rules of the standard's text that a schema cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from lxml import etree

from alerting.cap_namespace import NAMESPACE
from alerting.cap_parse import CapAlert, CapError, parse, read_xml

_NS: Final = {"cap": NAMESPACE}
_TOKEN: Final = re.compile(r"[^\s,<&]+")
_REFERENCE: Final = re.compile(r"[^\s,<&]+,[^\s,<&]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")

_PAIR: Final = re.compile(r"-?\d+(\.\d+)?,-?\d+(\.\d+)?")
_RING_MIN: Final = 4
"""A triangle and its first point again."""


def validate(xml: bytes) -> list[str]:
    """What is wrong with a CAP document, in words with lines; nothing for a valid one.

    A document from outside is safe to check: entities are not resolved, nothing is fetched, a DOCTYPE is refused.
    """
    try:
        document = read_xml(xml)
    except CapError as error:
        return [str(error)]
    schema = _schema()
    if not schema.validate(document):
        return str(schema.error_log).splitlines()
    return [*_header_faults(document), *_info_faults(document), *_polygon_faults(document)]


def chain_faults(documents: Sequence[bytes]) -> list[str]:
    """What is wrong with valid documents taken together: an identifier twice, a reference that leads nowhere.

    An Update or Cancel that stands alone may refer to a document that is not here: only what contradicts is told.
    """
    alerts = [parse(each) for each in documents]
    sent = {(one.sender, one.identifier): one for one in alerts}
    faults = [
        f"{one.identifier}: another document of {one.sender} has this identifier"
        for one in alerts
        if sent[one.sender, one.identifier] is not one
    ]
    return faults + [fault for one in alerts for fault in _reference_faults(one, sent)]


def _reference_faults(one: CapAlert, sent: Mapping[tuple[str, str], CapAlert]) -> Iterator[str]:
    for sender, identifier, sent_at in one.references:
        meant = sent.get((sender, identifier))
        if (sender, identifier) == (one.sender, one.identifier):
            yield f"{one.identifier}: refers to itself"
        elif meant is not None and meant.sent_at != sent_at:
            yield f"{one.identifier}: says {identifier} was sent {sent_at}, which says {meant.sent_at}"
        elif meant is not None and meant.sent_at > one.sent_at:
            yield f"{one.identifier}: refers to {identifier}, which was sent later"
        elif meant is not None and meant.msg_type == "Cancel":
            yield f"{one.identifier}: goes on with {identifier}, which cancelled its chain"


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(files("alerting").joinpath("cap_schema/CAP-v1.2.xsd").read_bytes()))


def _texts(document: etree._Element, path: str) -> list[str]:
    found = document.findall(path, _NS)
    return [element.text or "" for element in found]


def _header_faults(document: etree._Element) -> Iterator[str]:
    for tag in ("identifier", "sender"):
        for text in _texts(document, f"cap:{tag}"):
            if not _TOKEN.fullmatch(text):
                yield f"{tag} {text!r} must have no space, comma, < or & (CAP 3.2.1)"
    references = " ".join(_texts(document, "cap:references")).split()
    yield from (f"reference {each!r} is not sender,identifier,sent" for each in references if not _is_reference(each))
    if _texts(document, "cap:msgType")[0] in {"Update", "Cancel"} and not references:
        yield "an Update or Cancel must name what it refers to"
    if _texts(document, "cap:scope") == ["Restricted"] and not _texts(document, "cap:restriction"):
        yield "scope Restricted needs a restriction"


def _is_reference(text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None


def _info_faults(document: etree._Element) -> Iterator[str]:
    sent_at = datetime.fromisoformat(_texts(document, "cap:sent")[0])
    for text in _texts(document, "cap:info/cap:expires"):
        if datetime.fromisoformat(text) <= sent_at:
            yield f"expires {text} is not after sent {sent_at.isoformat()}"


def _polygon_faults(document: etree._Element) -> Iterator[str]:
    for text in _texts(document, "cap:info/cap:area/cap:polygon"):
        pairs = text.split()
        if not all(map(_PAIR.fullmatch, pairs)):
            yield f"polygon {text!r} is not latitude,longitude pairs"
            continue
        if len(pairs) < _RING_MIN or pairs[0] != pairs[-1]:
            yield "a polygon needs at least four pairs, the last equal to the first"
        degrees = [float(part) for pair in pairs for part in pair.split(",")]
        if max(map(abs, degrees[::2]), default=0) > 90 or max(map(abs, degrees[1::2]), default=0) > 180:  # noqa: PLR2004  # degrees
            yield "latitude comes first and stays within 90 degrees, longitude within 180"
