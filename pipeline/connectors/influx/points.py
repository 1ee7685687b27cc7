"""Line protocol: what a point is made of, and how its parts are written. Pure.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final

Field = str | bool | int | float | None

_TAG: Final = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\ ", "\r": r"\ ", "\\": "/"})
_TEXT: Final = str.maketrans({'"': r"\"", "\\": r"\\", "\n": " ", "\r": " "})


def point(measurement: str, tags: Mapping[str, str], fields: Mapping[str, Field], at_ns: int) -> bytes:
    """One line, without its end. Tags that are empty and fields that are None or no finite number are left out."""
    written = ",".join(f"{name}={text}" for name, value in fields.items() if (text := _field(value)) is not None)
    return f"{head(measurement, tags)} {written} {at_ns}".encode()


def head(measurement: str, tags: Mapping[str, str]) -> str:
    """Measurement and tags, which InfluxDB knows a series by; sorted, as it likes them."""
    named = (f",{name}={value.translate(_TAG)}" for name, value in sorted(tags.items()) if value)
    return measurement + "".join(named)


def _field(value: Field) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int():
            return f"{int(value)}i"
        case float():
            return repr(float(value)) if isfinite(value) else None
        case _:
            return f'"{value.translate(_TEXT)}"'
