"""Composites in both formats, what is refused of them, and where their pixels lie."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_adapters.radar.composite import RadarError
from device_adapters.radar.projection import ProjectionError, projection
from device_adapters.radar.read import read_composite
from pipeline.model.instant import to_ns
from tests.radar_rig import PLANE, knmi_bytes, odim_bytes

AT = datetime(2026, 8, 26, 0, 5, tzinfo=UTC)


def test_a_knmi_composite() -> None:
    rain = np.array([[0.0, 1.25], [np.nan, 0.01]])
    composite = read_composite(knmi_bytes(rain, AT), 10)
    assert (composite.at_ns, composite.minutes, composite.grid.pixel_km) == (to_ns(AT), 5.0, 1.0)
    np.testing.assert_allclose(composite.rain_mm, rain, atol=1e-6)


@pytest.mark.parametrize(
    ("quantity", "value", "mm"),
    [
        pytest.param("RATE", 12.0, 1.0, id="a rate of 12 mm/h is 1 mm in 5 min"),
        pytest.param("ACRR", 12.0, 12.0, id="an amount is one"),
        pytest.param("DBZH", 40.0, 11.53 / 12, id="40 dBZ are 11.5 mm/h by Marshall and Palmer"),
        pytest.param("DBZH", 0.0, 0.0, id="nothing detected is no rain"),
    ],
)
def test_an_odim_composite(quantity: str, value: float, mm: float) -> None:
    composite = read_composite(odim_bytes(np.array([[value, np.nan]]), AT, quantity, UR_lat=52.05), 5)
    assert composite.rain_mm[0, 0] == pytest.approx(mm, rel=0.01)
    assert np.isnan(composite.rain_mm[0, 1])
    assert composite.at_ns == to_ns(AT)


def test_the_plane_of_knmi_is_where_knmi_says() -> None:
    """Corners of the composites of 2010 as their files tell them: geo_product_corners, first row 3650, 765 by 700."""
    plane = projection(PLANE)
    for longitude, latitude, row, column in ((0, 49.362, 765, 0), (0, 55.974, 0, 0), (10.856, 55.389, 0, 700)):
        x, y = plane.km(longitude, latitude)
        assert (-y - 3650, x) == pytest.approx((row, column), abs=0.1)


def test_the_equal_area_plane_of_europe() -> None:
    """EPSG:3035, of its registry: 5 E 50 N is 3962799.45 m, 2999718.85 m."""
    text = "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m"
    assert projection(text).km(5.0, 50.0) == pytest.approx((3962.79945, 2999.71885), abs=0.001)


def test_a_place_is_a_pixel() -> None:
    grid = read_composite(odim_bytes(np.zeros((100, 50)), AT), 5).grid
    assert grid.place(5.5, 52.5) == pytest.approx((49.5, 24.5))
    assert grid.place(5.0, 53.0) == pytest.approx((-0.5, -0.5))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"", "no radar composite", id="nothing"),
        pytest.param(b"\x89HDF\r\n\x1a\n" + bytes(90), "no radar composite", id="a signature and no more"),
        pytest.param(knmi_bytes(np.zeros((4, 4)), AT)[:-700], "no radar composite", id="cut off"),
        pytest.param(knmi_bytes(np.full((4, 4), 400.0), AT), "beyond 200.0 mm", id="rain beyond any record"),
        pytest.param(knmi_bytes(np.zeros((4, 4)), AT, 0), "0.0 min", id="an amount in no time"),
        pytest.param(
            knmi_bytes(np.zeros((4, 4)), AT, calibration_formulas=np.bytes_("GEO=?")), "GEO = a", id="no formula"
        ),
        pytest.param(odim_bytes(np.zeros((4, 4)), AT, "VRADH"), "VRADH, none of ACRR", id="wind"),
        pytest.param(odim_bytes(np.zeros((4, 4)), AT, projdef="+proj=gnom"), "'gnom'", id="a plane not known"),
        pytest.param(odim_bytes(np.zeros((4, 4)), AT, UR_lat=51.0), "beyond", id="upside down"),
    ],
)
def test_what_is_no_composite_is_refused_in_words(data: bytes, told: str) -> None:
    with pytest.raises(RadarError, match=told):
        read_composite(data, 5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=40))
def test_bytes_changed_anywhere_are_read_or_refused(place: int, rubbish: bytes) -> None:
    whole = knmi_bytes(np.ones((6, 6)), AT)
    place %= len(whole)
    changed = whole[:place] + rubbish + whole[place + len(rubbish) :]
    try:
        composite = read_composite(changed, 5)
    except RadarError:
        return
    assert composite.rain_mm.ndim == 2


def test_projections_that_are_told_by_halves() -> None:
    for text in ("", "+proj=stere +lat_0=45", "+proj=stere +lat_0=north"):
        with pytest.raises(ProjectionError):
            projection(text)
