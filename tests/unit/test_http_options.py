from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from device_adapters.http_options import HttpOptions

DEVICE = {"token_sha256": "a" * 64, "sensors": ["*"]}

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no device": ({"devices": {}}, "at least 1 item"),
    "the token itself": ({"devices": {"a": DEVICE | {"token_sha256": "secret"}}}, "String should match pattern"),
    "no sensors": ({"devices": {"a": DEVICE | {"sensors": []}}}, "at least 1 item"),
    "one token for two": (
        {"devices": {"a": DEVICE, "b": DEVICE}},
        "two devices have the same token",
    ),
    "no rate": ({"devices": {"a": DEVICE | {"readings_per_s": 0}}}, "greater than 0"),
    "no port": ({"port": 70_000}, "less than or equal to 65535"),
    "unknown key": ({"tls": True}, "Extra inputs are not permitted"),
    "unknown key of JSON": ({"json": {"paths": 1}}, "Extra inputs are not permitted"),
}


@pytest.mark.parametrize(("more", "words"), BAD.values(), ids=BAD)
def test_options_that_cannot_work_are_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        HttpOptions.model_validate({"devices": {"a": DEVICE}} | more)
