"""The whole situation of the sample: what is in force, what ended, who was told."""

from __future__ import annotations

from datetime import timedelta

from alerting.console.views import (
    Attribution,
    ChannelCount,
    DeliveriesView,
    DeliveryView,
    Drop,
    LedgerRow,
    Name,
    Notice,
    ProcessView,
    Pulse,
    Situation,
    WarningView,
)
from pipeline.model.delivery import DeliveryState as State
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.level import Level
from pipeline.model.warning import WarningStatus
from tests.console.recorded import NOW
from tests.console.sample import ago, chain, finding

PROCESS = ProcessView(
    title=Name("江湾区应急管理局", "Jiangwan District Emergency Bureau"),
    version="0.1.0",
    time_zone="Asia/Shanghai",
    notices=(
        Notice(
            "演示：数据为公开录制的真实监测记录，按原速回放；地名与预警均为示例。",
            "Demonstration: real public recordings played at their own pace; places and warnings are samples.",
        ),
    ),
    attributions=(
        Attribution("METEC controlled releases 2022", "MIT", "Methane, 8 sensors, one minute"),
        Attribution("NIST smoke alarm tests", "US public domain", "Temperature and smoke, 5 s"),
        Attribution("USGS rainfall 2015", "US public domain", "Rain, 15 minutes"),
    ),
)
THROUGHPUT = Pulse(
    now_at=NOW,
    rate=1.0,
    readings_per_s=18420.0,
    received=48_213_904,
    processed=48_213_720,
    drops=(
        Drop("sensor_health", "repeat", 10_412),
        Drop("sensor_health", "late", 1_877),
        Drop("http", "unknown_sensor", 321),
        Drop("mqtt", "malformed", 12),
    ),
    latency_p50_ms=9.4,
    latency_p99_ms=61.0,
    backlog=184,
)


def situation() -> Situation:
    """Six warnings in force (one for maintenance), two that ended."""
    warnings = (_gas(), _fire(), _rain(), _tank(), _slope(), _silence())
    ended = (_gas_over(), _rain_over())
    return Situation(
        process=PROCESS, warnings=warnings, ended=ended, deliveries=_deliveries(warnings), ledger=_ledger(warnings)
    )


def _fire() -> WarningView:
    hazard = Hazard.FIRE
    findings = (
        finding("fixed", Level.RED, "TMP-2102", 181.0, 57.0, 1.6, hazard=hazard),
        finding("smoke", Level.RED, "SMK-2101", 4.16, 4.0, 0.9, hazard=hazard),
        finding("rise", Level.ORANGE, "TMP-2104", 13.4, 8.3, 2.4, hazard=hazard),
    )
    levels = ((2.35, Level.YELLOW), (1.5, Level.ORANGE), (0.8, Level.RED))
    return chain(hazard, "320690001002", levels, findings, evidence=2.5)


def _gas() -> WarningView:
    hazard = Hazard.GAS_LEAK
    findings = (
        finding("gas_second", Level.ORANGE, "GAS-0105", 101.8, 50.0, 6, hazard=hazard),
        finding("gas_excess", Level.YELLOW, "GAS-0106", 21.7, 12.0, 11, hazard=hazard),
    )
    return chain(hazard, "320690100201", ((10.2, Level.YELLOW), (5.8, Level.ORANGE)), findings, evidence=11)


def _rain() -> WarningView:
    findings = (finding("rain", Level.YELLOW, "RAIN-302", 31.3, 50.0, 28, hazard=Hazard.RAINSTORM),)
    levels = ((24.0, Level.BLUE), (13.0, Level.YELLOW))
    return chain(Hazard.RAINSTORM, "320690102000", levels, findings, evidence=24.2, onset=(-31, -47, -74))


def _tank() -> WarningView:
    findings = (finding("fill", Level.ORANGE, "TANK-401", 23.1, 30.0, 4, hazard=Hazard.TANK_OVERFILL),)
    return chain(
        Hazard.TANK_OVERFILL, "320690100202", ((3.7, Level.ORANGE),), findings, evidence=4, onset=(-19, -23.2, -29)
    )


def _slope() -> WarningView:
    findings = (finding("velocity", Level.BLUE, "CRK-501", 47.3, 45.0, 70, hazard=Hazard.GROUND_MOVEMENT),)
    onset = (-210.0, -305.0, -420.0)
    return chain(Hazard.GROUND_MOVEMENT, "320690101203", ((61, Level.BLUE),), findings, evidence=61.5, onset=onset)


def _silence() -> WarningView:
    findings = (finding("silence", Level.BLUE, "RAIN-304", 62, 45, 62, hazard=Hazard.SENSOR_FAULT),)
    return chain(Hazard.SENSOR_FAULT, "320690001001", ((17, Level.BLUE),), findings, evidence=17)


def _gas_over() -> WarningView:
    levels = ((142, Level.YELLOW), (101, Level.NONE))
    return chain(Hazard.GAS_LEAK, "320690100201", levels, (), evidence=143, ended=101)


def _rain_over() -> WarningView:
    levels = ((380, Level.BLUE), (330, Level.YELLOW), (205, Level.NONE))
    return chain(
        Hazard.RAINSTORM,
        "320690101000",
        levels,
        (),
        evidence=381,
        ended=205,
        onset=(330, 318, 300),
        status=WarningStatus.EXERCISE,
    )


def deliveries_of(card: WarningView) -> tuple[DeliveryView, ...]:
    """A dozen single deliveries of one chain, the troubled ones among them."""
    fates = (
        ("duty_officers", "duty-1", State.ACKNOWLEDGED, ""),
        ("village_speakers", "speaker-03", State.PLAYED, ""),
        ("village_speakers", "speaker-07", State.FAILED, "unreachable: no route to the speaker, 3 tries"),
        ("sms", "group-a", State.DELIVERED, ""),
        ("sms", "group-b", State.ACCEPTED, ""),
        ("sms", "group-c", State.QUEUED, "throttled: the gateway asked for 20 s"),
        ("cap_feed", "public", State.DELIVERED, ""),
    )
    return tuple(
        DeliveryView(
            id=content_id("delivery", card.chain, channel, target),
            chain=card.chain,
            report=card.reports[-1].number,
            hazard=card.hazard,
            level=card.level,
            area=card.area_path[-1],
            channel=channel,
            target=target,
            state=state,
            attempts=1 if not why else 3,
            at=card.reports[-1].decided_at + timedelta(seconds=1.9 + place),
            reason=why,
        )
        for place, (channel, target, state, why) in enumerate(fates)
    )


def _deliveries(warnings: tuple[WarningView, ...]) -> DeliveriesView:
    totals: dict[tuple[str, State], int] = {}
    for row in (row for card in warnings for row in card.deliveries):
        totals[row.channel, row.state] = totals.get((row.channel, row.state), 0) + row.count
    latest = [row for card in warnings if not card.maintenance for row in deliveries_of(card)]
    latest.sort(key=lambda row: row.at, reverse=True)
    return DeliveriesView(tuple(ChannelCount(*key, number) for key, number in totals.items()), tuple(latest[:24]))


def _ledger(warnings: tuple[WarningView, ...]) -> tuple[LedgerRow, ...]:
    rows = [_line(card) for card in warnings if not card.maintenance]
    missed = LedgerRow(
        id="missed-1",
        hazard=Hazard.FIRE,
        area=Name("河滨村", "Hebin Village"),
        level=Level.NONE,
        channel="",
        evidence_at=ago(1900),
        onset_observed_at=ago(1890),
        lead_s=0.0,
        missed=True,
    )
    return (*rows, missed)


def _line(card: WarningView) -> LedgerRow:
    lead = card.lead
    told, onset = lead.first_delivery_at, lead.expected_onset_at
    return LedgerRow(
        id=card.chain,
        hazard=card.hazard,
        area=card.area_path[-1],
        level=card.peak_level,
        channel="",
        evidence_at=lead.first_evidence_at,
        detected_at=lead.first_evidence_at + timedelta(seconds=0.4),
        decided_at=lead.decided_at,
        approved_at=lead.decided_at,
        issued_at=lead.issued_at,
        first_delivery_at=lead.first_delivery_at,
        p50_at=ago(1) if onset else None,
        onset_expected_at=lead.expected_onset_at,
        lead_s=(onset - told).total_seconds() if onset and told else None,
    )
