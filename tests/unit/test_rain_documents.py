"""Forecasts by others: points and grids, JSON and CSV, to readings at sites; what cannot be read is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_adapters.codecs.base import Decoded, RejectReason
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.rain_documents import RainDocuments, RainPlace
from device_adapters.codecs.times import TimeOptions
from pipeline.forecast.parts import PARTS
from pipeline.forecast.spread import bound_mm
from pipeline.model.hazard import SensorKind
from tests.adapter_rig import AT, NOW_NS
from tests.unit.detector_rig import inventory, sensor

FIELD = inventory(
    *(sensor(SensorKind.RAIN, quantity, 300, id=f"s-{h}-{part}") for quantity, (h, part) in PARTS.items())
)
PLACE = RainPlace("site", (120.0, 30.0), {(h, part): f"s-{h}-{part}" for h, part in PARTS.values()})
CODEC = RainDocuments([PLACE], 10.0, TimeOptions(), Measurements.of(FIELD))


def decoded(document: Any) -> Decoded:
    return CODEC.decode(document if isinstance(document, bytes) else json.dumps(document).encode(), NOW_NS)


def values(one: Decoded) -> dict[str, float]:
    return {} if one.batch is None else {each.series.sensor: each.value for each in one.batch.readings()}


def point(median_mm: float = 2.0, **more: Any) -> dict[str, Any]:
    return {"horizon_min": 60, "median_mm": median_mm, "high_mm": 5.0, **more}


def grid(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"issued_at": AT, "grid": {"west_deg": 119.9, "north_deg": 30.1, "step_deg": 0.1, "fields": list(fields)}}


CELLS = [[1.0, 2.0, 3.0], [4.0, 7.0, 6.0]]


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        pytest.param({"issued_at": AT, "points": [point(site="site")]}, {"s-60-0": 2.0, "s-60-1": 5.0}, id="a site"),
        pytest.param(
            {"points": [point(site="site", issued_at=AT)]}, {"s-60-0": 2.0, "s-60-1": 5.0}, id="its own instant"
        ),
        pytest.param(
            {
                "issued_at": AT,
                "points": [
                    point(9.0, longitude_deg=120.09, latitude_deg=30),
                    point(1.0, longitude_deg=120.01, latitude_deg=30),
                ],
            },
            {"s-60-0": 1.0, "s-60-1": 5.0},
            id="the nearest point",
        ),
        pytest.param(
            {"issued_at": AT, "points": [point(site="site"), point(9.0, longitude_deg=120, latitude_deg=30)]},
            {"s-60-0": 2.0, "s-60-1": 5.0},
            id="a name before a place",
        ),
        pytest.param(
            grid({"horizon_min": 180, "median_mm": CELLS, "high_mm": [[0, 0, 0], [0, 20.0, 0]]}),
            {"s-180-0": 7.0, "s-180-1": 20.0},
            id="the cell of a grid",
        ),
        pytest.param(
            grid({"horizon_min": 60, "median_mm": CELLS}) | {"points": [point(site="site")]},
            {"s-60-0": 2.0, "s-60-1": 5.0},
            id="a point before a grid",
        ),
        pytest.param(
            f"issued_at,site,horizon_min,median_mm,high_mm\n{AT},site,180,3.5,9\n{AT},site,60,0,\n".encode(),
            {"s-180-0": 3.5, "s-180-1": 9.0, "s-60-0": 0.0, "s-60-1": 0.0},
            id="CSV",
        ),
        pytest.param(
            f"\ufeffissued_at,longitude_deg,latitude_deg,horizon_min,median_mm\n{AT},120.02,30.01,60,4\n".encode(),
            {"s-60-0": 4.0, "s-60-1": bound_mm(60, 4.0)},
            id="CSV of points, without a bound",
        ),
    ],
)
def test_values_come_to_the_site(document: Any, wanted: dict[str, float]) -> None:
    one = decoded(document)
    assert (values(one), one.rejects) == (wanted, [])


def test_without_a_bound_the_error_of_radar_stands_for_it() -> None:
    assert bound_mm(60, 4.0) > 4.0
    assert bound_mm(180, 4.0) > bound_mm(60, 4.0)
    assert bound_mm(60, 0.0) == 0.0


def points(*each: dict[str, Any], at: str | None = AT) -> dict[str, Any]:
    return {"issued_at": at, "points": list(each)}


HERE, FAR = point(site="site"), point(longitude_deg=121, latitude_deg=30)
R = RejectReason


@pytest.mark.parametrize(
    ("document", "reason", "words"),
    [
        pytest.param(b"{", R.MALFORMED, "no forecast of rain", id="no JSON"),
        pytest.param(b"hello", R.MALFORMED, "column issued_at, horizon_min, median_mm is missing", id="no CSV"),
        pytest.param(b"\xff\xfe", R.MALFORMED, "no forecast of rain", id="no text"),
        pytest.param(points(), R.UNKNOWN_SENSOR, "no value of it is for a site of ours", id="nothing"),
        pytest.param(points(FAR), R.UNKNOWN_SENSOR, "within 10 km", id="far"),
        pytest.param(points(point(site="nowhere")), R.UNKNOWN_SENSOR, "'nowhere' has no sensors", id="another site"),
        pytest.param(points(point()), R.MALFORMED, "needs a site, or longitude_deg", id="no place"),
        pytest.param(points(HERE | {"horizon_min": 90}), R.UNKNOWN_QUANTITY, "90 is none of 60, 180", id="a horizon"),
        pytest.param(points(HERE | {"median_mm": "much"}), R.MALFORMED, "no point", id="a word"),
        pytest.param(points(HERE, at="soon"), R.BAD_TIME, "'soon' cannot be read", id="a time"),
        pytest.param(points(HERE, at=None), R.BAD_TIME, "None cannot be read", id="no time"),
        pytest.param(grid({"horizon_min": 60, "median_mm": [[None] * 3] * 2}), R.BAD_VALUE, "send a finite", id="null"),
        pytest.param(grid({"horizon_min": 60, "median_mm": "all"}), R.MALFORMED, "no forecast of rain", id="no grid"),
        pytest.param(points(*[{}] * 200_001), R.TOO_LARGE, "at most 200000", id="too many"),
    ],
)
def test_what_cannot_be_read_is_told(document: Any, reason: RejectReason, words: str) -> None:
    one = decoded(document)
    assert values(one) == {}
    assert one.rejects
    assert one.rejects[0].reason is reason
    assert words in one.rejects[0].detail


def test_a_bad_point_costs_only_itself() -> None:
    one = decoded({"issued_at": AT, "points": [{"horizon_min": "x"}, point(site="site"), 3]})
    assert values(one) == {"s-60-0": 2.0, "s-60-1": 5.0}
    assert [each.position for each in one.rejects] == [0, 2]


KEYS = st.sampled_from(["points", "grid", "issued_at", "fields", "site", "horizon_min", "median_mm"])
ANY_JSON = st.recursive(
    st.none() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
)


@given(st.binary(max_size=200) | ANY_JSON.map(lambda one: json.dumps(one).encode()))
def test_no_bytes_raise(payload: bytes) -> None:
    one = CODEC.decode(payload, NOW_NS)
    assert one.batch is None
    assert one.rejects
