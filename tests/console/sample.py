"""Warnings as an afternoon of trouble would bring them, in both languages."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from alerting.console.views import (
    ChannelCount,
    FindingView,
    LeadView,
    Name,
    ReportView,
    TextView,
    WarningView,
)
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.level import Level
from pipeline.model.warning import Language, Report, WarningStatus
from tests.console.district import AREAS
from tests.console.recorded import NOW

_WORDS = json.loads(Path(__file__).with_name("words.json").read_text())
_LANGUAGES: tuple[Language, Language] = ("zh-CN", "en-US")
_NAMES = {area.code: area.name for area in AREAS}
_POPULATION = {"320690001002": 8420, "320690100201": 3150, "320690102000": 46200, "320690100202": 2260}


def ago(minutes: float) -> datetime:
    """An instant before the beginning of the tests; after it where negative."""
    return NOW - timedelta(minutes=minutes)


def path_of(area: str) -> tuple[Name, ...]:
    """District, township, village, as far as the code goes."""
    codes = dict.fromkeys(area[:digits].ljust(12, "0") for digits in (6, 9, 12))
    return tuple(_NAMES[code] for code in codes)


def finding(
    key: str, level: Level, sensor: str, value: float, threshold: float, minutes: float, *, hazard: Hazard
) -> FindingView:
    """One piece of evidence, `key` naming its sentence."""
    words = _WORDS["criteria"][key]
    return FindingView(
        id=content_id("finding", key, sensor),
        revision=0,
        hazard=hazard,
        level=level,
        open=True,
        detector=words["detector"],
        criterion=Name(words["zh"], words["en"]),
        standard=Name(words["standard"], words["standard"]),
        subject=sensor,
        sensor=sensor,
        place=Name(words["place_zh"], words["place_en"]),
        value=value,
        threshold=threshold,
        unit=words["unit"],
        onset_at=ago(minutes),
        at=ago(minutes / 2),
    )


def texts(kind: Report, hazard: Hazard, level: Level) -> tuple[TextView, ...]:
    """Both languages of one report."""
    words = _WORDS["final" if kind is Report.FINAL else "hazards"][hazard]
    return tuple(
        TextView(language=language, **{field: sentence.format(c=colour) for field, sentence in words[language].items()})
        for language, colour in zip(_LANGUAGES, _WORDS["colours"][str(int(level))], strict=True)
    )


def chain(
    hazard: Hazard,
    area: str,
    levels: tuple[tuple[float, Level], ...],
    findings: tuple[FindingView, ...],
    *,
    evidence: float,
    onset: tuple[float, float, float] | None = None,
    ended: float | None = None,
    status: WarningStatus = WarningStatus.ACTUAL,
) -> WarningView:
    """A chain whose reports were decided `levels[n][0]` minutes ago; `onset`: earliest, expected, latest."""
    chain_id = content_id("chain", hazard, area, str(evidence))
    reports = tuple(_report(chain_id, n, levels, hazard, ended, onset) for n in range(len(levels)))
    return WarningView(
        chain=chain_id,
        hazard=hazard,
        status=status,
        maintenance=hazard is Hazard.SENSOR_FAULT,
        area=area,
        area_path=path_of(area),
        population=_POPULATION.get(area),
        level=reports[-1].level,
        peak_level=max(level for _, level in levels),
        confidence=0.86,
        lead=LeadView(
            first_evidence_at=ago(evidence),
            decided_at=reports[0].decided_at,
            issued_at=reports[0].issued_at,
            first_delivery_at=ago(levels[0][0]) + timedelta(seconds=1.9),
            expected_onset_at=ago(onset[1]) if onset else None,
            expected_onset_earliest_at=ago(onset[0]) if onset else None,
            expected_onset_latest_at=ago(onset[2]) if onset else None,
        ),
        reports=reports,
        findings=findings,
        findings_total=len(findings) + 2,
        deliveries=_deliveries(hazard),
        ended_at=ago(ended) if ended is not None else None,
    )


def _report(
    chain_id: str,
    place: int,
    levels: tuple[tuple[float, Level], ...],
    hazard: Hazard,
    ended: float | None,
    onset: tuple[float, float, float] | None,
) -> ReportView:
    minutes, level = levels[place]
    last = place == len(levels) - 1
    kind = Report.FIRST if place == 0 else Report.FINAL if last and ended is not None else Report.FOLLOW_UP
    return ReportView(
        id=content_id("warning", chain_id, place + 1),
        number=place + 1,
        report=kind,
        level=level,
        decided_at=ago(minutes),
        issued_at=ago(minutes) + timedelta(milliseconds=42),
        expires_at=ago(minutes) + timedelta(hours=2),
        expected_onset_at=ago(onset[1]) if onset else None,
        texts=texts(kind, hazard, level),
    )


def _deliveries(hazard: Hazard) -> tuple[ChannelCount, ...]:
    if hazard is Hazard.SENSOR_FAULT:
        return (ChannelCount("maintenance_chat", DeliveryState.ACCEPTED, 2),)
    return (
        ChannelCount("sms", DeliveryState.QUEUED, 14),
        ChannelCount("sms", DeliveryState.ACCEPTED, 212),
        ChannelCount("sms", DeliveryState.DELIVERED, 1840),
        ChannelCount("sms", DeliveryState.FAILED, 9),
        ChannelCount("village_speakers", DeliveryState.PLAYED, 11),
        ChannelCount("village_speakers", DeliveryState.FAILED, 1),
        ChannelCount("duty_officers", DeliveryState.ACKNOWLEDGED, 4),
        ChannelCount("cap_feed", DeliveryState.DELIVERED, 1),
    )


def raised_fire(area: str) -> WarningView:
    """One more red fire, just decided."""
    return chain(Hazard.FIRE, area, ((0.1, Level.RED),), (), evidence=0.2)
