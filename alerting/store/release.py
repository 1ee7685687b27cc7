"""Releases: what waits for people, what was decided, and the permission that every delivery needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, func, select, update

from alerting.stages.approve import Before
from alerting.store.database import Database, insert_new
from alerting.store.joints import parts
from alerting.store.schema import metadata, releases, warnings
from pipeline.model.audience import Audience
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.level import Level
from pipeline.model.release import How, Release, ReleaseState, Request
from pipeline.model.warning import HazardWarning, Part

requests: Final = Table(
    "release_requests",
    metadata,
    Column("warning", Text, primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("chain", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("release_requests_by_chain", "chain", "audience", "number"),
    Index("release_requests_by_state", "state"),
)

_NOT_SAID: Final = (ReleaseState.REFUSED, ReleaseState.EXPIRED, ReleaseState.OVERTAKEN)


class ReleaseQueries(Database):
    """What waits, and what was decided."""

    def request(self, warning: str, audience: Audience) -> Request | None:
        """One request, None if there is none."""
        return next(iter(self._requests(requests.c.warning == warning, requests.c.audience == audience)), None)

    def pending(self) -> tuple[Request, ...]:
        """What waits for a decision, the gravest first, then the longest wait."""
        found = self._requests(requests.c.state == ReleaseState.PENDING)
        return tuple(sorted(found, key=lambda one: (-one.level, one.asked_at, one.warning, one.audience)))

    def requests(self, chain: str) -> tuple[Request, ...]:
        """Every request of a chain, by audience and number."""
        found = self._requests(requests.c.chain == chain)
        return tuple(sorted(found, key=lambda one: (one.audience, one.number)))

    def told_by(self, chains: Iterable[str]) -> dict[str, str]:
        """Chain -> the one by which people are told of it: the joint chain that it stands in, or itself."""
        with self.read() as connection:
            return {one: told_by(connection, one) for one in chains}

    def last_release_ns(self) -> int:
        """When something was released last, by whichever process; 0: never."""
        with self.read() as connection:
            return connection.scalar(select(func.max(releases.c.at_ns))) or 0

    def first_released(self, audience: Audience) -> dict[str, datetime]:
        """Chain, joint or of an area -> when its first report was released to an audience."""
        first = select(warnings.c.chain, func.min(releases.c.at_ns))
        joined = first.join(warnings, warnings.c.id == releases.c.warning)
        given = (releases.c.audience == audience, releases.c.how != How.CALL)
        query = joined.where(*given).group_by(warnings.c.chain)
        told = select(parts.c.chain, func.min(releases.c.at_ns)).join(releases, releases.c.warning == parts.c.report)
        with self.read() as connection:
            rows = [*connection.execute(query), *connection.execute(told.where(*given).group_by(parts.c.chain))]
        return {chain: from_ns(at_ns) for chain, at_ns in rows}

    def _requests(self, *where: Any) -> tuple[Request, ...]:
        with self.read() as connection:
            texts = connection.scalars(select(requests.c.document).where(*where)).all()
        return tuple(Request.model_validate_json(text) for text in texts)


def locked(connection: Connection, warning: str, audience: Audience) -> tuple[Request, HazardWarning] | None:
    """A request with its report, held against other writers until the transaction ends; None if there is none."""
    here = (requests.c.warning == warning, requests.c.audience == audience)
    text = connection.scalar(select(requests.c.document).where(*here).with_for_update())
    if text is None:
        return None
    report = connection.scalars(select(warnings.c.document).where(warnings.c.id == warning)).one()
    return Request.model_validate_json(text), HazardWarning.model_validate_json(report)


def latest_request(connection: Connection, chain: str, audience: Audience) -> Request | None:
    """What the last report of a chain asks for."""
    here = (requests.c.chain == chain, requests.c.audience == audience)
    text = connection.scalar(select(requests.c.document).where(*here).order_by(requests.c.number.desc()).limit(1))
    return None if text is None else Request.model_validate_json(text)


def before(connection: Connection, report: HazardWarning, audience: Audience) -> Before:
    """What the audience has of the reports of the chain before this one; held until the transaction ends."""
    chain = (requests.c.chain == report.chain, requests.c.audience == audience, requests.c.number < report.number)
    newest = select(requests.c.document).where(*chain).order_by(requests.c.number.desc()).limit(1)
    latest = connection.scalar(newest.with_for_update())
    given = (requests.c.state == ReleaseState.RELEASED, *chain)
    level = connection.scalar(select(func.max(requests.c.level)).where(*given))
    return Before(None if latest is None else Request.model_validate_json(latest), Level(level or 0))


def released_after(connection: Connection, request: Request) -> int | None:
    """Number of the last report of a chain that its audience has, where that is a later one; else None."""
    last = select(func.max(requests.c.number)).where(
        requests.c.chain == request.chain,
        requests.c.audience == request.audience,
        requests.c.state == ReleaseState.RELEASED,
        requests.c.number > request.number,
    )
    number: int | None = connection.scalar(last)
    return number


def left_untold(connection: Connection, last: HazardWarning, own: Audience) -> list[Part]:
    """The areas that left by the last report of a joint chain, of those that an audience was told of and not of this.

    It waits, was refused, or expired: who knows of the danger has not heard that it is over.
    """
    untold: dict[str, Part] = {}
    for audience in (Audience.DUTY, own) if last.left else ():
        released = (requests.c.audience == audience, requests.c.state == ReleaseState.RELEASED)
        query = select(warnings.c.document).join(requests, requests.c.warning == warnings.c.id)
        newest = query.where(*released, requests.c.chain == last.chain).order_by(requests.c.number.desc()).limit(1)
        text = connection.scalars(newest).first()
        told = HazardWarning.model_validate_json(text) if text else None
        areas = {part.area for part in told.parts if part.level} if told and told.id != last.id else set()
        untold |= {part.area: part for part in last.left if part.area in areas}
    return list(untold.values())


def unsaid(connection: Connection, chains: Collection[str]) -> set[str]:
    """Those of these chains of areas whose all-clear was refused, not decided in time, or overtaken by new danger."""
    if not chains:
        return set()
    never = (requests.c.chain.in_(chains), requests.c.state.in_(_NOT_SAID))
    return set(connection.scalars(select(requests.c.chain).where(*never)))


def told_by(connection: Connection, chain: str) -> str:
    """The chain by which people are told of one: the joint one that it stands in, or itself."""
    return connection.scalar(select(parts.c.joint).where(parts.c.chain == chain).limit(1)) or chain


def family(connection: Connection, chain: str) -> set[str]:
    """All chains by which a warning is told and decided on: its own, and where it is for several areas, those of each.

    Any of them names it.
    """
    joint = told_by(connection, chain)
    members = connection.scalars(select(parts.c.chain).where(parts.c.joint == joint).distinct())
    return {chain, joint, *members}


def all_clears_waiting(connection: Connection, chains: Collection[str]) -> list[Request]:
    """The all-clears of chains that wait for a decision, the longest wait first."""
    here = (requests.c.chain.in_(chains), requests.c.state == ReleaseState.PENDING)
    found = connection.scalars(select(requests.c.document).where(*here)).all()
    waiting = [one for one in map(Request.model_validate_json, found) if one.all_clear]
    return sorted(waiting, key=lambda one: (one.asked_at, one.warning, one.audience))


def other_all_clears_waiting(connection: Connection, report: HazardWarning) -> list[Request]:
    """Those of earlier chains of the same hazard and area that wait for a decision."""
    query = select(requests.c.document).join(warnings, warnings.c.id == requests.c.warning)
    here = (warnings.c.hazard == report.hazard, warnings.c.area == report.area, warnings.c.chain != report.chain)
    found = connection.scalars(query.where(requests.c.state == ReleaseState.PENDING, *here))
    return [one for one in map(Request.model_validate_json, found) if one.all_clear]


def put(connection: Connection, request: Request) -> None:
    """Write a request anew or in place of what it was."""
    row = {
        "warning": request.warning,
        "audience": request.audience,
        "chain": request.chain,
        "number": request.number,
        "level": int(request.level),
        "state": request.state,
        "document": request.model_dump_json(),
    }
    insert_new(connection, requests, [row])
    here = (requests.c.warning == request.warning, requests.c.audience == request.audience)
    connection.execute(update(requests).where(*here).values(state=row["state"], document=row["document"]))


def grant(connection: Connection, given: Release) -> None:
    """Record a release; the tables take no delivery without one."""
    row = {
        "warning": given.warning,
        "audience": given.audience,
        "how": given.how,
        "by": ", ".join(given.by),
        "at_ns": to_ns(given.at),
    }
    insert_new(connection, releases, [row])
