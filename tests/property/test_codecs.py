"""No input to a codec raises, everything is accounted for, and what is written is read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_adapters.codecs.base import EXCERPT_MAX, Decoded
from device_adapters.codecs.json_readings import JsonOptions, JsonReadings
from device_adapters.codecs.line_protocol import LineOptions, LineProtocol
from device_adapters.codecs.measurements import Measurements
from pipeline.model.quality import Quality
from tests.adapter_rig import FIELD, NOW_NS

TABLE = Measurements.of(FIELD)
SENSORS = [sensor.id for sensor in FIELD.sensors]
PLACES = [
    {"sensor": "{topic[1]}-{id}", "value": "a[*].v", "at": "a[*].t", "unit": "u", "status": "$"},
    {"sensor": "id", "value": "v", "absent": "skip"},
]
FORM = JsonReadings(JsonOptions(), TABLE)
PLACED = JsonReadings(JsonOptions.model_validate({"places": PLACES}), TABLE)
LINES = LineProtocol(LineOptions(), TABLE)
CODECS: dict[str, Callable[[bytes, int], Decoded]] = {
    "json": FORM.decode,
    "json with places": lambda payload, at_ns: PLACED.decode(payload, at_ns, "up/north"),
    "line protocol": LINES.decode,
}
EVERY_CODEC = pytest.mark.parametrize("decode", CODECS.values(), ids=CODECS)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(SENSORS)
KEYS = st.sampled_from(["readings", "sensor", "value", "at", "unit", "quantity", "status", "a", "v", "t", "id", "u"])
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6))
TIMES = st.none() | st.integers(-(2**70), 2**70) | st.sampled_from(["2026-05-01T08:00:00Z", "", "x", "2026-05-01"])
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "sensor": st.sampled_from([*SENSORS, "x", "", 7]),
        "value": st.none() | st.floats() | st.integers(-(2**1100), 2**1100) | st.sampled_from(["1", "-.5e3", "nan"]),
        "at": TIMES | st.floats(),
        "unit": st.sampled_from([None, "ppm", "mA", "mg/m3", "x", 3]),
        "quantity": st.sampled_from([None, "gas_ppm", "rain", "x"]),
        "status": st.sampled_from([None, "normal", "FAULT", "x", 2]),
    },
)


def well_formed(decoded: Decoded) -> None:
    batch = decoded.batch
    for reject in decoded.rejects:
        assert len(reject.excerpt) <= EXCERPT_MAX
        assert reject.detail
    if batch is not None:
        assert len(batch) > 0
        assert not np.isinf(batch.value).any()
        assert (np.isnan(batch.value) == (batch.quality == Quality.MISSING)).all()


@EVERY_CODEC
@given(payload=st.binary(max_size=300))
@settings(max_examples=150)
def test_any_bytes(decode: Callable[[bytes, int], Decoded], payload: bytes) -> None:
    well_formed(decode(payload, NOW_NS))


@EVERY_CODEC
@given(message=ANYTHING)
@settings(max_examples=150)
def test_any_json(decode: Callable[[bytes, int], Decoded], message: object) -> None:
    well_formed(decode(json.dumps(message).encode(), NOW_NS))


@given(items=st.lists(ITEMS, max_size=8))
@settings(max_examples=200)
def test_every_item_is_a_reading_or_a_reject(items: list[dict[str, Any]]) -> None:
    decoded = FORM.decode(json.dumps({"readings": items}).encode(), NOW_NS)
    well_formed(decoded)
    kept = 0 if decoded.batch is None else len(decoded.batch)
    assert kept + len(decoded.rejects) == len(items)
    assert len({reject.position for reject in decoded.rejects}) == len(decoded.rejects)


@given(items=st.lists(ITEMS, min_size=1, max_size=8))
@settings(max_examples=200)
def test_an_item_fares_the_same_alone_and_among_others(items: list[dict[str, Any]]) -> None:
    together = FORM.decode(json.dumps(items).encode(), NOW_NS)
    alone = [FORM.decode(json.dumps([item]).encode(), NOW_NS) for item in items]
    rows = [row for one in alone if one.batch is not None for row in one.batch.readings()]
    assert repr(list(together.batch.readings()) if together.batch else []) == repr(rows)
    details = {position: one.rejects[0].detail for position, one in enumerate(alone) if one.rejects}
    assert {reject.position: reject.detail for reject in together.rejects} == details


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)


@given(value=NUMBERS, at_ns=st.integers(946_684_800 * 10**9, NOW_NS))
def test_line_protocol_round_trip(value: float, at_ns: int) -> None:
    batch = LINES.decode(f"gas_ppm,sensor=north-h2s value={value!r} {at_ns}".encode(), NOW_NS).batch
    assert batch
    assert batch.value.tolist() == [value]
    assert batch.observed_at_ns.tolist() == [at_ns]


def escaped(text: str) -> str:
    for character in ",= ":
        text = text.replace(character, f"\\{character}")
    return text


@given(text=st.text("ab,= éß", min_size=1).filter(lambda text: not text.endswith("\\")))
def test_escapes_of_tags(text: str) -> None:
    (reject,) = LINES.decode(f"gas_ppm,sensor={escaped(text)} value=1 {NOW_NS}".encode(), NOW_NS).rejects
    assert reject.detail.startswith(f"sensor {text!r:.80} is not in the inventory")


@given(value=NUMBERS)
def test_json_round_trip(value: float) -> None:
    item = {"sensor": "north-h2s", "value": value, "at": "2026-05-01T08:00:00Z"}
    batch = FORM.decode(json.dumps(item).encode(), NOW_NS).batch
    assert batch
    assert batch.value.tolist() == [value]
