"""One reading from values of any type, as loosely typed messages bring them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from device_adapters.codecs.base import RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.json_paths import ABSENT
from pipeline.model.quality import LIVE_STATUS_MAX, DeviceStatus

_NUMBER: Final = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
STATUS_BY_WORD: Final[Mapping[str, DeviceStatus]] = {status.name.lower(): status for status in DeviceStatus}


def status_of_word(word: object) -> object:
    """The status that a configuration names, as pydantic is to see it."""
    return STATUS_BY_WORD.get(word.lower(), word) if isinstance(word, str) else word


StatusField = Annotated[
    DeviceStatus,
    BeforeValidator(status_of_word),
    WithJsonSchema({"type": "string", "enum": list(STATUS_BY_WORD)}),
]
"""A pydantic field, written as a word (`calibration`) or its number."""
StatusWords = Annotated[
    dict[str, StatusField], AfterValidator(lambda words: {word.lower(): status for word, status in words.items()})
]
"""A pydantic field: what a device's own words or numbers for its status mean; case does not matter."""


class Loose(NamedTuple):
    """What stood in the places of one reading: any decoded JSON, or ABSENT."""

    sensor: object = ABSENT
    value: object = ABSENT
    at: object = ABSENT
    unit: object = ABSENT
    quantity: object = ABSENT
    status: object = ABSENT


class _RefusalError(Exception):
    """Ends the reading of one claim."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def claim(claims: Claims, position: int, item: object, loose: Loose, words: Mapping[str, DeviceStatus]) -> None:
    """Add the reading to the claims, or say there why it is none.

    Args:
        claims: what it is added to.
        position: its place in the message.
        item: what stood there, shown in the excerpt of a reject.
        loose: what stood in the places of its parts.
        words: what the device's words (or numbers) for its status mean, in lower case.
    """
    try:
        sensor = _sensor(loose.sensor)
        status = _status(sensor, loose.status, words)
        value = _value(sensor, loose.value, status)
        unit, quantity = _text(sensor, "unit", loose.unit), _text(sensor, "quantity", loose.quantity)
    except _RefusalError as refusal:
        claims.refuse(position, refusal.reason, str(refusal), item)
        return
    at = None if loose.at is ABSENT else loose.at
    claims.add(position, item, sensor, quantity, unit, value, at, status)


def number(value: object) -> float:
    """A number, or text that writes one; infinite where it is too large, NaN where it is none."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _sensor(sensor: object) -> str:
    text = str(sensor) if type(sensor) is int else sensor
    if isinstance(text, str) and text:
        return text
    shown = "nothing" if sensor is ABSENT else f"{sensor!r:.80}"
    raise _RefusalError(RejectReason.MALFORMED, f"{shown} where the sensor's id is expected; send its id as text")


def _status(sensor: str, status: object, words: Mapping[str, DeviceStatus]) -> DeviceStatus:
    if status in (None, ABSENT):
        return DeviceStatus.NORMAL
    code = words.get(str(status).lower())
    if code is None:
        detail = f"sensor {sensor!r:.80}: status {status!r:.80} is none of {', '.join(words)}"
        raise _RefusalError(RejectReason.BAD_STATUS, detail)
    return code


def _value(sensor: str, value: object, status: DeviceStatus) -> float:
    """NaN where a device that says it does not measure sends no value."""
    sent = number(value)
    if math.isfinite(sent) or (value is None and status > LIVE_STATUS_MAX):
        return sent
    shown = "no value" if value is ABSENT else f"value {value!r:.80}"
    raise _RefusalError(RejectReason.BAD_VALUE, f"sensor {sensor!r:.80}: {shown}; send a finite number")


def _text(sensor: str, name: str, text: object) -> str | None:
    if text in (None, ABSENT):
        return None
    if isinstance(text, str):
        return text
    detail = f"sensor {sensor!r:.80}: {name} {text!r:.80} is no text; send text or leave it out"
    raise _RefusalError(RejectReason.MALFORMED, detail)
