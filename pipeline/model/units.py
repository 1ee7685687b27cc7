"""Conversion to the one unit of a quantity, at the edge.

Gas: ppm = (mg/m3) * V / M with the molar volume V = 22.414 L * (273.15 + T) / 273.15 at 101.325 kPa and the stated
temperature T; 24.45 L at 25 degC (NIOSH Pocket Guide, "Conversion factors"). %LEL = %VOL / LEL * 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.model.quantity import Quantity


class UnitError(ValueError):
    """A unit that the quantity has no conversion from; the text lists those it has."""


@dataclass(frozen=True, slots=True)
class Affine:
    """value_in_our_unit = factor * value + offset; works on arrays as on numbers."""

    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Gas:
    """Molar mass [g/mol] and lower explosive limit [%VOL] (None: not combustible).

    Molar masses: IUPAC. LEL: GB/T 50493-2019 annex A / IEC 60079-20-1; of acrylonitrile and phenol: NIOSH
    Pocket Guide.
    """

    molar_mass_g_mol: float
    lel_vol: float | None = None


GASES: Final[dict[str, Gas]] = {
    "methane": Gas(16.04, 5.0),
    "propane": Gas(44.10, 2.1),
    "hydrogen": Gas(2.016, 4.0),
    "hydrogen_sulfide": Gas(34.08, 4.0),
    "carbon_monoxide": Gas(28.01, 12.5),
    "chlorine": Gas(70.90),
    "ammonia": Gas(17.03, 15.0),
    "sulfur_dioxide": Gas(64.06),
    "nitrogen_dioxide": Gas(46.01),
    "benzene": Gas(78.11, 1.2),
    "toluene": Gas(92.14, 1.1),
    "xylene": Gas(106.17, 1.0),
    "methanol": Gas(32.04, 6.0),
    "carbon_dioxide": Gas(44.01),
    "hydrogen_chloride": Gas(36.46),
    "hydrogen_cyanide": Gas(27.03, 5.6),
    "ethylene_oxide": Gas(44.05, 3.0),
    "hydrogen_fluoride": Gas(20.01),
    "phosgene": Gas(98.92),
    "acrylonitrile": Gas(53.06, 3.0),
    "phenol": Gas(94.11, 1.8),
}

_PLAIN: Final[dict[Quantity, dict[str, Affine]]] = {
    Quantity.OXYGEN: {"ppm": Affine(1e-4)},
    Quantity.TANK_LEVEL: {"mm": Affine(1e-3), "cm": Affine(1e-2)},
    Quantity.FLOW: {"m3/s": Affine(3600.0), "L/s": Affine(3.6), "L/min": Affine(0.06)},
    Quantity.PRESSURE: {"Pa": Affine(1e-3), "hPa": Affine(0.1), "MPa": Affine(1e3), "bar": Affine(100.0)},
    Quantity.TEMPERATURE: {"K": Affine(1.0, -273.15), "degF": Affine(5 / 9, -160 / 9)},
    Quantity.RAIN: {"in": Affine(25.4), "0.1mm": Affine(0.1), "0.01in": Affine(0.254)},
    Quantity.RAIN_TOTAL: {"in": Affine(25.4), "0.1mm": Affine(0.1)},
    Quantity.DISPLACEMENT: {"m": Affine(1e3), "cm": Affine(10.0)},
    Quantity.TILT: {"rad": Affine(57.29577951308232)},
    Quantity.WIND_SPEED: {"km/h": Affine(1 / 3.6), "kn": Affine(0.514444)},
    Quantity.WIND_DIRECTION: {"rad": Affine(57.29577951308232)},
}
_CONCENTRATIONS: Final = ("ppm", "ppb", "%VOL", "mg/m3", "ug/m3", "%LEL")
_ALONG_A_PATH: Final = {"LEL.m": ("%LEL", 100.0), "ppm.m": ("ppm", 1.0)}
"""What an open-path instrument sends -> of what it is the integral along the path, and how many of it one is."""


def molar_volume_l(temperature_c: float) -> float:
    """Litres per mole of an ideal gas at 101.325 kPa."""
    return 22.414 * (273.15 + temperature_c) / 273.15


def to_quantity(
    unit: str,
    quantity: Quantity,
    *,
    gas: str | None = None,
    temperature_c: float = 25.0,
    path_m: float | None = None,
) -> Affine:
    """How to bring a value in `unit` to the unit of `quantity`.

    Args:
        unit: what the device sends.
        quantity: what it measures.
        gas: a key of GASES; needed between %LEL, volume and mass.
        temperature_c: at which the mass concentration is stated.
        path_m: length of the path of an open-path instrument; what it sends becomes the mean along it.

    Raises:
        UnitError: no such conversion, an unknown gas, a gas without an explosive limit, or no length of the path.
    """
    if unit in _ALONG_A_PATH and path_m is None:
        message = f"unit {unit!r} is along a path; give the sensor its path_m"
        raise UnitError(message)
    if unit in _ALONG_A_PATH and path_m is not None:
        mean, each = _ALONG_A_PATH[unit]
        return Affine(to_quantity(mean, quantity, gas=gas, temperature_c=temperature_c).factor * each / path_m)
    if unit == quantity.unit:
        return Affine()
    if quantity in (Quantity.GAS_PPM, Quantity.GAS_LEL) and unit in _CONCENTRATIONS:
        of_one_ppm = _per_ppm(quantity.unit, gas, temperature_c)
        return Affine(of_one_ppm / _per_ppm(unit, gas, temperature_c))
    known = _PLAIN.get(quantity, {})
    if unit not in known:
        units = [quantity.unit, *(known or _CONCENTRATIONS if "gas" in quantity else known)]
        listed = ", ".join(dict.fromkeys(units))
        message = f"unit {unit!r} cannot be brought to {quantity} [{quantity.unit}]; known: {listed}"
        raise UnitError(message)
    return known[unit]


def _per_ppm(unit: str, gas: str | None, temperature_c: float) -> float:
    """How many `unit` one ppm is."""
    match unit:
        case "ppm":
            return 1.0
        case "ppb":
            return 1e3
        case "%VOL":
            return 1e-4
        case "%LEL":
            return 1e-2 / _lel_vol(gas)
        case "mg/m3":
            return _gas(gas).molar_mass_g_mol / molar_volume_l(temperature_c)
        case _:
            return 1e3 * _gas(gas).molar_mass_g_mol / molar_volume_l(temperature_c)


def _gas(name: str | None) -> Gas:
    if name not in GASES:
        fault = "the gas is not named" if name is None else f"gas {name!r} is not known"
        message = f"{fault}; known: {', '.join(GASES)}"
        raise UnitError(message)
    return GASES[name]


def _lel_vol(name: str | None) -> float:
    lel_vol = _gas(name).lel_vol
    if lel_vol is None:
        message = f"gas {name!r} has no lower explosive limit; send it in ppm or mg/m3"
        raise UnitError(message)
    return lel_vol
