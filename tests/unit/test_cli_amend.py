"""`forewarn amend`, on the data folder of the sample site."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerting.store.record import Record
from pipeline.model.level import Level
from pipeline.model.order import OrderKind
from pipeline.model.warning import Report
from tests.reports import later, warning
from tests.unit.test_cli_duty import Site


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    found = Site(tmp_path, capsys)
    found.store.save(Record(warnings=(found.report,)), found.now)
    return found


def test_an_order_waits_for_the_process_at_work_in_somebodys_name(site: Site) -> None:
    chain = site.report.chain
    site("amend", site.report.id, "red", "--why", "the road is cut", "--as", "li")
    assert f"{chain} is to be withdrawn" in site("amend", chain, "withdrawn", "--why", "a test gas", "--as", "li").out
    first, second = site.store.open_orders()
    assert (first.kind, first.chain, first.level) == (OrderKind.LEVEL, chain, Level.RED)
    assert (second.kind, second.chain, second.why) == (OrderKind.WITHDRAW, chain, "a test gas")
    assert "a test gas" in site.store.chain(chain)[-1].texts[1].description, "cancelled at once"
    entry = site.json("audit")[0]
    assert (entry["action"], entry["subject"]) == ("warning.level", chain)
    assert entry["who"].startswith("person:li by command line:")


def test_where_recordings_are_played_it_is_now_what_they_say(site: Site) -> None:
    text = site.config.read_text("utf-8")
    assert text.count('# time = "wall"') == 1
    site.config.write_text(text.replace('# time = "wall"', 'time = "event"'), "utf-8")
    old = warning("old", sent_at=later(0), expires_at=later(3600))
    site.store.save(Record(warnings=(old,)), later(0))
    site("amend", old.chain, "withdrawn", "--why", "a test gas", "--as", "li")
    assert site.store.chain(old.chain)[-1].sent_at == site.report.sent_at, "of the last report in the store"


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
