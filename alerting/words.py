"""Words, numbers and instants as people read them, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from math import floor, log10
from typing import Final

from pipeline.model.area import AreaLevel
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.warning import Language, WarningStatus

LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en-US")
BEIJING: Final = timezone(timedelta(hours=8), "Beijing time")
"""The one official time of China, without summer time since 1992."""

_Words = Mapping[Language, Mapping[Level, str]]

COLOURS: Final[_Words] = {
    "zh-CN": {Level.BLUE: "蓝色", Level.YELLOW: "黄色", Level.ORANGE: "橙色", Level.RED: "红色"},
    "en-US": {Level.BLUE: "blue", Level.YELLOW: "yellow", Level.ORANGE: "orange", Level.RED: "red"},
}
GRADES: Final[_Words] = {
    "zh-CN": {
        Level.BLUE: "IV级/一般",
        Level.YELLOW: "III级/较重",
        Level.ORANGE: "II级/严重",
        Level.RED: "I级/特别严重",
    },
    "en-US": {
        Level.BLUE: "IV/ordinary",
        Level.YELLOW: "III/fairly serious",
        Level.ORANGE: "II/serious",
        Level.RED: "I/especially serious",
    },
}
"""Class and word of each colour: CMA order No. 16 (2007), article 2."""

STATUSES: Final[Mapping[Language, Mapping[WarningStatus, str]]] = {
    "zh-CN": {
        WarningStatus.ACTUAL: "",
        WarningStatus.EXERCISE: "【演练】",
        WarningStatus.TEST: "【测试】",
        WarningStatus.SYSTEM: "",
    },
    "en-US": {
        WarningStatus.ACTUAL: "",
        WarningStatus.EXERCISE: "[EXERCISE] ",
        WarningStatus.TEST: "[TEST] ",
        WarningStatus.SYSTEM: "",
    },
}
"""What stands before every headline and title that is not actual."""

NOTICES: Final = {True: ("预警", "warning"), False: ("通知", "notice")}
"""What the public is told is a warning; what those who repair are told is a notice."""

QUANTITIES: Final[Mapping[Quantity, tuple[str, str]]] = {
    Quantity.GAS_LEL: ("可燃气体浓度", "combustible gas"),
    Quantity.GAS_PPM: ("气体浓度", "gas concentration"),
    Quantity.OXYGEN: ("氧气浓度", "oxygen"),
    Quantity.TANK_LEVEL: ("储罐液位", "tank level"),
    Quantity.PRESSURE: ("压力", "pressure"),
    Quantity.FLOW: ("流量", "flow"),
    Quantity.TEMPERATURE: ("温度", "temperature"),
    Quantity.RAIN: ("雨量", "rain"),
    Quantity.RAIN_TOTAL: ("雨量", "rain"),
    Quantity.RAIN_1H: ("未来1小时雨量预报", "rain forecast for the next hour"),
    Quantity.RAIN_1H_HIGH: ("未来1小时雨量预报上限", "rain forecast for the next hour, upper bound"),
    Quantity.RAIN_3H: ("未来3小时雨量预报", "rain forecast for the next 3 hours"),
    Quantity.RAIN_3H_HIGH: ("未来3小时雨量预报上限", "rain forecast for the next 3 hours, upper bound"),
    Quantity.DISPLACEMENT: ("位移", "displacement"),
    Quantity.TILT: ("倾角", "tilt"),
    Quantity.SMOKE: ("烟雾浓度", "smoke"),
    Quantity.HEAT_SPOT: ("热点置信度", "heat spot confidence"),
    Quantity.HUMIDITY: ("湿度", "humidity"),
    Quantity.WIND_SPEED: ("风速", "wind speed"),
    Quantity.WIND_DIRECTION: ("风向", "wind direction"),
}
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "mm": ("毫米", " mm"),
    "m": ("米", " m"),
    "degC": ("℃", " °C"),
    "deg": ("度", "°"),
    "m/s": ("米/秒", " m/s"),
    "mm/h": ("毫米/小时", " mm/h"),
    "mm/d": ("毫米/天", " mm/day"),
    "s": ("秒", " s"),
    "min": ("分钟", " min"),
    "h": ("小时", " h"),
    "d": ("天", " d"),
    "%": ("%", " %"),
    "1": ("", ""),
}


def choose(language: Language, zh: str, en: str) -> str:
    """The word of `language`."""
    return zh if language == "zh-CN" else en


def number(value: float) -> str:
    """Three significant digits, every digit before the point, no exponent, no trailing zeros."""
    decimals = 2 - floor(log10(abs(value))) if value else 0
    text = f"{value:.{min(max(decimals, 0), 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def measure(value: float, unit: str, language: Language) -> str:
    """A number with its unit as people of `language` write it; many seconds as minutes, hours or days."""
    if unit == "s":
        unit, seconds = next((name, seconds) for name, seconds in _SPANS if abs(value) >= 2 * seconds or name == "s")
        value /= seconds
    return number(value) + choose(language, *_UNITS.get(unit, (unit, f" {unit}" if unit else "")))


_SPANS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def moment(at: datetime, language: Language, same_day_as: datetime | None = None) -> str:
    """Date and time to the minute in Beijing time, the zone said; the time alone on the day of `same_day_as`."""
    local = at.astimezone(BEIJING)
    if same_day_as is not None and local.date() == same_day_as.astimezone(BEIJING).date():
        return f"{local:%H:%M}"
    zh = f"{local.year}年{local.month}月{local.day}日{local:%H:%M}（北京时间）"
    return choose(language, zh, f"{local:%H:%M} on {local.day} {_MONTHS[local.month - 1]} {local.year} (UTC+8)")


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def place(inventory: Inventory, code: str, language: Language) -> str:
    """An area with the divisions above it that the inventory lists; the bare code where it lists none."""
    codes = dict.fromkeys(code[:level].ljust(12, "0") for level in AreaLevel)
    listed = [inventory.area_by_code[each] for each in codes if each in inventory.area_by_code]
    if code not in inventory.area_by_code:
        return " ".join([*(choose(language, area.name_zh, area.name_en) for area in listed[-1:]), code])
    return choose(language, "".join(area.name_zh for area in listed), ", ".join(a.name_en for a in reversed(listed)))


def leaf(inventory: Inventory, code: str, language: Language) -> str:
    """The area's own name, its code where the inventory does not list it."""
    area = inventory.area_by_code.get(code)
    return choose(language, area.name_zh, area.name_en) if area else code
