"""Who is told of a report: routes of the configuration in, deliveries out.

Routes stand in a tree: one that names another as `under` takes only what that one takes. A report goes to the routes at
the ends that take it; where none below a route does, to that route itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from alerting.hazards import ROWS
from alerting.people.days import DayKind, Days, parse_hours
from alerting.stages.scope import AreaPrefix, concerns_any
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, delivery_id
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField
from pipeline.model.warning import HazardWarning, Part, WarningStatus

Address = Annotated[str, Field(pattern=r"^[^/]+/[^/]+$", description="channel/target, or channel/* for all of them")]
Targets = Mapping[str, Sequence[str]]
"""Channel -> names of its targets."""
EVERY_DAY: Final = Days(ZoneInfo("UTC"))


class RouteOptions(BaseModel):
    """One `[[routes]]` section.

    Attributes:
        name: what complaints, and routes under it, call it.
        under: the name of another route: this one takes only what that one takes, in its place.
        hazards: which; empty for all of the audience.
        min_level: reports of a chain are sent once its peak has reached this, and then to its end.
        areas: leading digits of area codes, or whole codes; empty for everywhere. A warning concerns a route when
            its area lies within one of these or holds it.
        audience: "public" for hazards, "maintenance" for sensor faults, "duty" for those who answer for hazards and
            are told before the public is; no target is reached as two of these.
        days: on which days it begins to tell. Who was told of a hazard is told of its end at any time.
        hours: when it begins to tell, in local time, such as "08:00-20:00"; empty for the whole day.
        to: "channel/target" or "channel/*".
        fallback: the same, told besides where a channel of `to` reaches nobody of this route: all of its messages
            have failed, none was taken within `fallback_after_s`, or it will be through too late. Where single targets
            fail so, or take nothing when tried, those of the same name are told: one name is one recipient.
        fallback_after_s: how long a channel may take.
        exercise: also carries reports whose status is Exercise or Test.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    under: str = ""
    hazards: tuple[Hazard, ...] = ()
    min_level: LevelField = Level.BLUE
    areas: tuple[AreaPrefix, ...] = ()
    audience: Audience = Audience.PUBLIC
    days: DayKind = DayKind.ALL
    hours: str = ""
    to: tuple[Address, ...] = Field(min_length=1)
    fallback: tuple[Address, ...] = ()
    fallback_after_s: float = Field(default=60.0, gt=0, le=86400)
    exercise: bool = False

    @field_validator("hours")
    @classmethod
    def _is_a_span(cls, hours: str) -> str:
        if hours:
            parse_hours(hours)
        return hours

    @model_validator(mode="after")
    def _hazards_fit_the_audience(self) -> Self:
        strange = [hazard for hazard in self.hazards if not reaches(hazard, self.audience)]
        if strange:
            message = (
                f"route {self.name!r}: {', '.join(strange)} never goes to audience {self.audience.value!r}; "
                "only sensor_fault goes to maintenance, and only there"
            )
            raise ValueError(message)
        return self


def reaches(hazard: Hazard, audience: Audience) -> bool:
    """Whether reports of a hazard are for an audience: duty hears of what is for the public."""
    return ROWS[hazard].audience is (Audience.PUBLIC if audience is Audience.DUTY else audience)


def route(
    report: HazardWarning,
    routes: Sequence[RouteOptions],
    targets: Targets,
    audience: Audience,
    days: Days = EVERY_DAY,
    told: Collection[tuple[str, str]] = (),
    at: datetime | None = None,
) -> tuple[Delivery, ...]:
    """The deliveries of one report: one a channel and target, however many routes lead there, in order of both.

    Args:
        told: channel and target of those whom its chain has reached as this audience; they are told to its end.
        at: now, where routes have hours; the report's own instant by default.
    """
    there = {address for address in told if address[1] in targets.get(address[0], ())}
    if report.parts:  # of several areas: those whom this report has something new for
        there &= {address for way in routes if carries(way, report) for address in addresses(way, targets)}
    taking = ends(taken_by(report, routes, audience, days, at or report.sent_at))
    reached = {address for way in taking for address in resolved(way.to, targets)}
    return tuple(_delivery(report, audience, channel, target) for channel, target in sorted(reached | there))


def taken_by(
    report: HazardWarning, routes: Sequence[RouteOptions], audience: Audience, days: Days, at: datetime
) -> list[RouteOptions]:
    """The routes of an audience that take a report at an instant, wherever they stand in the tree."""
    return [way for way in routes if way.audience is audience and carries(way, report) and _now(way, days, at)]


def ends(taking: Sequence[RouteOptions]) -> list[RouteOptions]:
    """Of routes that each take a report, those whose whole line above does too, and under which none does."""
    by_name = {way.name: way for way in taking}
    whole = [way for way in taking if line(way, by_name)]
    above = {way.under for way in whole}
    return [way for way in whole if way.name not in above]


def carries(way: RouteOptions, report: HazardWarning) -> bool:
    """Whether a route takes a report. The chain's peak counts, so that who got the first also gets the final.

    Of a warning of several areas, those count that the report has something new to say of, each with its own peak.
    """
    return is_for(way, report) and any(tells_of(way, part) for part in report.concerned)


def is_for(way: RouteOptions, report: HazardWarning) -> bool:
    """Whether a route takes reports of this hazard and status, wherever they are."""
    return (
        reaches(report.hazard, way.audience)
        and (not way.hazards or report.hazard in way.hazards)
        and (way.exercise or report.status is WarningStatus.ACTUAL)
    )


def tells_of(way: RouteOptions, part: Part) -> bool:
    """Whether a route that takes a warning does so for one of its areas."""
    return part.peak_level >= way.min_level and concerns_any(part.area, way.areas)


def complaints(routes: Sequence[RouteOptions], targets: Targets) -> list[str]:
    """What is wrong with routes that lead nowhere; empty when each address exists."""
    return [
        f"route {way.name!r}: no {address!r}; known: {_known(targets)}"
        for way in routes
        for address in (*way.to, *way.fallback)
        if not list(_resolve(address, targets))
    ]


def misplaced(routes: Sequence[RouteOptions], targets: Targets) -> Iterator[tuple[int, str, str]]:
    """Position, option and words of what contradicts itself across routes: the tree, and targets of two audiences."""
    by_name = {way.name: way for way in routes}
    reached: dict[tuple[str, str], RouteOptions] = {}
    for number, way in enumerate(routes):
        if way.under:
            above = by_name.get(way.under)
            if [one.name for one in routes].count(way.under) != 1 or above is None:
                yield number, "under", f"route {way.name!r}: {way.under!r} must be the name of one other route"
            elif not line(way, by_name):
                yield number, "under", f"route {way.name!r}: stands under itself, by way of {way.under!r}"
            elif above.audience is not way.audience:
                yield number, "audience", f"route {way.name!r}: {way.under!r} above it is for {above.audience.value!r}"
        for address in addresses(way, targets):
            first = reached.setdefault(address, way)
            if first.audience is not way.audience:
                both = (
                    f"{first.audience.value!r} by route {first.name!r} and {way.audience.value!r} by route {way.name!r}"
                )
                option = "to" if address in resolved(way.to, targets) else "fallback"
                yield (
                    number,
                    option,
                    f"{'/'.join(address)} is told as {both}; give it a second target with its own name",
                )
        twice = ", ".join(sorted("/".join(one) for one in resolved(way.to, targets) & resolved(way.fallback, targets)))
        if twice:
            yield number, "fallback", f"route {way.name!r}: {twice} is told already; name who is told in its place"


def addresses(way: RouteOptions, targets: Targets) -> frozenset[tuple[str, str]]:
    """Channel and target of everybody a route leads to, by its fallback too."""
    return resolved((*way.to, *way.fallback), targets)


def resolved(wanted: Iterable[Address], targets: Targets) -> frozenset[tuple[str, str]]:
    """Channel and target of each that addresses stand for."""
    return frozenset(one for address in wanted for one in _resolve(address, targets))


def _now(way: RouteOptions, days: Days, at: datetime) -> bool:
    return days.fits(way.days, at) and days.within(way.hours, at)


def line(way: RouteOptions, by_name: Mapping[str, RouteOptions]) -> tuple[RouteOptions, ...]:
    """A route and those above it, up to one that stands under none; empty where `by_name` lacks one of them."""
    passed = {way.name: way}
    while way.under:
        if way.under in passed or way.under not in by_name:
            return ()
        way = by_name[way.under]
        passed[way.name] = way
    return tuple(passed.values())


def _resolve(address: str, targets: Targets) -> Iterator[tuple[str, str]]:
    channel, _, wanted = address.partition("/")
    return ((channel, name) for name in targets.get(channel, ()) if wanted in ("*", name))


def _known(targets: Targets) -> str:
    return ", ".join(f"{channel}/{name}" for channel in sorted(targets) for name in sorted(targets[channel])) or "none"


def _delivery(report: HazardWarning, audience: Audience, channel: str, target: str) -> Delivery:
    return Delivery(
        id=delivery_id(report.id, channel, target),
        warning=report.id,
        audience=audience,
        channel=channel,
        target=target,
        queued_at=report.sent_at,
        next_attempt_at=report.sent_at,
    )
