"""Report chains: a first report, follow-ups when something changed, one final report.

Pure and in event time: `sent_at` is the instant of the assessment or tick that brought the report about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerting.chain import Chain, Key, Known, Withdrawn, decode, encode
from alerting.hazards import ROWS, is_public
from alerting.texts import Change, Criteria, Story, Writer
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level, LevelField
from pipeline.model.order import Order, OrderKind
from pipeline.model.warning import HazardWarning, Language, Report, WarningStatus

_NO_CRITERIA: Final[Criteria] = MappingProxyType({})


class LifecyclePolicy(BaseModel):
    """The `[warnings]` section: who speaks, and when a report is due.

    Attributes:
        sender: of CAP; unique in the world by a domain name of its owner.
        sender_name_zh, sender_name_en: who speaks, as people read it.
        status: of CAP; only Actual is for the public, Exercise and Test go by routes that carry exercises.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    sender: str = Field(default="forewarn.invalid", pattern=r"^[^\s,<&]+$")
    sender_name_zh: str = Field(default="监测预警系统", min_length=1)
    sender_name_en: str = Field(default="Monitoring and Warning System", min_length=1)
    contact: str | None = Field(default=None, min_length=1, description="CAP contact: a telephone number or address")
    web: str | None = Field(default=None, pattern=r"^https?://\S+$", description="CAP web: where more is told")
    status: Literal[WarningStatus.ACTUAL, WarningStatus.EXERCISE, WarningStatus.TEST] = WarningStatus.ACTUAL
    min_level: LevelField = Field(
        default=Level.BLUE, ge=Level.BLUE, description="the public is told from this level on; maintenance from blue on"
    )
    onset_tolerance_s: float = Field(
        default=600.0, ge=0, description="by how much an expected onset must move to be told again"
    )
    onset_tolerance_share: float = Field(
        default=0.2, ge=0, description="the same as a share of the time left: an onset days away may move by hours"
    )
    update_min_s: float = Field(
        default=300.0, ge=0, description="while the level stands, no follow-up sooner than this after a report"
    )
    fault_update_min_s: float = Field(
        default=3600.0, ge=0, description="the same for devices that join a chain of faults"
    )
    renew_before_s: float = Field(
        default=600.0, ge=0, le=1800, description="a report is renewed this long before it expires"
    )

    @property
    def senders(self) -> dict[Language, str]:
        """Who speaks, by the language of the text."""
        return {"zh-CN": self.sender_name_zh, "en-US": self.sender_name_en}


class Lifecycle:
    """The open report chains of all areas. One caller at a time; instants may step back, reports do not.

    Args:
        criteria: words and units of the detectors' criteria; without them a text names sensors but no figures.
    """

    def __init__(self, inventory: Inventory, policy: LifecyclePolicy, criteria: Criteria = _NO_CRITERIA) -> None:
        self._policy = policy
        self._writer = Writer(inventory, policy.senders, criteria)
        self._chains: dict[Key, Chain] = {}
        self._begun: dict[Key, datetime] = {}
        self._withdrawn: dict[Key, Withdrawn] = {}

    def take(self, assessment: Assessment, findings: Mapping[str, Finding]) -> HazardWarning | None:
        """The report that this assessment makes due, if any.

        Args:
            findings: open findings by id; those that the assessment cites are named in the text.
        """
        key = (assessment.area, assessment.hazard)
        chain = self._chains.get(key)
        if chain is None:
            return self._hear(key, Known.of(assessment, findings, frozenset()))
        self._chains[key] = chain.heard(assessment, findings)
        return self._due(key, assessment.at)

    def tick(self, at: datetime) -> list[HazardWarning]:
        """The reports that the passing of time makes due: renewals, and changes that had to wait."""
        graver = [key for key, one in sorted(self._withdrawn.items()) if self._level(one.known.seen) > one.level]
        begun = [self._begin_again(key, at) for key in graver]
        due = (self._due(key, at) for key in sorted(self._chains))
        return [report for report in (*begun, *due) if report]

    def obey(self, order: Order, at: datetime) -> HazardWarning | None:
        """The report that a person's order brings about; None where it has been obeyed, or its chain has ended.

        What was withdrawn is not warned of anew before its hazard has gone, or has become graver than it was, or its
        withdrawal was not released.
        """
        if order.kind is OrderKind.RESUME:
            return self._resume(order.chain, at)
        key = next((key for key, chain in self._chains.items() if chain.last.chain == order.chain), None)
        if key is None:
            return None
        chain = self._chains[key]
        at, assessed = max(at, chain.last.sent_at), chain.known.seen.level
        if order.kind is OrderKind.WITHDRAW:
            del self._chains[key]
            overruled = chain.ordered[1] if chain.ordered else Level.NONE
            level = max(order.was, overruled) if order.was else max(assessed, chain.last.level)
            self._withdrawn[key] = Withdrawn(order.chain, level, chain.known, chain.ordered)
            return self._report(Change.WITHDRAWN, chain.known, at, chain.last, Level.NONE, order.why)
        level = order.level or Level.NONE
        if level == chain.last.level:
            return None
        report = self._report(Change.ORDERED, chain.known, at, chain.last, level, order.why)
        self._chains[key] = replace(chain, last=report, ordered=(level, assessed))
        return report

    def in_force(self) -> tuple[HazardWarning, ...]:
        """The latest report of every open chain, by area and hazard."""
        return tuple(self._chains[key].last for key in sorted(self._chains))

    def snapshot(self) -> bytes:
        """All state between two calls."""
        return encode(self._chains, self._begun, self._withdrawn)

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote, in place of what is held.

        Raises:
            ValueError: bytes of another version, or no snapshot.
        """
        self._chains, self._begun, self._withdrawn = decode(data)

    def _hear(self, key: Key, known: Known) -> HazardWarning | None:
        """A chain begins where none is open, but not while a person's withdrawal stands."""
        level, withdrawn = self._level(known.seen), self._withdrawn.get(key)
        if withdrawn and Level.NONE < level <= withdrawn.level:
            self._withdrawn[key] = withdrawn._replace(known=known)
            return None
        self._withdrawn.pop(key, None)
        return self._begin(key, known, known.seen.at) if level else None

    def _resume(self, chain: str, at: datetime) -> HazardWarning | None:
        """The first report of a new chain, where what was withdrawn as `chain` stands still."""
        key = next((key for key, one in self._withdrawn.items() if one.chain == chain), None)
        return None if key is None else self._begin_again(key, at)

    def _begin_again(self, key: Key, at: datetime) -> HazardWarning:
        """What was withdrawn, as it is known by now; a level by hand holds while no other is assessed."""
        _, _, known, ordered = self._withdrawn.pop(key)
        return self._begin(key, known, at, ordered if ordered and known.seen.level == ordered[1] else None)

    def _begin(self, key: Key, known: Known, at: datetime, ordered: tuple[Level, Level] | None = None) -> HazardWarning:
        begun_at, before_at = at, self._begun.get(key)
        if before_at is not None and begun_at <= before_at:  # a hazard that ended and began anew within an instant
            begun_at = before_at + timedelta(microseconds=1)
        self._begun[key] = begun_at
        level = ordered[0] if ordered else self._level(known.seen)
        report = self._report(Change.BEGUN, known, at, None, level)
        self._chains[key] = Chain(report, known, known.faulty, ordered)
        return report

    def _due(self, key: Key, at: datetime) -> HazardWarning | None:
        chain = self._chains[key]
        change = self._change(chain, at)
        if change is None:
            return None
        level = self._level_of(chain)
        report = self._report(change, chain.known, max(at, chain.last.sent_at), chain.last, level)
        if change is Change.ENDED:
            del self._chains[key]
        else:
            self._chains[key] = Chain(report, chain.known, chain.known.faulty, chain.ordered)
        return report

    def _change(self, chain: Chain, at: datetime) -> Change | None:
        """Why a report is due now, the gravest reason first."""
        level, last, policy = self._level_of(chain), chain.last, self._policy
        age_s = (at - last.sent_at).total_seconds()
        if level is Level.NONE:
            return Change.ENDED
        if level != last.level:
            return Change.RAISED if level > last.level else Change.LOWERED
        if chain.joined and age_s >= policy.fault_update_min_s:
            return Change.JOINED
        if age_s >= policy.update_min_s and self._onset_moved(chain, at):
            return Change.ONSET
        if at >= last.expires_at - timedelta(seconds=policy.renew_before_s):
            return Change.RENEWED
        return None

    def _onset_moved(self, chain: Chain, at: datetime) -> bool:
        """Whether the expected onset came, went, or moved by more than both tolerances since it was told."""
        told, now = chain.last.expected_onset_at, chain.known.seen.expected_onset_at
        if told is None or now is None:
            return told is not now
        left_s = max((min(told, now) - at).total_seconds(), 0.0)
        bound_s = max(self._policy.onset_tolerance_s, self._policy.onset_tolerance_share * left_s)
        return abs((now - told).total_seconds()) > bound_s

    def _level(self, assessment: Assessment) -> Level:
        """The level that is told: NONE below the least one of the audience."""
        least = self._policy.min_level if is_public(assessment.hazard) else Level.BLUE
        return assessment.level if assessment.level >= least else Level.NONE

    def _level_of(self, chain: Chain) -> Level:
        """What is told: what a person ordered, else what was assessed."""
        return chain.ordered[0] if chain.ordered else self._level(chain.known.seen)

    def _report(
        self, change: Change, known: Known, at: datetime, last: HazardWarning | None, level: Level, why: str = ""
    ) -> HazardWarning:
        seen = known.seen
        chain = last.chain if last else chain_id(seen.hazard, seen.area, self._begun[seen.area, seen.hazard])
        number = last.number + 1 if last else 1
        ended = change in {Change.ENDED, Change.WITHDRAWN}
        report = HazardWarning(
            id=report_id(seen.hazard, seen.area, chain, number),
            chain=chain,
            number=number,
            report=Report.FINAL if ended else Report.FOLLOW_UP if last else Report.FIRST,
            status=self._policy.status,
            hazard=seen.hazard,
            area=seen.area,
            level=level,
            peak_level=max(level, last.peak_level) if last else level,
            confidence=seen.confidence,
            sent_at=at,
            expires_at=at + _holds(change, seen.hazard, level, last),
            first_evidence_at=min(seen.first_evidence_at, last.first_evidence_at) if last else seen.first_evidence_at,
            expected_onset_at=None if ended else seen.expected_onset_at,
            expected_onset_earliest_at=None if ended else seen.expected_onset_earliest_at,
            expected_onset_latest_at=None if ended else seen.expected_onset_latest_at,
            references=(*last.references, (last.id, last.sent_at)) if last else (),
            assessment=seen.id,
            findings=seen.findings,
            texts=(),
        )
        story = Story(change, last, known.cited, known.more, why)
        return report.model_copy(update={"texts": self._writer.texts(report, story)})


def _holds(change: Change, hazard: Hazard, level: Level, last: HazardWarning | None) -> timedelta:
    """How long a report holds: what goes on unchanged need not be said again so often."""
    row = ROWS[hazard]
    if last and change is Change.RENEWED:
        return row.renewed_for(level, last.expires_at - last.sent_at)
    return row.valid_for(level)


def chain_id(hazard: Hazard, area: str, first_at: datetime) -> str:
    """The id of the chain that begins in `area` at `first_at`."""
    return content_id("chain", hazard, area, to_ns(first_at))


def report_id(hazard: Hazard, area: str, chain: str, number: int) -> str:
    """CAP identifier `<area code>-<hazard>-<chain id>-<number>`: letters, digits, `_` and `-` only."""
    return f"{area}-{hazard}-{chain}-{number}"
