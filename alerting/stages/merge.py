"""Merging: what several neighbouring areas are warned of is one warning with several areas. Pure.

Every area keeps its own chain of reports, and its line in the lead-time ledger; people are told by the joint chain. A
joint report is a function of the reports of areas in their order: no clock, no wait. An area joins where it touches one
of the same level; once in, it stays to its own end, whatever its level, and a joint chain ends when all have ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from alerting.hazards import is_public
from alerting.lifecycle import report_id
from alerting.stages.borders import Borders
from alerting.texts import Change
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import Instant
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Part, PartNews, Report


class MergeOptions(BaseModel):
    """The `[routing.merge]` section: neighbouring areas in the same danger are warned of together.

    Attributes:
        hazards: of which; empty for none.
        distance_m: areas whose borders are no further apart are neighbours. An area without a polygon has none.
        window_s: an area joins a warning that began, or grew, no longer ago.
        max_areas: that one warning is for, at most; the next one begins a warning of its own.
        gather_s: a target that knows of the warning waits this long for further areas, so that it hears of them at
            once. Who was not told yet, and what is graver than before, never waits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    hazards: tuple[Hazard, ...] = ()
    distance_m: float = Field(default=200.0, ge=0, le=100_000)
    window_s: float = Field(default=3600.0, ge=0)
    max_areas: int = Field(default=50, ge=2, le=500)
    gather_s: float = Field(default=15.0, ge=0, le=600)

    @field_validator("hazards")
    @classmethod
    def _of_the_public(cls, hazards: tuple[Hazard, ...]) -> tuple[Hazard, ...]:
        if not all(is_public(one) for one in hazards):
            raise ValueError("sensor_fault is told device by device; it is not merged")
        return hazards


class Joint(BaseModel):
    """An open joint chain.

    Attributes:
        last: what was told.
        members: the latest report of each area's chain that goes on, in the order they joined; without its words.
        grown_at: when an area joined last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    last: HazardWarning
    members: tuple[HazardWarning, ...]
    grown_at: Instant

    def has(self, chain: str) -> bool:
        """Whether an area's chain goes on in it."""
        return any(one.chain == chain for one in self.members)

    def besides(self, report: HazardWarning) -> tuple[HazardWarning, ...]:
        """The other members."""
        return tuple(one for one in self.members if one.chain != report.chain)

    def with_left(self, left: Iterable[Part]) -> Joint:
        """It, its last report saying also of areas that it is over there, unless they are in danger again."""
        here = {part.area for part in self.last.parts}
        parts = (*self.last.parts, *(part for part in left if part.area not in here))
        return self.model_copy(update={"last": self.last.model_copy(update={"parts": parts})})

    def without(self, chains: Collection[str]) -> Joint:
        """It, with members left out of which nothing more is said."""
        return self.model_copy(update={"members": tuple(one for one in self.members if one.chain not in chains)})


def home(report: HazardWarning, open_ones: Sequence[Joint], borders: Borders, options: MergeOptions) -> Joint | None:
    """The joint chain that a report of an area belongs to; None: it begins one.

    Args:
        open_ones: those of its hazard and status, in the order they began.
    """
    own = next((one for one in open_ones if one.has(report.chain)), None)
    return own or next((one for one in open_ones if _takes(one, report, borders, options)), None)


def _takes(joint: Joint, report: HazardWarning, borders: Borders, options: MergeOptions) -> bool:
    members = joint.besides(report)
    holding = [one for one in members if one.expires_at > report.sent_at]
    if any(one.area == report.area for one in holding):  # another source speaks of the same place
        return True
    is_recent = report.sent_at - joint.grown_at <= timedelta(seconds=options.window_s)
    has_room = len({one.area for one in members}) < options.max_areas
    near = (one for one in holding if one.level is report.level)
    return is_recent and has_room and any(borders.touch(one.area, report.area) for one in near)


def merged(joint: Joint | None, report: HazardWarning, renew_before_s: float) -> tuple[Joint, Change | None]:
    """The joint chain after a report of an area, its `last` without words, and why it is told; None: it is not.

    What changes nothing but how long it holds is told when the joint report is about to expire.
    """
    before = joint.members if joint else ()
    members = tuple(_kept(before, report))
    held = {one.area for one in before}
    told = [part for part in joint.last.parts if part.area in held] if joint else []
    parts = tuple(_parts(told, members, report))
    level = max((one.level for one in members), default=Level.NONE)
    change = _change(joint, report, parts, level)
    if change is Change.RENEWED and joint:
        due = report.sent_at >= joint.last.expires_at - timedelta(seconds=renew_before_s)
        if not due:
            return joint.model_copy(update={"members": members}), None
        parts = tuple(part.model_copy(update={"news": PartNews.UPDATED}) for part in parts)
    elif change is Change.ONSET:
        parts = tuple(_touched(part, report.area) for part in parts)
    last = _report(joint, report, members, parts, level)
    grew = joint is None or change is Change.GROWN
    return Joint(last=last, members=members, grown_at=report.sent_at if grew or not joint else joint.grown_at), change


def _kept(before: Iterable[HazardWarning], report: HazardWarning) -> Iterator[HazardWarning]:
    """Members with this report in its place; a final one takes its chain out."""
    now = report.model_copy(update={"texts": (), "references": ()})
    is_known = False
    for one in before:
        is_known |= one.chain == report.chain
        if one.chain != report.chain:
            yield one
        elif report.report is not Report.FINAL:
            yield now
    if not is_known and report.report is not Report.FINAL:
        yield now


def _parts(told: Iterable[Part], members: Sequence[HazardWarning], report: HazardWarning) -> Iterator[Part]:
    levels: dict[str, Level] = {}
    for one in members:
        levels[one.area] = max(levels.get(one.area, Level.NONE), one.level)
    known = {part.area: part for part in told if part.level}
    for area in dict.fromkeys([*known, *levels]):
        before, level = known.get(area), levels.get(area, Level.NONE)
        peak = max(level, before.peak_level if before else Level.NONE)
        news = _news(before.level if before else Level.NONE, level)
        texts = report.texts if members and news is PartNews.LEFT else ()
        yield Part(area=area, level=level, peak_level=peak, news=news, texts=texts)


def _news(before: Level, now: Level) -> PartNews:
    if before is now:
        return PartNews.SAME
    if not before or not now:
        return PartNews.LEFT if before else PartNews.JOINED
    return PartNews.RAISED if now > before else PartNews.LOWERED


def _touched(part: Part, area: str) -> Part:
    return part.model_copy(update={"news": PartNews.UPDATED}) if part.area == area else part


_ONE_AREA: Final = {
    PartNews.JOINED: Change.GROWN,
    PartNews.LEFT: Change.SHRUNK,
    PartNews.RAISED: Change.LEVELS,
    PartNews.LOWERED: Change.LEVELS,
}


def _change(joint: Joint | None, report: HazardWarning, parts: Sequence[Part], level: Level) -> Change:
    if joint is None:
        return Change.BEGUN
    if level is Level.NONE:
        return Change.ENDED
    news = next((part.news for part in parts if part.news is not PartNews.SAME), None)
    if news in {PartNews.JOINED, PartNews.LEFT} or (news and level is joint.last.level):
        return _ONE_AREA[news]
    if level is not joint.last.level:
        return Change.RAISED if level > joint.last.level else Change.LOWERED
    before = next((one.expected_onset_at for one in joint.members if one.chain == report.chain), None)
    return Change.ONSET if report.report is not Report.FINAL and before != report.expected_onset_at else Change.RENEWED


def _report(
    joint: Joint | None, report: HazardWarning, members: Sequence[HazardWarning], parts: tuple[Part, ...], level: Level
) -> HazardWarning:
    """The joint report, without its words."""
    last = joint.last if joint else None
    chain = last.chain if last else content_id("joint", report.chain)
    number = last.number + 1 if last else 1
    speaking = tuple(members) or (report,)
    foremost = max(speaking, key=lambda one: (one.level, one.confidence))
    area = next((part.area for part in parts if part.level), report.area)
    dated = [one for one in members if one.expected_onset_at]
    soonest = min(dated, key=lambda one: (one.expected_onset_at or one.sent_at, one.chain), default=None)
    sent_at = max(report.sent_at, last.sent_at) if last else report.sent_at
    held_until = max(one.expires_at for one in speaking)
    return HazardWarning(
        id=report_id(report.hazard, area, chain, number),
        chain=chain,
        number=number,
        report=Report.FINAL if not members else Report.FOLLOW_UP if last else Report.FIRST,
        status=report.status,
        hazard=report.hazard,
        area=area,
        level=level,
        peak_level=max(level, last.peak_level) if last else level,
        confidence=foremost.confidence,
        sent_at=sent_at,
        expires_at=held_until if held_until > sent_at else report.expires_at,  # of others nothing came for long
        first_evidence_at=min(one.first_evidence_at for one in (*speaking, *([last] if last else []))),
        expected_onset_at=soonest.expected_onset_at if soonest else None,
        expected_onset_earliest_at=soonest.expected_onset_earliest_at if soonest else None,
        expected_onset_latest_at=soonest.expected_onset_latest_at if soonest else None,
        references=(*last.references, (last.id, last.sent_at)) if last else (),
        assessment=report.assessment,
        findings=tuple(dict.fromkeys(finding for one in speaking for finding in one.findings)),
        texts=(),
        parts=parts,
    )
