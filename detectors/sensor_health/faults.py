"""What can be wrong with a sensor, and in which words it is told to those who repair it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from detectors.base import Criterion

_QARTOD: Final = "QARTOD Manual for Real-Time Quality Control of In-situ Temperature and Salinity Data v2.1 (2020)"
_QARTOD_ZH: Final = "QARTOD现场温盐数据实时质量控制手册2.1版（2020）"
_NE43: Final = "NAMUR NE 43:2003"
_OURS: Final = "Forewarn, docs/detectors/sensor-health.md"


class Fault(IntEnum):
    """One kind of fault; the value is its place among a sensor's episodes."""

    SILENCE = 0
    GAP = 1
    CLOCK = 2
    DEVICE_STATUS = 3
    GROSS_RANGE = 4
    SPIKE = 5
    RATE_OF_CHANGE = 6
    FLAT_LINE = 7
    SATURATED = 8
    REPEATING = 9

    @property
    def key(self) -> str:
        """The criterion of its findings."""
        return self.name.lower()

    @property
    def disqualifies(self) -> bool:
        """Whether the sensor's word counts for nothing while the fault lasts.

        A fire or a leak may look like a spike, a fast change or a stuck value, and drives an instrument to its end; the
        device's own complaint, a value beyond its span, a wrong clock or silence never is one.
        """
        return self in _DISQUALIFYING


_DISQUALIFYING: Final = frozenset({Fault.SILENCE, Fault.CLOCK, Fault.DEVICE_STATUS, Fault.GROSS_RANGE})

CRITERIA: Final[tuple[Criterion, ...]] = (
    Criterion(
        "silence",
        f"{_QARTOD}, test 1 (gap)",
        "s",
        "no reading for several intervals",
        "连续多个周期无数据上报",
        standard_zh=f"{_QARTOD_ZH}第1项（缺测）",
    ),
    Criterion(
        "gap",
        f"{_QARTOD}, test 1 (gap)",
        "s",
        "readings keep going missing",
        "数据反复缺失",
        standard_zh=f"{_QARTOD_ZH}第1项（缺测）",
    ),
    Criterion("clock", _OURS, "s", "the device's clock is wrong", "设备时钟错误"),
    Criterion(
        "device_status",
        f"{_NE43}; {_OURS}",
        "",
        "the device reports a fault, maintenance or no value",
        "设备自报故障、检修或无有效值",
    ),
    Criterion(
        "gross_range",
        f"{_QARTOD}, test 4 (gross range); {_NE43}",
        "quantity",
        "values outside the instrument's span",
        "数值超出仪表量程",
        standard_zh=f"{_QARTOD_ZH}第4项（量程）；{_NE43}",
    ),
    Criterion(
        "spike",
        f"{_QARTOD}, test 6 (spike)",
        "quantity",
        "repeated single-value spikes",
        "反复出现尖峰值",
        standard_zh=f"{_QARTOD_ZH}第6项（尖峰）",
    ),
    Criterion(
        "rate_of_change",
        f"{_QARTOD}, test 7 (rate of change)",
        "quantity/s",
        "repeated changes faster than the instrument can follow",
        "反复出现超过仪表响应能力的突变",
        standard_zh=f"{_QARTOD_ZH}第7项（变化率）",
    ),
    Criterion(
        "flat_line",
        f"{_QARTOD}, test 8 (flat line)",
        "s",
        "the value does not move",
        "数值长时间不变",
        standard_zh=f"{_QARTOD_ZH}第8项（持续不变）",
    ),
    Criterion(
        "saturated",
        f"{_NE43}; {_OURS}",
        "quantity",
        "at the upper end of its range: it can show no more",
        "达到量程上限",
    ),
    Criterion(
        "repeating",
        _OURS,
        "",
        "sends the same reading again and again",
        "反复发送同一条数据",
        "times the same reading came",
        "同一数据重复次数",
    ),
)
"""In order of `Fault`. Unit `quantity` is that of the sensor's quantity."""
