"""`forewarn amend`, on the data folder of the sample site."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerting.store.record import Record
from pipeline.model.level import Level
from pipeline.model.order import OrderKind
from pipeline.model.warning import Report
from tests.reports import warning
from tests.unit.test_cli_duty import Site


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    found = Site(tmp_path, capsys)
    found.store.save(Record(warnings=(found.report,)), found.now)
    return found


def test_an_order_waits_for_the_process_at_work_in_somebodys_name(site: Site) -> None:
    chain = site.report.chain
    assert f"{chain} is to be withdrawn" in site("amend", chain, "withdrawn", "--why", "a test gas", "--as", "li").out
    site("amend", site.report.id, "red", "--why", "the road is cut", "--as", "li")
    first, second = site.store.open_orders()
    assert (first.kind, first.chain, first.why) == (OrderKind.WITHDRAW, chain, "a test gas")
    assert (second.kind, second.chain, second.level) == (OrderKind.LEVEL, chain, Level.RED)
    entry = site.json("audit")[0]
    assert (entry["action"], entry["subject"]) == ("warning.withdraw", chain)
    assert entry["who"].startswith("person:li by command line:")


def test_who_may_not_and_what_is_not_in_force_is_refused(site: Site) -> None:
    chain = site.report.chain
    words = ("withdrawn", "--why", "a test gas")
    assert "wang may not" in site("amend", chain, *words, "--as", "wang", code=4).err
    assert "in whose name" in site("amend", chain, *words, code=2).err
    assert "--why" in site("amend", chain, "withdrawn", "--as", "li", code=2).err
    assert "no warning 'x' is in force" in site("amend", "x", *words, "--as", "li", code=4).err
    site.store.save(Record(warnings=(warning(number=2, report=Report.FINAL),)), site.now)
    assert "is in force" in site("amend", chain, *words, "--as", "li", code=4).err
    assert site.store.open_orders() == ()
