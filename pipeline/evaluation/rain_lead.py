"""How early a signal is told: frames of radar through the core, as gauges and as forecasts, at sites all over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.base import Detector
from detectors.rain.heard import FORECASTS
from detectors.rain.rain_forecast import RainForecast, RainForecastOptions
from detectors.rain.rain_signals import RainOptions, RainSignals
from detectors.rain.tables import Rule
from pipeline.config.plan import Plan
from pipeline.evaluation.exact import interval
from pipeline.evaluation.onsets import Told, onset_figures
from pipeline.evaluation.rain_boxes import STEP_MIN, Amounts, Frames, halves
from pipeline.evaluation.rain_tables import PARTS
from pipeline.evaluation.study import StudyTable
from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.earth import KM_PER_DEG
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.model.site import Sensor, Site
from pipeline.runners.replay import replay

APART: Final = 15
WANTED: Final = 3
"""Gauges stand every 15 km; every third of them, in either direction, is a site that is judged."""
RULE: Final = Rule(level=Level.BLUE, window_h=3, amount_mm=3)
"""Scaled down: the recording reaches no national signal."""
TIMES: Final = (
    *("what", "part", "times told, of crossings", "off by p50 [min]", "off by p90", "later by p50"),
    "in interval",
)
PROBABILITIES: Final = (0.3, 0.5)
HOUR_S: Final = 3600.0
HOUR_MIN: Final = 60
Ahead = Mapping[int, Mapping[int, tuple[Amounts, Amounts]]]
"""Frame -> horizon [min] -> median and upper bound f8[sites]."""

Episodes = Mapping[str, Sequence[tuple[int, int]]]
"""Site -> episodes: from and to [ns]."""


@dataclass(frozen=True, slots=True)
class Posts:
    """Gauges on the frames: pixels i8[n], and which of them are judged ?[n]."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    judged: NDArray[np.bool_]

    @property
    def places(self) -> list[tuple[float, float]]:
        """Row and column of those that are judged."""
        pairs = zip(self.rows[self.judged].tolist(), self.columns[self.judged].tolist(), strict=True)
        return [(float(row), float(column)) for row, column in pairs]


def posts_on(frames: Frames) -> Posts:
    """Every 15 km where radars see."""
    rows, columns = np.mgrid[7 : frames.rain_mm.shape[1] : APART, 7 : frames.rain_mm.shape[2] : APART]
    judged = np.zeros(rows.shape, np.bool_)
    judged[1::WANTED, 1::WANTED] = True
    seen = np.isfinite(frames.rain_mm[0][rows, columns])
    return Posts(rows[seen], columns[seen], judged[seen])


def leads(frames: Frames, ahead: Ahead) -> tuple[StudyTable, StudyTable]:
    """A row a way to see it coming: crossings found, how early, what was told in vain; and how good the times were."""
    posts = posts_on(frames)
    ways: dict[str, tuple[str, Detector, Ahead]] = {
        "one gauge, persistence": ("", RainSignals(RainOptions(rules=(RULE,))), {}),
        "one gauge, median from radar": ("radar", RainSignals(RainOptions(rules=(RULE,))), ahead),
    }
    for probability in PROBABILITIES:
        options = RainForecastOptions(rules=(RULE,), probability=probability)
        ways[f"gauges, {probability:g} or more probable"] = ("gauges", RainForecast(options), {})
        ways[f"radar, {probability:g} or more probable"] = ("radar", RainForecast(options), ahead)
    crossed = _crossed_ns(frames, posts)
    half_ns = int(frames.at_ns[halves(frames.starts(round(RULE.window_h * HOUR_MIN)))[1][0]])
    rows: list[tuple[str, ...]] = []
    times: list[tuple[str, ...]] = []
    for name, way in ways.items():
        findings = _found(frames, posts, *way)
        told = _told_ns(frames, findings, late_ns=60_000_000_000 if way[0] == "gauges" else 0)
        for part, span in zip(PARTS, ((0, half_ns), (half_ns, int(frames.at_ns[-1]) + 1)), strict=True):
            rows.append((name, part, *_row(frames, crossed, told, span)))
            times += _time_row(
                name, part, [one for one in _times(findings, crossed) if span[0] <= one.onset_ns < span[1]]
            )
    columns = (
        *("what", "part", "crossings told", "95 %", "lead p10 / p50 / p90 [min]", "at least 60 min"),
        *("in vain", "share"),
    )
    title = f"{RULE.amount_mm:g} mm within {RULE.window_h:g} h at a gauge"
    return (
        StudyTable(f"{title}: how early", columns, tuple(rows)),
        StudyTable(f"{title}: the times told", TIMES, tuple(times)),
    )


def _times(findings: Sequence[Finding], crossed: Mapping[str, int]) -> Iterator[Told]:
    for one in findings:
        at_ns = crossed.get(one.site, 0)
        if one.expected_at is not None and to_ns(one.at) < at_ns <= to_ns(one.at) + _window_ns():
            earliest, latest = (
                None if end is None else to_ns(end) for end in (one.expected_earliest_at, one.expected_latest_at)
            )
            yield Told(one.site, to_ns(one.expected_at), earliest, latest, at_ns)


def _time_row(name: str, part: str, told: Sequence[Told]) -> Iterator[tuple[str, ...]]:
    figures = onset_figures(name, told)
    if figures is not None:
        within = "" if figures.within is None else f"{figures.within:.2f}"
        minutes = (f"{value / 60:.0f}" for value in (*figures.error_s, figures.late_s))
        yield name, part, f"{figures.told} of {figures.events}", *minutes, within


def _window_ns() -> int:
    return round(RULE.window_h * HOUR_S * 1e9)


def _row(frames: Frames, crossed: Mapping[str, int], told: Episodes, span: tuple[int, int]) -> tuple[str, ...]:
    """What stands when a site crosses found it, early by its age, at most the window; the rest was said in vain.

    Args:
        span: from and to [ns], of crossings, and of the beginnings of what was said in vain.
    """
    crossed, every = {site: at_ns for site, at_ns in crossed.items() if span[0] <= at_ns < span[1]}, crossed
    window_ns = _window_ns()
    standing = {
        site: begin_ns
        for site, at_ns in crossed.items()
        for begin_ns, end_ns in told.get(site, ())
        if begin_ns <= at_ns <= end_ns
    }
    found = [min(crossed[site] - begin_ns, window_ns) / 60e9 for site, begin_ns in standing.items()]
    last_ns = int(frames.at_ns[-1]) - window_ns
    vain = sum(
        1
        for site, episodes in told.items()
        for begin_ns, end_ns in episodes
        if span[0] <= begin_ns < span[1] and begin_ns <= last_ns and not begin_ns <= every.get(site, -1) <= end_ns
    )
    low, high = interval(len(found), len(crossed)) if crossed else (0.0, 1.0)
    spread = " / ".join(f"{value:.0f}" for value in np.quantile(found, (0.1, 0.5, 0.9))) if found else ""
    long = sum(lead >= HOUR_MIN for lead in found)
    share = vain / (vain + len(found)) if vain or found else 0.0
    return (
        *(f"{len(found)} of {len(crossed)}", f"{low:.2f}-{high:.2f}", spread),
        *(f"{long} of {len(crossed)}", str(vain), f"{share:.2f}"),
    )


def _crossed_ns(frames: Frames, posts: Posts) -> dict[str, int]:
    """Site -> when its gauge had the amount within the window for the first time."""
    window = round(RULE.window_h * 60 / STEP_MIN)
    fell = np.nan_to_num(frames.rain_mm[:, posts.rows[posts.judged], posts.columns[posts.judged]].astype(np.float64))
    total = np.vstack([np.zeros(fell.shape[1]), np.cumsum(fell, axis=0)])
    within = total[1:] - total[np.maximum(np.arange(len(fell)) + 1 - window, 0)]
    reached = within >= RULE.amount_mm
    names = np.flatnonzero(posts.judged)
    return {
        _name(int(name)): int(frames.at_ns[int(np.argmax(reached[:, place]))])
        for place, name in enumerate(names)
        if reached[:, place].any()
    }


def _found(frames: Frames, posts: Posts, group: str, detector: Detector, ahead: Ahead) -> list[Finding]:
    """What the detector says of the sites that are judged."""
    inventory = _inventory(posts, group)
    replayed = replay(Plan(inventory, [detector]), list(_batches(frames, posts, inventory, ahead)))
    judged = {_name(int(name)) for name in np.flatnonzero(posts.judged)}
    return [one for one in replayed.findings if one.detector == detector.kind and one.site in judged]


def _told_ns(frames: Frames, findings: Sequence[Finding], late_ns: int) -> Episodes:
    """Site -> episodes, by the clock of the log: a forecast from gauges waits for them, `late_ns`."""
    told: dict[str, list[tuple[int, int]]] = {}
    for finding in findings:
        episodes = told.setdefault(finding.site, [])
        if finding.state is FindingState.OPENED:
            episodes.append((to_ns(finding.at) + late_ns, int(frames.at_ns[-1])))
        elif finding.state is FindingState.CLOSED:
            episodes[-1] = (episodes[-1][0], to_ns(finding.at))
    return told


def _inventory(posts: Posts, group: str) -> Inventory:
    area = Area(code="990101001001", name_zh="示例村", name_en="Sample village")
    sites, sensors = [], []
    for number, (row, column) in enumerate(zip(posts.rows.tolist(), posts.columns.tolist(), strict=True)):
        name = _name(number)
        longitude, latitude = 5 + column / KM_PER_DEG / np.cos(np.radians(52)), 54 - row / KM_PER_DEG
        place = {"longitude_deg": float(longitude), "latitude_deg": float(latitude)}
        sites.append(Site(id=name, area=area.code, name_zh=name, name_en=name, **place))
        sensors.append(_sensor(name, name, Quantity.RAIN, ""))
        if group and posts.judged[number]:
            sensors += [_sensor(f"{name}-{one.value}", name, one, group) for one in FORECASTS]
    return Inventory((area,), tuple(sites), tuple(sensors))


def _sensor(name: str, site: str, quantity: Quantity, group: str) -> Sensor:
    return Sensor(
        id=name,
        site=site,
        kind=SensorKind.RAIN,
        quantity=quantity,
        range_low=0,
        range_high=1000,
        interval_s=STEP_MIN * 60,
        group=group,
    )


def _batches(frames: Frames, posts: Posts, inventory: Inventory, ahead: Ahead) -> Iterator[ReadingBatch]:
    judged = [_name(int(name)) for name in np.flatnonzero(posts.judged)]
    for number, at_ns in enumerate(frames.at_ns.tolist()):
        fell = np.nan_to_num(frames.rain_mm[number, posts.rows, posts.columns]).tolist()
        rows = [Reading(Series(_name(k), Quantity.RAIN), at_ns, round(mm, 2)) for k, mm in enumerate(fell)]
        for minutes, bounds in ahead.get(number, {}).items():
            parts = [one for one, (horizon, _) in FORECASTS.items() if horizon == (minutes > HOUR_MIN)]
            for quantity, amounts in zip(parts, bounds, strict=True):
                pairs = zip(judged, amounts.tolist(), strict=True)
                rows += [Reading(Series(f"{name}-{quantity.value}", quantity), at_ns, mm) for name, mm in pairs]
        yield ReadingBatch.of(one for one in rows if one.series in inventory.slot_by_series)


def _name(number: int) -> str:
    return f"p{number:04}"
