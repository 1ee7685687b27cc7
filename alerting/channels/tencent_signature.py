"""TC3-HMAC-SHA256, the signature of Tencent Cloud's interfaces (cloud.tencent.com/document/api/382/52072)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from pipeline.model.instant import to_ns

ALGORITHM: Final = "TC3-HMAC-SHA256"
_END: Final = "tc3_request"


def authorization(service: str, headers: Mapping[str, str], body: bytes, key: tuple[str, str], now: datetime) -> str:
    """The Authorization header of a POST to "/"; all of `headers` are signed, their names in small letters.

    Args:
        key: id and secret of the access key.
        now: the same as X-TC-Timestamp says.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers))
    canonical = "\n".join(["POST", "/", "", lines, names, _digest(body)])
    day = now.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/{_END}"
    text = "\n".join([ALGORITHM, str(to_ns(now) // 1_000_000_000), scope, _digest(canonical.encode())])
    signing = f"TC3{key[1]}".encode()
    for part in (day, service, _END):
        signing = hmac.digest(signing, part.encode(), hashlib.sha256)
    signature = hmac.digest(signing, text.encode(), hashlib.sha256).hex()
    return f"{ALGORITHM} Credential={key[0]}/{scope}, SignedHeaders={names}, Signature={signature}"


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
