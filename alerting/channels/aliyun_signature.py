"""ACS3-HMAC-SHA256, the signature of Aliyun's interfaces (help.aliyun.com, "V3 request structure and signature")."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

ALGORITHM: Final = "ACS3-HMAC-SHA256"
_SIGNED: Final = ("host", "content-type")
"""Headers that are signed, beside all that begin with x-acs-."""


def query_of(parameters: Mapping[str, str]) -> str:
    """Parameters in order of their names, escaped by RFC 3986."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(parameters.items()))


def digest(text: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text).hexdigest()


def authorization(query: str, headers: Mapping[str, str], body: bytes, key_id: str, key_secret: str) -> str:
    """The Authorization header of a POST to "/". Names of `headers` are in small letters."""
    chosen = {name: value.strip() for name, value in headers.items() if name in _SIGNED or name.startswith("x-acs-")}
    names = ";".join(sorted(chosen))
    lines = "".join(f"{name}:{chosen[name]}\n" for name in sorted(chosen))
    canonical = "\n".join(["POST", "/", query, lines, names, digest(body)])
    text = f"{ALGORITHM}\n{digest(canonical.encode())}"
    signature = hmac.digest(key_secret.encode(), text.encode(), hashlib.sha256).hex()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
