"""What the page is told, as it crosses the wire: plain, immutable structs.

Instants are aware UTC datetimes; a level is its number (0 none .. 4 red); words for people come in Chinese and English;
anything else is a fact of the model, a number with its unit in its name, or an id.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Language, Report, WarningStatus


class Name(Struct, frozen=True):
    """One thing in both languages."""

    zh: str
    en: str


class Notice(Struct, frozen=True):
    """A sentence that stands above the page, such as that what is shown is a demonstration with recordings."""

    zh: str
    en: str


class Attribution(Struct, frozen=True):
    """Whose data or work is shown, for the About panel. `url` may be empty."""

    title: str
    licence: str
    text: str
    url: str = ""


class ProcessView(Struct, frozen=True, kw_only=True):
    """Who speaks: the centre's name, the version, the zone its people read clocks in (IANA, as `Asia/Shanghai`)."""

    title: Name
    version: str
    time_zone: str
    notices: tuple[Notice, ...] = ()
    attributions: tuple[Attribution, ...] = ()


class TextView(Struct, frozen=True, kw_only=True):
    """The words of one report in one language."""

    language: Language
    event: str
    headline: str
    description: str
    instruction: str


class ReportView(Struct, frozen=True, kw_only=True):
    """One report of a chain. `id` is the CAP identifier, under which `/cap/{id}.xml` has the document.

    `decided_at`: when the lifecycle made it; `issued_at`: when it stood in the outbox, None until then.
    """

    id: str
    number: int
    report: Report
    level: Level
    decided_at: datetime
    issued_at: datetime | None
    expires_at: datetime
    expected_onset_at: datetime | None = None
    texts: tuple[TextView, ...] = ()


class LeadView(Struct, frozen=True, kw_only=True):
    """The lead-time clock of a chain: what has happened on the way, and when the hazard is expected.

    `expected_onset_at` is None where the hazard is there already or no instant can be reckoned;
    `onset_observed_at` is when it was seen to set in. All but the first are None until they are known.
    """

    first_evidence_at: datetime
    decided_at: datetime | None = None
    issued_at: datetime | None = None
    first_delivery_at: datetime | None = None
    expected_onset_at: datetime | None = None
    expected_onset_earliest_at: datetime | None = None
    expected_onset_latest_at: datetime | None = None
    onset_observed_at: datetime | None = None


class FindingView(Struct, frozen=True, kw_only=True):
    """One piece of evidence, in its latest revision.

    `value` and `threshold` are in `unit`, the criterion's; `criterion` is its sentence, `standard` where it stands.
    `sensor` is the trigger's sensor; `place` says where it hangs.
    """

    id: str
    revision: int
    hazard: Hazard
    level: Level
    open: bool
    detector: str
    criterion: Name
    standard: Name
    subject: str
    sensor: str
    place: Name
    value: float
    threshold: float
    unit: str
    onset_at: datetime
    at: datetime


class ChannelCount(Struct, frozen=True):
    """How many deliveries of one channel stand in one state."""

    channel: str
    state: DeliveryState
    count: int


class CoverageView(Struct, frozen=True, kw_only=True):
    """What part of the population of a warning's areas was reached, 0..1: confirmed, and expected with its bounds.

    Of `villages`, `not_reached` are expected below what is enough or unknown; nothing is known of `unknown`.
    """

    population: int
    confirmed: float
    expected: float
    expected_low: float
    expected_high: float
    villages: int
    not_reached: int
    unknown: int


class WarningView(Struct, frozen=True, kw_only=True):
    """One chain of reports as a card. `area_path` runs from the widest area to the one concerned.

    `maintenance` marks a chain for those who repair (a faulty sensor), never for the public.
    `findings` are the strongest few of `findings_total`. A chain that has ended has `ended_at`. A warning of several
    areas names them in `areas`; the path then ends at the division that holds them all. `coverage` is None where nobody
    wrote down whom the targets reach.
    """

    chain: str
    hazard: Hazard
    status: WarningStatus
    maintenance: bool
    area: str
    area_path: tuple[Name, ...]
    population: int | None
    level: Level
    peak_level: Level
    confidence: float
    lead: LeadView
    reports: tuple[ReportView, ...]
    findings: tuple[FindingView, ...]
    findings_total: int
    deliveries: tuple[ChannelCount, ...]
    ended_at: datetime | None = None
    areas: tuple[Name, ...] = ()
    coverage: CoverageView | None = None


class DeliveryView(Struct, frozen=True, kw_only=True):
    """One message to one target. `at` is its latest change; `reason` why the last try failed, in words."""

    id: str
    chain: str
    report: int
    hazard: Hazard
    level: Level
    area: Name
    channel: str
    target: str
    state: DeliveryState
    attempts: int
    at: datetime
    next_attempt_at: datetime | None = None
    reason: str = ""


class DeliveriesView(Struct, frozen=True):
    """Counts of all deliveries kept, and the latest some dozens, newest first."""

    counts: tuple[ChannelCount, ...]
    latest: tuple[DeliveryView, ...]


class LedgerRow(Struct, frozen=True, kw_only=True):
    """One line of the lead-time ledger; `channel` is empty where the line is about all channels together.

    `p50_at` and `p95_at`: when half and 95 % of the population had been reached. `lead_s`: onset minus first
    delivery, 0 for a missed event, None until the onset is known.
    """

    id: str
    hazard: Hazard
    area: Name
    level: Level
    channel: str
    evidence_at: datetime
    detected_at: datetime | None = None
    decided_at: datetime | None = None
    approved_at: datetime | None = None
    issued_at: datetime | None = None
    first_delivery_at: datetime | None = None
    p50_at: datetime | None = None
    p95_at: datetime | None = None
    acknowledged_at: datetime | None = None
    onset_expected_at: datetime | None = None
    onset_observed_at: datetime | None = None
    lead_s: float | None = None
    missed: bool = False


class Situation(Struct, frozen=True, kw_only=True):
    """All but what moves every second. Chains and rows are in the order of the source; the page sorts for itself."""

    process: ProcessView
    warnings: tuple[WarningView, ...]
    ended: tuple[WarningView, ...]
    deliveries: DeliveriesView
    ledger: tuple[LedgerRow, ...]


class Drop(Struct, frozen=True):
    """How many readings one component dropped for one reason."""

    component: str
    reason: str
    count: int


class Pulse(Struct, frozen=True, kw_only=True):
    """What moves every second: the process's own clock and its throughput.

    `now_at` is the instant that countdowns run against; `rate` how many of its seconds pass in one of ours:
    1 live, more in a fast replay, 0 when it stands. Latency is from a reading's arrival to the end of its processing.
    """

    now_at: datetime
    rate: float
    readings_per_s: float
    received: int
    processed: int
    drops: tuple[Drop, ...]
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    backlog: int


class WarningDetail(Struct, frozen=True):
    """A card with all of its evidence and every delivery."""

    warning: WarningView
    findings: tuple[FindingView, ...]
    deliveries: tuple[DeliveryView, ...]
