import pytest

from pipeline.model.quantity import Quantity
from pipeline.model.units import UnitError, molar_volume_l, to_quantity


@pytest.mark.parametrize(
    ("gas", "mg_m3", "ppm"),
    [
        ("hydrogen_sulfide", 10, 7.2),
        ("carbon_monoxide", 20, 17.5),
        ("ammonia", 20, 28.7),
        ("chlorine", 1, 0.34),
        ("sulfur_dioxide", 5, 1.9),
        ("benzene", 6, 1.9),
    ],
)
def test_limits_in_mass_are_the_published_ones_in_volume_at_25_degrees(gas: str, mg_m3: float, ppm: float) -> None:
    found = to_quantity("mg/m3", Quantity.GAS_PPM, gas=gas).factor * mg_m3
    assert found == pytest.approx(ppm, abs=0.05)


def test_the_stated_temperature_counts() -> None:
    at_20 = to_quantity("mg/m3", Quantity.GAS_PPM, gas="hydrogen_sulfide", temperature_c=20).factor * 10
    assert at_20 == pytest.approx(7.06, abs=0.01)
    assert molar_volume_l(20) == pytest.approx(24.05, abs=0.01)


@pytest.mark.parametrize(
    ("unit", "quantity", "value", "expected"),
    [
        ("%LEL", Quantity.GAS_LEL, 12.5, 12.5),
        ("ppm", Quantity.GAS_LEL, 12_500, 25.0),
        ("%VOL", Quantity.GAS_LEL, 1.25, 25.0),
        ("ug/m3", Quantity.GAS_PPM, 656.0, 1.0),
        ("mm", Quantity.TANK_LEVEL, 4250, 4.25),
        ("MPa", Quantity.PRESSURE, 0.1, 100),
        ("hPa", Quantity.PRESSURE, 1013.25, 101.325),
        ("K", Quantity.TEMPERATURE, 300, 26.85),
        ("degF", Quantity.TEMPERATURE, 212, 100),
        ("in", Quantity.RAIN, 1, 25.4),
        ("m", Quantity.DISPLACEMENT, 0.0035, 3.5),
        ("km/h", Quantity.WIND_SPEED, 36, 10),
    ],
)
def test_a_device_unit_is_brought_to_ours(unit: str, quantity: Quantity, value: float, expected: float) -> None:
    affine = to_quantity(unit, quantity, gas="methane")
    assert affine.factor * value + affine.offset == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("unit", "quantity", "gas", "words"),
    [
        ("furlong", Quantity.DISPLACEMENT, None, r"known: mm, m, cm"),
        ("mm", Quantity.GAS_PPM, None, r"known: ppm, ppb"),
        ("mg/m3", Quantity.GAS_PPM, None, "the gas is not named; known: methane"),
        ("%LEL", Quantity.GAS_PPM, "chlorine", "no lower explosive limit; send it in ppm"),
    ],
)
def test_a_unit_without_a_way_is_refused_with_those_that_have_one(
    unit: str, quantity: Quantity, gas: str | None, words: str
) -> None:
    with pytest.raises(UnitError, match=words):
        to_quantity(unit, quantity, gas=gas)


def test_every_quantity_has_a_unit() -> None:
    assert all(quantity.unit for quantity in Quantity)


@pytest.mark.parametrize(
    ("unit", "quantity", "value", "expected"),
    [
        ("LEL.m", Quantity.GAS_LEL, 1.0, 5.0),
        ("LEL.m", Quantity.GAS_PPM, 1.0, 2500.0),
        ("ppm.m", Quantity.GAS_PPM, 100.0, 5.0),
    ],
)
def test_what_is_along_a_path_becomes_its_mean(unit: str, quantity: Quantity, value: float, expected: float) -> None:
    assert to_quantity(unit, quantity, gas="methane", path_m=20.0).factor * value == pytest.approx(expected)
    with pytest.raises(UnitError, match=f"unit '{unit}' is along a path; give the sensor its path_m"):
        to_quantity(unit, quantity, gas="methane")
