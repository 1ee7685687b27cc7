from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from alerting.lead_time import Basis, LeadTime, reckon, summarise
from alerting.ledger import MILESTONES, Entry, Onset, Reached, entry
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report, WarningStatus
from tests.reports import VILLAGE, later, warning

EXPECTED_AT = later(1800)


def report(chain: str = "a", number: int = 1, issued_s: float = 5.0, **changes: Any) -> Entry:
    made = warning(chain, number, **changes)
    return entry(made, later(issued_s), later(-30))


def reached(of: Entry, *channels: Reached) -> Entry:
    values = {name: getattr(of, name) for name in Entry.__slots__} | {"channels": channels}
    return Entry(**values)


def fire(seconds: float, area: str = VILLAGE) -> Onset:
    return Onset(Hazard.FIRE, area, later(seconds))


FINAL = report(number=2, issued_s=3000, report=Report.FINAL, level=Level.NONE)


@pytest.mark.parametrize(
    ("case", "entries", "onsets", "expected"),
    [
        ("no onset known", [report()], [], [(Basis.NONE, None)]),
        ("expected", [report(expected_onset_at=EXPECTED_AT)], [], [(Basis.EXPECTED, 1795)]),
        (
            "the latest expectation",
            [report(expected_onset_at=EXPECTED_AT), report(number=2, issued_s=65, expected_onset_at=later(605))],
            [],
            [(Basis.EXPECTED, 600)],
        ),
        (
            "an expectation outlives a report without one",
            [report(expected_onset_at=EXPECTED_AT), report(number=2, issued_s=65)],
            [],
            [(Basis.EXPECTED, 1795)],
        ),
        ("observed wins", [report(expected_onset_at=EXPECTED_AT)], [fire(605)], [(Basis.OBSERVED, 600)]),
        ("onset before the report", [report()], [fire(-25)], [(Basis.OBSERVED, -30)]),
        ("onset shortly before the evidence: told late", [report()], [fire(-61)], [(Basis.OBSERVED, -66.0)]),
        ("onset an hour before the evidence", [report()], [fire(-3660)], [(Basis.OBSERVED, -3665.0)]),
        ("onset longer before the evidence", [report()], [fire(-3661)], [(Basis.MISSED, 0), (Basis.NONE, None)]),
        ("onset after the expiry", [report()], [fire(3601)], [(Basis.NONE, None), (Basis.MISSED, 0)]),
        ("onset while it was in force", [report(), FINAL], [fire(3000)], [(Basis.OBSERVED, 2995)]),
        ("onset after the final", [report(), FINAL], [fire(3001)], [(Basis.NONE, None), (Basis.MISSED, 0)]),
        ("onset in the district around", [report()], [fire(605, "330106000000")], [(Basis.OBSERVED, 600)]),
        ("onset next door", [report()], [fire(6, "330106109207")], [(Basis.NONE, None), (Basis.MISSED, 0)]),
        ("another hazard", [report(hazard=Hazard.RAINSTORM)], [fire(6)], [(Basis.NONE, None), (Basis.MISSED, 0)]),
        ("two onsets are one event", [report()], [fire(700), fire(605)], [(Basis.OBSERVED, 600)]),
        ("nothing was said at all", [], [fire(0)], [(Basis.MISSED, 0)]),
        (
            "the chain issued first has it",
            [report("b", issued_s=6), report("a", issued_s=5)],
            [fire(605)],
            [(Basis.OBSERVED, 600), (Basis.NONE, None)],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_lead_time(
    case: str, entries: list[Entry], onsets: list[Onset], expected: list[tuple[Basis, float | None]]
) -> None:
    assert [(row.basis, row.lead_time_s) for row in reckon(entries, onsets)] == expected, case


def test_order_of_entries_and_onsets_does_not_matter() -> None:
    entries = [report(), FINAL, report("b", issued_s=1), report("c", issued_s=9, hazard=Hazard.GAS_LEAK)]
    onsets = [fire(100), fire(9000), Onset(Hazard.GAS_LEAK, VILLAGE, later(50))]
    assert reckon(entries, onsets) == reckon(reversed(entries), reversed(onsets))


def test_the_instants_of_a_chain_come_from_its_first_report_and_the_first_channel() -> None:
    first = reached(report(), Reached("sms", later(9)), Reached("chat", later(7), later(12)))
    second = reached(report(number=2, issued_s=65, level=Level.RED), Reached("sms", later(70), later(71), later(72)))
    (row,) = reckon([first, second, FINAL_OF_THREE], [])
    assert (row.precursor_at, row.detected_at, row.decided_at, row.issued_at) == (
        later(-60),
        later(-30),
        later(0),
        later(5),
    )
    assert (row.accepted_at, row.delivered_at, row.acknowledged_at) == (later(7), later(12), later(72))
    assert (row.peak_level, row.ended_at) == (Level.RED, later(130))


FINAL_OF_THREE = report(number=3, issued_s=130, report=Report.FINAL, level=Level.NONE)


def test_later_evidence_stands_for_what_must_have_come_before() -> None:
    assert MILESTONES[DeliveryState.ACCEPTED] == ("accepted_at",)
    assert MILESTONES[DeliveryState.PLAYED] == ("accepted_at", "delivered_at")
    assert MILESTONES[DeliveryState.ACKNOWLEDGED] == ("accepted_at", "delivered_at", "acknowledged_at")
    assert not {DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.EXPIRED} & MILESTONES.keys()


def account(basis: Basis, lead_s: float | None, ended_at: datetime | None = None, **changes: Any) -> LeadTime:
    chain = "" if basis is Basis.MISSED else "c"
    values: dict[str, Any] = {"hazard": Hazard.FIRE, "area": VILLAGE, "chain": chain, "onset_at": None}
    return LeadTime(**values | {"basis": basis, "lead_time_s": lead_s, "ended_at": ended_at} | changes)


def test_a_summary_counts_hits_misses_and_false_alarms() -> None:
    rows = [
        account(Basis.OBSERVED, 600, later(1)),
        account(Basis.OBSERVED, 1200, later(1)),
        account(Basis.OBSERVED, -30, later(1)),
        account(Basis.MISSED, 0),
        account(Basis.EXPECTED, 9000, later(1)),
        account(Basis.NONE, None),
        account(Basis.OBSERVED, 5, later(1), status=WarningStatus.EXERCISE),
    ]
    (fire_row,) = summarise(rows)
    assert (fire_row.chains, fire_row.events, fire_row.missed) == (5, 4, 1)
    assert (fire_row.basis, fire_row.median_s) == (Basis.OBSERVED, 300)
    assert fire_row.p10_s == pytest.approx(-21)  # a tenth of three steps above -30, towards 0
    assert (fire_row.pod, fire_row.far) == (2 / 4, 1 / 4)


def test_before_any_onset_was_observed_nothing_is_called_false() -> None:
    (row,) = summarise([account(Basis.EXPECTED, 600, later(1)), account(Basis.NONE, None, later(1))])
    assert (row.basis, row.median_s, row.p10_s) == (Basis.EXPECTED, 600, 600)
    assert (row.pod, row.far) == (None, None)


def test_one_line_a_hazard_in_their_own_order() -> None:
    rows = [account(Basis.NONE, None), account(Basis.MISSED, 0, hazard=Hazard.GAS_LEAK)]
    assert [row.hazard for row in summarise(rows)] == [Hazard.GAS_LEAK, Hazard.FIRE]
    assert summarise([]) == []
