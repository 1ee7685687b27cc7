"""The fire weather index against published figures."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.fire import fwi

DAYS = Path(__file__).parents[1] / "golden" / "fwi" / "days.csv"
"""Weather of Van Wagner and Pickett (1985), with the codes that the Canadian Forest Service's cffdrs gives for it."""


def test_forty_eight_days_of_the_reference() -> None:
    hours, factors = fwi.day_lengths(40.0)
    fine, duff, drought = fwi.START_FFMC, fwi.START_DMC, fwi.START_DC
    rows = list(csv.DictReader(DAYS.read_text().splitlines()))
    assert len(rows) == 48
    for row in rows:
        month = int(row["month"]) - 1
        temperature, humidity, wind, rain = (float(row[name]) for name in ("temp", "rh", "ws", "prec"))
        fine = fwi.ffmc(fine, temperature, humidity, wind, rain)
        duff = fwi.dmc(duff, temperature, humidity, rain, hours[month])
        drought = fwi.dc(drought, temperature, rain, factors[month])
        spread, built = fwi.isi(fine, wind), fwi.bui(duff, drought)
        told = (fine, duff, drought, spread, built, fwi.fwi(spread, built))
        wanted = [float(row[name]) for name in ("ffmc", "dmc", "dc", "isi", "bui", "fwi")]
        assert told == pytest.approx(wanted, rel=2e-5, abs=1e-8), row


def test_the_first_day_as_printed_in_1985() -> None:
    """Rounded there, and with 147.2 for equation 1."""
    fine = fwi.ffmc(85.0, 17.0, 42.0, 25.0, 0.0)
    spread, built = fwi.isi(fine, 25.0), 8.4904
    assert (fine, spread, fwi.fwi(spread, built)) == pytest.approx((87.7, 10.9, 10.1), abs=0.13)


@pytest.mark.parametrize(
    ("latitude", "july", "drought_july"), [(46.0, 12.4, 6.4), (25.0, 10.1, 6.4), (0.0, 9.0, 1.4), (-25.0, 7.9, -1.6)]
)
def test_days_are_as_long_as_the_latitude_has_them(latitude: float, july: float, drought_july: float) -> None:
    hours, factors = fwi.day_lengths(latitude)
    assert (hours[6], factors[6]) == (july, drought_july)
    assert len(fwi.day_lengths(-90.0)[0]) == 12


@given(
    st.floats(0, 101), st.floats(0, 500), st.floats(0, 2000), st.floats(-40, 60), st.floats(0, 100), st.floats(0, 250),
    st.floats(0, 1900),
)  # fmt: skip
def test_codes_stay_numbers_in_any_weather(
    fine: float, duff: float, drought: float, temperature: float, humidity: float, wind: float, rain: float
) -> None:
    fine = fwi.ffmc(fine, temperature, humidity, wind, rain)
    duff, drought = fwi.dmc(duff, temperature, humidity, rain, 13.9), fwi.dc(drought, temperature, rain, 6.4)
    assert 0 <= fine <= 101
    assert 0 <= duff < 1e4
    assert 0 <= drought < 1e5
    assert 0 <= fwi.fwi(fwi.isi(fine, wind), fwi.bui(duff, drought)) < 1e6
