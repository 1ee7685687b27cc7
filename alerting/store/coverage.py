"""What became of the deliveries of a chain, for coverage and for drills."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from alerting.coverage.evidence import Told
from alerting.ledger import MILESTONES
from alerting.store.database import Database
from alerting.store.joints import carried, parts
from alerting.store.receipts import provider_references, receipts
from alerting.store.schema import IS_TRY, attempts, deliveries, warnings
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import from_ns
from pipeline.model.warning import Report

_CONFIRMED = [state for state in MILESTONES if state is not DeliveryState.ACCEPTED]


class CoverageQueries(Database):
    """Evidence, target by target."""

    def told(self, chain: str) -> tuple[Told, ...]:
        """Each target of a chain's reports but the final one, by channel and target; the earliest evidence counts.

        Of an area that is merged: each target of the joint reports that brought its reports.
        """
        with self.read() as connection:
            rows = connection.execute(_of(chain)).all()
        by_target: dict[tuple[str, str], list[Row[Any]]] = {}
        for row in rows:
            by_target.setdefault((row.channel, row.target), []).append(row)
        return tuple(_told(channel, target, found) for (channel, target), found in sorted(by_target.items()))


def _of(chain: str) -> Any:
    accepted = _first_try(attempts.c.state.in_(list(MILESTONES)))
    confirmed = _first_try(attempts.c.state.in_(_CONFIRMED))
    named = select(provider_references.c.reference).where(provider_references.c.delivery == deliveries.c.id)
    heard = (
        select(func.min(receipts.c.at_ns))
        .where(
            receipts.c.channel == deliveries.c.channel,
            receipts.c.state.in_(_CONFIRMED),
            or_(receipts.c.reference == deliveries.c.id, receipts.c.reference.in_(named)),
        )
        .scalar_subquery()
    )
    of_area = select(carried.c.delivery).join(parts, parts.c.part == carried.c.part).where(parts.c.chain == chain)
    in_joint = deliveries.c.id.in_(of_area)
    return (
        select(deliveries, accepted.label("accepted_ns"), confirmed.label("confirmed_ns"), heard.label("heard_ns"))
        .join(warnings, warnings.c.id == deliveries.c.warning)
        .where(or_(deliveries.c.chain == chain, in_joint), warnings.c.report != Report.FINAL)
    )


def _first_try(what: ColumnElement[bool]) -> Any:
    return select(func.min(attempts.c.at_ns)).where(IS_TRY, what).scalar_subquery()


def _told(channel: str, target: str, rows: list[Row[Any]]) -> Told:
    """A delivery that counts as reached but has no try and no receipt was confirmed by a person: when it finished."""
    reached = [row for row in rows if DeliveryState(row.state) in _CONFIRMED]
    confirmed = [row.confirmed_ns or row.heard_ns or row.finished_at_ns for row in reached]
    last = max(rows, key=lambda row: row.number)
    return Told(
        channel=channel,
        target=target,
        accepted_at=_earliest(row.accepted_ns for row in rows if row.state != DeliveryState.FAILED),
        confirmed_at=_earliest(confirmed),
        lost=last.state == DeliveryState.FAILED,
        is_open=any(row.state == DeliveryState.QUEUED for row in rows),
    )


def _earliest(instants: Iterable[int | None]) -> datetime | None:
    at_ns = min((at for at in instants if at is not None), default=None)
    return None if at_ns is None else from_ns(at_ns)
