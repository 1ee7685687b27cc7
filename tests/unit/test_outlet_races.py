"""Two processes on one store at the same moment: nothing is decided twice, nothing slips past."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier

from alerting.audit import flaws
from alerting.store.store import Store
from pipeline.errors import DutyError, UnknownError
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import Report
from tests.alerting_rig import LI, WANG, Rig
from tests.reports import later, warning

TOWNSHIP = "330106109000"
TURNS = 6


def at_once(*works: Callable[[], object]) -> None:
    ready = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        ready.wait(60)
        work()

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(run, work) for work in works]:
            done.result(120)


def test_of_two_reports_that_come_together_the_greater_swallows_the_lesser(store: Store, store_url: str) -> None:
    other = Store(store_url)
    routing = {"inhibit": [{"name": "township", "hazards": ["fire"]}]}
    mine, theirs = Rig(store, routing=routing), Rig(other, routing=routing)
    for turn in range(TURNS):
        wide = warning(f"wide {turn}", area=TOWNSHIP, level=Level.RED, expires_at=later(600))
        lesser = warning(f"lesser {turn}")
        at_once(partial(mine.tell, wide), partial(theirs.tell, lesser))
        assert {one.state for one in mine.rows(lesser)} <= {DeliveryState.EXPIRED}
        assert len(store.held(chain=lesser.chain)) == 1
    other.close()


def test_two_approvals_at_once_release_once(store: Store, store_url: str) -> None:
    other = Store(store_url)
    rules = [{"name": "r", "mode": "approval", "persons": 2}]
    mine, theirs = Rig(store, rules=rules), Rig(other, rules=rules)
    for turn in range(TURNS):
        report = warning(f"{turn}")
        mine.tell(report)
        at_once(
            partial(mine.outlet.approve, report.id, Audience.PUBLIC, LI, mine.now),
            partial(theirs.outlet.approve, report.id, Audience.PUBLIC, WANG, theirs.now),
        )
        assert len(mine.rows(report)) == 1
    assert flaws(store.audit()) == []
    assert len(store.audit()) == 2 * TURNS
    other.close()


def test_a_yes_and_a_no_at_once_come_to_one_of_them(store: Store, store_url: str) -> None:
    other = Store(store_url)
    rules = [{"name": "r", "mode": "approval"}]
    mine, theirs = Rig(store, rules=rules), Rig(other, rules=rules)
    for turn in range(TURNS):
        report = warning(f"{turn}")
        mine.tell(report)
        late: list[DutyError] = []

        def tried(work: Callable[[], object], late: list[DutyError] = late) -> None:
            try:
                work()
            except DutyError as error:
                late.append(error)

        at_once(
            partial(tried, partial(mine.outlet.approve, report.id, Audience.PUBLIC, LI, mine.now)),
            partial(tried, partial(theirs.outlet.refuse, report.id, Audience.PUBLIC, WANG, "no", theirs.now)),
        )
        assert len(late) == 1
        found = store.request(report.id, Audience.PUBLIC)
        assert found is not None
        assert len(mine.rows(report)) == (found.state == "released")
    other.close()


def test_a_cancel_and_what_its_keeper_says_at_that_moment_leave_one_end(store: Store, store_url: str) -> None:
    other = Store(store_url)
    mine, theirs, second = Rig(store), Rig(other), Rig(store)
    for turn in range(TURNS):
        mine.tell(warning(f"{turn}"))
        chain = warning(f"{turn}").chain
        later_ones = [warning(f"{turn}", number, level=Level.RED) for number in (2, 3)]
        works = [partial(one.desk.amend, chain, Level.NONE, "a test", LI) for one in (mine, second)]
        at_once(*(partial(_unless_over, work) for work in works), partial(theirs.tell, *later_ones))
        reports = store.chain(chain)
        assert [one.number for one in reports] == list(range(1, len(reports) + 1))
        assert [one.report for one in reports].count(Report.FINAL) == 1
        assert reports[-1].report is Report.FINAL
        assert len([one for one in mine.rows() if one.warning in {each.id for each in reports}]) == len(reports)
    assert flaws(store.audit()) == []
    other.close()


def _unless_over(work: Callable[[], object]) -> None:
    with suppress(UnknownError):
        work()


def test_two_desks_call_a_person_once(store: Store, store_url: str) -> None:
    other = Store(store_url)
    duty = {"chains": [{"name": "c", "steps": [{"who": ["person:li"], "wait_s": 60}]}]}
    mine, theirs = Rig(store, duty=duty), Rig(other, duty=duty)
    mine.tell(warning())
    at_once(mine.desk.look, theirs.desk.look)
    (call,) = store.calls()
    assert len(store.summonses(call.id)) == 1
    other.close()
