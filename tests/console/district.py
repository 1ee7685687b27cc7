"""Places and instruments: four townships, ten sites, thirty recorded sensors, and as many more as a test asks for."""

from __future__ import annotations

from alerting.console.sensor_views import AreaView, Catalogue, Condition, SensorView, SiteView
from alerting.console.views import Name
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity

DISTRICT = "320690000000"
AREAS = (
    AreaView(DISTRICT, Name("江湾区", "Jiangwan District")),
    AreaView("320690001000", Name("东湖街道", "Donghu Subdistrict")),
    AreaView("320690001001", Name("望江社区", "Wangjiang Community")),
    AreaView("320690001002", Name("仓前社区", "Cangqian Community")),
    AreaView("320690100000", Name("石桥镇", "Shiqiao Town")),
    AreaView("320690100201", Name("化工园社区", "Chemical Park Community")),
    AreaView("320690100202", Name("港口村", "Gangkou Village")),
    AreaView("320690101000", Name("青山镇", "Qingshan Town")),
    AreaView("320690101203", Name("上坡村", "Shangpo Village")),
    AreaView("320690101204", Name("溪口村", "Xikou Village")),
    AreaView("320690102000", Name("南浦镇", "Nanpu Town")),
    AreaView("320690102205", Name("河滨村", "Hebin Village")),
)
SITES = (
    SiteView("WH-01", "320690001002", Name("仓前物流仓库一号楼", "Cangqian warehouse, hall 1")),
    SiteView("GS-01", "320690100201", Name("石桥气体处理站", "Shiqiao gas treatment station")),
    SiteView("TK-01", "320690100202", Name("港口储罐区", "Gangkou tank farm")),
    SiteView("SL-01", "320690101203", Name("上坡村后山边坡", "Slope behind Shangpo village")),
    SiteView("RN-01", "320690101204", Name("溪口雨量站", "Xikou rain gauge")),
    SiteView("RN-02", "320690102205", Name("河滨雨量站", "Hebin rain gauge")),
    SiteView("RN-03", "320690101203", Name("上坡雨量站", "Shangpo rain gauge")),
    SiteView("RN-04", "320690001001", Name("望江雨量站", "Wangjiang rain gauge")),
)

_GAS = (SensorKind.GAS, Quantity.GAS_PPM, "ring", "methane", 60.0, 0.0, 1000.0)
_HEAT = (SensorKind.FIRE, Quantity.TEMPERATURE, "hall-1", None, 5.0, -20.0, 400.0)
_SMOKE = (SensorKind.FIRE, Quantity.SMOKE, "hall-1", None, 5.0, 0.0, 20.0)
_RAIN = (SensorKind.RAIN, Quantity.RAIN, "", None, 900.0, 0.0, 200.0)
_TANK = (SensorKind.TANK, Quantity.TANK_LEVEL, "", None, 180.0, 0.0, 10.0)
_SLOPE = (SensorKind.SUBSIDENCE, Quantity.DISPLACEMENT, "slope", None, 3600.0, -10.0, 500.0)

RECORDED = {
    "GAS-0101": ("GS-01", _GAS, "gas0", Condition.GOOD, Level.NONE),
    "GAS-0102": ("GS-01", _GAS, "gas1", Condition.GOOD, Level.NONE),
    "GAS-0103": ("GS-01", _GAS, "gas2", Condition.SUSPECT, Level.NONE),
    "GAS-0104": ("GS-01", _GAS, "gas3", Condition.GOOD, Level.NONE),
    "GAS-0105": ("GS-01", _GAS, "gas4", Condition.ALARM, Level.ORANGE),
    "GAS-0106": ("GS-01", _GAS, "gas5", Condition.ALARM, Level.YELLOW),
    "GAS-0107": ("GS-01", _GAS, "gas6", Condition.GOOD, Level.NONE),
    "GAS-0108": ("GS-01", _GAS, "gas7", Condition.FAULT, Level.NONE),
    "TMP-2101": ("WH-01", _HEAT, "tca_1", Condition.GOOD, Level.NONE),
    "TMP-2102": ("WH-01", _HEAT, "tcb_1", Condition.ALARM, Level.RED),
    "TMP-2103": ("WH-01", _HEAT, "tcc_1", Condition.GOOD, Level.NONE),
    "TMP-2104": ("WH-01", _HEAT, "tcd_1", Condition.ALARM, Level.RED),
    "TMP-2105": ("WH-01", _HEAT, "tcf_1", Condition.ALARM, Level.ORANGE),
    "SMK-2101": ("WH-01", _SMOKE, "smb_1", Condition.ALARM, Level.RED),
    "SMK-2102": ("WH-01", _SMOKE, "sme_1", Condition.GOOD, Level.NONE),
    "SMK-2103": ("WH-01", _SMOKE, "smf_1", Condition.GOOD, Level.NONE),
    "RAIN-301": ("RN-01", _RAIN, "rain_watertona", Condition.ALARM, Level.YELLOW),
    "RAIN-302": ("RN-02", _RAIN, "rain_mlp", Condition.ALARM, Level.YELLOW),
    "RAIN-303": ("RN-03", _RAIN, "rain_mvd116", Condition.GOOD, Level.NONE),
    "RAIN-304": ("RN-04", _RAIN, "rain_mwwd", Condition.SILENT, Level.NONE),
    "TANK-401": ("TK-01", _TANK, "xmeas8", Condition.ALARM, Level.ORANGE),
    "TANK-402": ("TK-01", _TANK, "xmeas12", Condition.GOOD, Level.NONE),
    "TANK-403": ("TK-01", _TANK, "xmeas15", Condition.GOOD, Level.NONE),
    "CRK-501": ("SL-01", _SLOPE, "slope", Condition.ALARM, Level.BLUE),
    "CRK-502": ("SL-01", _SLOPE, "slope_still", Condition.GOOD, Level.NONE),
}
"""Sensor -> site, kind, recorded series, condition, level."""


def catalogue(more: int = 0) -> Catalogue:
    """The inventory; `more` further gas sensors hang on sites of twenty, spread over the villages."""
    sensors = [_sensor(id_, site, kind) for id_, (site, kind, *_) in RECORDED.items()]
    villages = [area.code for area in AREAS if not area.code.endswith("000")]
    sites = list(SITES)
    for number in range(more // 20):
        site = f"NB-{number:03}"
        name = Name(f"{number:03} 号监测点", f"Monitoring point {number:03}")
        sites.append(SiteView(site, villages[number % len(villages)], name))
        sensors += [_sensor(f"{site}-{place:02}", site, _GAS) for place in range(20)]
    return Catalogue(AREAS, tuple(sites), tuple(sensors))


def _sensor(id_: str, site: str, kind: tuple[SensorKind, Quantity, str, str | None, float, float, float]) -> SensorView:
    what, quantity, group, gas, interval_s, low, high = kind
    return SensorView(
        id=id_,
        site=site,
        kind=what,
        quantity=quantity,
        unit=quantity.unit,
        group=group,
        gas=gas,
        interval_s=interval_s,
        range_low=low,
        range_high=high,
    )
