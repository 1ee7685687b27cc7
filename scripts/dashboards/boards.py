"""The dashboards: situation and lead time, one a hazard, health of sensors, delivery, the pipeline itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from alerting.hazards import ROWS
from dashboards.flux import at_sites, chains, field, kept, newest_first, piped, points, rows, tag, windows
from dashboards.panel import Panel, Shown
from pipeline.model.hazard import Hazard, SensorKind

STAT, TABLE, LINES, BARS = Shown.STAT, Shown.TABLE, Shown.LINES, Shown.BARS
_REPORT: Final = ("_time", "area", "expected_in_s", "hazard", "headline_en", "headline_zh", "level_number", "report")
_LEAD: Final = ("_time", "area", "basis", "chain", "hazard", "lead_time_s")


@dataclass(frozen=True)
class Board:
    """One dashboard; `uid` is also the name of its file."""

    uid: str
    zh: str
    en: str
    panels: tuple[Panel, ...]
    by_site: bool = False


@dataclass(frozen=True)
class _Field:
    """What a hazard is seen by, and how its readings are brought together in a window."""

    kind: SensorKind
    function: str
    where: str = ""


_FIELDS: Final = {
    Hazard.GAS_LEAK: _Field(SensorKind.GAS, "max"),
    Hazard.TANK_OVERFILL: _Field(SensorKind.TANK, "max", tag("quantity", "tank_level")),
    Hazard.TANK_LEAK: _Field(SensorKind.TANK, "last"),
    Hazard.RAINSTORM: _Field(SensorKind.RAIN, "sum", tag("quantity", "rain")),
    Hazard.GROUND_MOVEMENT: _Field(SensorKind.SUBSIDENCE, "last"),
    Hazard.FIRE: _Field(SensorKind.FIRE, "max"),
    Hazard.FOREST_FIRE: _Field(SensorKind.FIRE, "max", tag("quantity", "heat_spot")),
    Hazard.FIRE_DANGER: _Field(SensorKind.WEATHER, "mean"),
}


def boards() -> Iterator[Board]:
    """All of them, in the order in which they are looked at."""
    yield _situation()
    for hazard, seen in _FIELDS.items():
        yield _hazard(hazard, seen)
    yield _health()
    yield _delivery()
    yield _pipeline()


def _situation() -> Board:
    public = f'r.hazard != "{Hazard.SENSOR_FAULT}"'
    panels = (*_in_force(public), *_lead_times(public))
    return Board("forewarn-situation", "态势与提前量", "Situation and lead time", panels)


def _in_force(public: str) -> Iterable[Panel]:
    in_force = piped(chains(public), 'filter(fn: (r) => r.report != "final")')
    return (
        Panel(
            STAT,
            "发布的预警",
            "Chains of warnings",
            piped(chains(public), 'count(column: "number")', 'keep(columns: ["number"])'),
            width=6,
        ),
        Panel(
            STAT,
            "最高等级",
            "Highest level",
            piped(points("warning", field("level_number"), public), "group()", "max()", 'keep(columns: ["_value"])'),
            levels=True,
            width=6,
        ),
        Panel(
            STAT,
            "预警提前量中位数",
            "Median lead time",
            piped(
                points("lead_time", field("lead_time_s"), public),
                'group(columns: ["hazard"])',
                "median()",
                'keep(columns: ["_value", "hazard"])',
            ),
            unit="s",
        ),
        Panel(TABLE, "在效预警", "Warnings in force", kept(newest_first(in_force), *_REPORT), width=24),
        Panel(
            LINES,
            "各区域等级",
            "Level by hazard and area",
            windows(points("assessment", field("level_number"), public), "max", "hazard", "area"),
            levels=True,
        ),
    )


def _lead_times(public: str) -> Iterable[Panel]:
    steps = ("detect_s", "decide_s", "issue_s", "accept_s", "deliver_s", "acknowledge_s")
    return (
        Panel(
            BARS,
            "各链提前量",
            "Lead time of each chain",
            kept(newest_first(rows("lead_time", public), 50), *_LEAD),
            unit="s",
        ),
        Panel(
            TABLE,
            "从发现到送达",
            "From evidence to delivery",
            piped(
                points("lead_time", field(*steps), public),
                'group(columns: ["hazard", "_field"])',
                "median()",
                "group()",
            ),
            unit="s",
        ),
        Panel(TABLE, "最近的报文", "Latest reports", kept(newest_first(rows("warning", public)), *_REPORT)),
    )


def _hazard(hazard: Hazard, seen: _Field) -> Board:
    row = ROWS[hazard]
    own = tag("hazard", hazard)
    readings = points("reading", field("value"), tag("kind", seen.kind), at_sites(), *filter(None, (seen.where,)))
    finding = ("_time", "criterion", "detector", "id", "level_number", "state", "subject", "threshold", "value")
    panels = (
        Panel(LINES, "读数", "Readings", windows(readings, seen.function, "sensor"), width=24),
        Panel(
            LINES,
            "接近阈值的程度",
            "Score, 1 is the threshold",
            windows(points("finding", field("score"), own, at_sites()), "max", "subject"),
        ),
        Panel(
            LINES,
            "等级",
            "Level by area",
            windows(points("assessment", field("level_number"), own), "max", "area"),
            levels=True,
        ),
        Panel(TABLE, "检测结果", "Findings", kept(newest_first(rows("finding", own, at_sites())), *finding)),
        Panel(TABLE, "报文", "Reports", kept(newest_first(rows("warning", own)), *_REPORT)),
    )
    uid = f"forewarn-{hazard.replace('_', '-')}"
    return Board(uid, row.zh, row.en.capitalize(), panels, by_site=True)


def _health() -> Board:
    fault = tag("hazard", Hazard.SENSOR_FAULT)
    last = piped(points("reading", field("quality"), at_sites()), "last()", "group()")
    shown = ("_time", "criterion", "id", "level_number", "state", "subject", "value")
    panels = (
        Panel(
            STAT,
            "报告中的传感器",
            "Sensors that report",
            piped(last, 'count(column: "sensor")', 'keep(columns: ["sensor"])'),
            width=6,
        ),
        Panel(
            STAT,
            "故障检测次数",
            "Faults found",
            piped(
                points("finding", field("revision"), fault, tag("state", "opened"), at_sites()),
                'group(columns: ["criterion"])',
                "count()",
                'keep(columns: ["_value", "criterion"])',
            ),
            width=18,
        ),
        Panel(
            LINES,
            "各站读数",
            "Readings by site",
            windows(points("reading", field("quality"), at_sites()), "count", "site"),
        ),
        Panel(
            LINES,
            "故障",
            "Faults by kind",
            windows(
                points("finding", field("revision"), fault, tag("state", "opened"), at_sites()), "count", "criterion"
            ),
        ),
        Panel(
            TABLE,
            "最久未报告",
            "Silent for longest",
            kept(piped(last, 'sort(columns: ["_time"])', "limit(n: 100)"), "_time", "kind", "sensor", "site"),
        ),
        Panel(TABLE, "最近的故障", "Latest faults", kept(newest_first(rows("finding", fault, at_sites())), *shown)),
    )
    return Board("forewarn-sensor-health", "传感器健康", "Sensor health", panels, by_site=True)


def _delivery() -> Board:
    took = points("delivery", field("took_s"))
    states = piped(rows("delivery"), 'group(columns: ["channel", "state"])', 'count(column: "id")', "group()")
    shown = ("_time", "area", "attempts", "channel", "hazard", "level_number", "state", "target", "took_s")
    slowest = piped(took, 'group(columns: ["channel"])', "quantile(q: 0.95)", 'keep(columns: ["_value", "channel"])')
    panels = (
        Panel(TABLE, "各渠道状态", "State by channel", states),
        Panel(STAT, "95% 送达用时", "Time to outcome, 95 of 100", slowest, unit="s"),
        Panel(LINES, "送达用时", "Time to outcome", windows(took, "max", "channel"), unit="s"),
        Panel(LINES, "消息数", "Messages", windows(points("delivery", field("attempts")), "count", "channel")),
        Panel(LINES, "尝试次数", "Tries", windows(points("delivery", field("attempts")), "max", "channel", "target")),
        Panel(TABLE, "最近的消息", "Latest messages", kept(newest_first(rows("delivery")), *shown)),
    )
    return Board("forewarn-delivery", "送达", "Delivery", panels)


def _pipeline() -> Board:
    total = points("counter", field("total"))
    rate = piped(total, "derivative(unit: 1s, nonNegative: true)")
    last = piped(total, "last()", "group()")
    shown = ("_value", "component", "event", "process", "reason")
    panels = (
        Panel(
            LINES, "吞吐量", "Readings and messages", windows(rate, "mean", "component", "event"), unit="cps", width=24
        ),
        Panel(TABLE, "计数", "Counters", kept(last, *shown)),
        Panel(
            LINES, "积压", "Messages that wait", windows(points("lag", field("messages")), "last", "topic", "partition")
        ),
        Panel(
            LINES, "写入的读数", "Readings in InfluxDB", windows(points("reading", field("quality")), "count", "kind")
        ),
        Panel(
            LINES,
            "检测结果数",
            "Findings by detector",
            windows(points("finding", field("revision")), "count", "detector"),
        ),
    )
    return Board("forewarn-pipeline", "系统", "Pipeline", panels)
