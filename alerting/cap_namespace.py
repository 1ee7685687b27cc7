"""The XML namespace of CAP 1.2 (OASIS Standard, 1 July 2010), for those who write it and those who read it."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
