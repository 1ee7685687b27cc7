"""Occupational exposure limits of gases, as GB/T 50493-2019 lists them for the setting of alarms.

The figures go back to GBZ 2.1-2019. Texts differ on the temperature at which mg/m3 becomes ppm (20 or 25 degC), so
it is an option of the detectors that convert.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from pipeline.model.units import GASES, to_quantity


@dataclass(frozen=True, slots=True)
class ExposureLimit:
    """Limits in mg/m3; None where the standard has none.

    Attributes:
        mac: never to be exceeded. twa: mean over eight hours. stel: mean over fifteen minutes.
        idlh: immediately dangerous to life or health.
    """

    mac: float | None = None
    twa: float | None = None
    stel: float | None = None
    idlh: float | None = None

    @property
    def oel(self) -> float | None:
        """What 100 %OEL is in GB/T 50493-2019 5.5.2: MAC, else TWA."""
        return self.mac if self.mac is not None else self.twa


LIMITS: Final[dict[str, ExposureLimit]] = {
    "hydrogen_sulfide": ExposureLimit(mac=10, idlh=430),
    "carbon_monoxide": ExposureLimit(twa=20, stel=30, idlh=1700),
    "chlorine": ExposureLimit(mac=1, idlh=88),
    "ammonia": ExposureLimit(twa=20, stel=30, idlh=360),
    "sulfur_dioxide": ExposureLimit(twa=5, stel=10, idlh=270),
    "nitrogen_dioxide": ExposureLimit(twa=5, stel=10, idlh=96),
    "benzene": ExposureLimit(twa=6, stel=10, idlh=9800),
    "toluene": ExposureLimit(twa=50, stel=100, idlh=7700),
    "xylene": ExposureLimit(twa=50, stel=100, idlh=4400),
    "methanol": ExposureLimit(twa=25, stel=50, idlh=33000),
    "carbon_dioxide": ExposureLimit(twa=9000, stel=18000, idlh=92000),
    "hydrogen_chloride": ExposureLimit(mac=7.5, idlh=150),
    "hydrogen_cyanide": ExposureLimit(mac=1, idlh=56),
    "ethylene_oxide": ExposureLimit(twa=2, idlh=1500),
    "hydrogen_fluoride": ExposureLimit(mac=2),
    "phosgene": ExposureLimit(mac=0.5, idlh=8),
    "acrylonitrile": ExposureLimit(twa=1, stel=2, idlh=1100),
    "phenol": ExposureLimit(twa=10, idlh=950),
}
"""By the gas names of `pipeline.model.units.GASES`."""


def limit_of(sensor: Sensor) -> ExposureLimit:
    """The limits of the sensor's gas; an empty one where it has none or the inventory names none."""
    return LIMITS.get(sensor.gas or "", ExposureLimit())


def ppm(gas: str, mg_m3: float, temperature_c: float) -> float:
    """A mass concentration as a share of volume."""
    return to_quantity("mg/m3", Quantity.GAS_PPM, gas=gas, temperature_c=temperature_c).factor * mg_m3


def lel_ppm(gas: str, lel: float) -> float | None:
    """`lel` %LEL of a gas in ppm; None for one that does not burn or is unknown."""
    known = GASES.get(gas)
    return None if known is None or known.lel_vol is None else lel * known.lel_vol * 100.0
