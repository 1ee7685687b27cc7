"""What a drill showed, put together from the store."""

from __future__ import annotations

from collections.abc import Iterator

from alerting.coverage.evidence import Told
from alerting.coverage.reach import ReachTable
from alerting.coverage.reckon import reckon as reckon_coverage
from alerting.drill.evaluation import Answer, ChainResult, Evaluation, Mode, missed_of, reached_of, spans_of
from alerting.lead_time import LeadTime, reckon
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.runners.drill import Played

DELIVERIES_MAX = 10_000


def evaluate(
    store: Store, scenario: str, mode: Mode, played: Played, inventory: Inventory, table: ReachTable
) -> Evaluation:
    """The evaluation of a drill that is over, against the last one of the same scenario; kept in the store."""
    ours = set(played.chains)
    entries = [one for one in store.ledger() if one.chain in ours and one.hazard is not Hazard.SENSOR_FAULT]
    rows = reckon(entries, played.onsets)
    names = {area.code: area.name_zh for area in inventory.areas}
    found = Evaluation(
        id=content_id("drill", scenario, to_ns(played.begun_at)),
        scenario=scenario,
        mode=mode,
        begun_at=played.begun_at,
        ended_at=played.ended_at,
        readings=played.readings,
        chains=tuple(_chain(store, row, names, inventory, table) for row in rows if row.chain),
        missed=missed_of(rows, names),
    )
    last = next((one for one in store.drills(scenario) if one.id != found.id and one.mode is mode), None)
    found = found.against(last)
    store.put_drill(found)
    return found


def _chain(store: Store, row: LeadTime, names: dict[str, str], inventory: Inventory, table: ReachTable) -> ChainResult:
    told = store.told(row.chain)
    answers = tuple(_answers(store, row.chain, told))
    confirmed_at = min((one.confirmed_at for one in told if one.confirmed_at), default=None)
    answered_at = min((one.answered_at for one in answers if one.answered_at), default=None)
    return ChainResult(
        chain=row.chain,
        hazard=row.hazard,
        area=row.area,
        place=names.get(row.area, row.area),
        peak_level=row.peak_level,
        issued_at=row.issued_at,
        onset_at=row.onset_at,
        lead_time_s=row.lead_time_s,
        spans=spans_of(row, confirmed_at, answered_at),
        answers=answers,
        reached=reached_of(reckon_coverage((row.area,), told, inventory, table)) if told else None,
    )


def _answers(store: Store, chain: str, told: tuple[Told, ...]) -> Iterator[Answer]:
    """People who were called, by name; then every target of the reports."""
    called: set[str] = set()
    for call in store.calls(chain=chain):
        for one in store.summonses(call.id):
            called.add(one.delivery)
            yield Answer(who=one.person, state=one.state, told_at=one.at, answered_at=one.answered_at)
    sent = {(one.channel, one.target): one.accepted_at for one in told}
    for report in store.chain(chain):
        for row in store.deliveries(DELIVERIES_MAX, warning=report.id):
            if row.id not in called:
                answered = row.finished_at if row.state is DeliveryState.ACKNOWLEDGED else None
                who = f"{row.channel}/{row.target}"
                at = sent.get((row.channel, row.target))
                yield Answer(who=who, state=row.state, told_at=at, answered_at=answered)
