"""The three steps of writing an XML document in one namespace."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry (section 2.2): a control character in a name must not stop a warning."""


def root(namespace: str, tag: str) -> etree._Element:
    """An empty document whose elements are all of `namespace`."""
    nsmap: dict[str | None, str] = {None: namespace}
    return etree.Element(f"{{{namespace}}}{tag}", nsmap=nsmap)  # type: ignore[arg-type]  # the stubs miss None


def child(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """One more element at the end of `parent`, in its namespace, if it has one."""
    namespace = etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{namespace}}}{tag}" if namespace else tag, attributes)
    element.text = text and _NOT_IN_XML.sub("", text)
    return element


def to_bytes(document: etree._Element) -> bytes:
    """UTF-8, indented; the same document gives the same bytes."""
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True, pretty_print=True)
