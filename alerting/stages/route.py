"""Who is told of a report: routes of the configuration in, deliveries out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerting.hazards import ROWS, Audience
from pipeline.model.area import area_level
from pipeline.model.delivery import Delivery, delivery_id
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField
from pipeline.model.warning import HazardWarning, WarningStatus

AreaPrefix = Annotated[str, Field(pattern=r"^[1-9]\d{0,11}$")]
Address = Annotated[str, Field(pattern=r"^[^/]+/[^/]+$", description="channel/target, or channel/* for all of them")]
Targets = Mapping[str, Sequence[str]]
"""Channel -> names of its targets."""


class RouteOptions(BaseModel):
    """One `[[routes]]` section.

    Attributes:
        name: what complaints call it.
        hazards: which; empty for all of the audience.
        min_level: reports of a chain are sent once its peak has reached this, and then to its end.
        areas: leading digits of area codes, or whole codes; empty for everywhere. A warning concerns a route when
            its area lies within one of these or holds it.
        audience: "public" for hazards, "maintenance" for sensor faults; no report goes to both.
        to: "channel/target" or "channel/*".
        exercise: also carries reports whose status is Exercise or Test.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    hazards: tuple[Hazard, ...] = ()
    min_level: LevelField = Level.BLUE
    areas: tuple[AreaPrefix, ...] = ()
    audience: Audience = Audience.PUBLIC
    to: tuple[Address, ...] = Field(min_length=1)
    exercise: bool = False

    @model_validator(mode="after")
    def _hazards_fit_the_audience(self) -> Self:
        strange = [hazard for hazard in self.hazards if ROWS[hazard].audience is not self.audience]
        if strange:
            message = (
                f"route {self.name!r}: {', '.join(strange)} never goes to audience {self.audience.value!r}; "
                "only sensor_fault goes to maintenance, and only there"
            )
            raise ValueError(message)
        return self


def route(warning: HazardWarning, routes: Sequence[RouteOptions], targets: Targets) -> tuple[Delivery, ...]:
    """The deliveries of one report: one a channel and target, however many routes lead there, in order of both."""
    reached = {address for way in routes if carries(way, warning) for address in _addresses(way, targets)}
    return tuple(_delivery(warning, channel, target) for channel, target in sorted(reached))


def carries(way: RouteOptions, warning: HazardWarning) -> bool:
    """Whether a route takes a report. The chain's peak counts, so that who got the first also gets the final."""
    return (
        way.audience is ROWS[warning.hazard].audience
        and (not way.hazards or warning.hazard in way.hazards)
        and warning.peak_level >= way.min_level
        and (not way.areas or any(_concerns(warning.area, prefix) for prefix in way.areas))
        and (way.exercise or warning.status is WarningStatus.ACTUAL)
    )


def complaints(routes: Sequence[RouteOptions], targets: Targets) -> list[str]:
    """What is wrong with routes that lead nowhere; empty when each address exists."""
    return [
        f"route {way.name!r}: no {address!r}; known: {_known(targets)}"
        for way in routes
        for address in way.to
        if not list(_resolve(address, targets))
    ]


def _concerns(area: str, prefix: str) -> bool:
    """One of the two divisions holds the other."""
    own, wanted = _digits(area), _digits(prefix)
    return own.startswith(wanted) or wanted.startswith(own)


def _digits(code: str) -> str:
    """The digits that count: a whole code without the zeros that stand for "all of it"."""
    return code[: area_level(code)] if len(code) == len("330000000000") else code


def _addresses(way: RouteOptions, targets: Targets) -> Iterator[tuple[str, str]]:
    for address in way.to:
        yield from _resolve(address, targets)


def _resolve(address: str, targets: Targets) -> Iterator[tuple[str, str]]:
    channel, _, wanted = address.partition("/")
    return ((channel, name) for name in targets.get(channel, ()) if wanted in ("*", name))


def _known(targets: Targets) -> str:
    return ", ".join(f"{channel}/{name}" for channel in sorted(targets) for name in sorted(targets[channel])) or "none"


def _delivery(warning: HazardWarning, channel: str, target: str) -> Delivery:
    return Delivery(
        id=delivery_id(warning.id, channel, target),
        warning=warning.id,
        channel=channel,
        target=target,
        queued_at=warning.sent_at,
        next_attempt_at=warning.sent_at,
    )
