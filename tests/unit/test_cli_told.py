"""`forewarn warnings` and `forewarn deliveries`, on the data folder of the sample site."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerting.base import Outcome
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from pipeline.model.delivery import DeliveryState
from tests.unit.test_cli_duty import Site


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    return Site(tmp_path, capsys)


def test_what_is_in_force_is_told_and_what_waits(site: Site) -> None:
    assert site.json("warnings") == []
    site.tell()
    assert "for release" in site("warnings").out
    site("release", "approve", site.report.id, "--as", "li")
    shown = site("warnings").out
    assert "for release" not in shown
    assert site.report.chain in shown
    assert [one["id"] for one in site.json("warnings")] == [site.report.id]
    site("amend", site.report.chain, "withdrawn", "--why", "a test gas", "--as", "li")
    assert site.json("warnings") == []


def test_what_became_of_each_message_and_of_each_try(site: Site) -> None:
    site.tell()
    site("release", "approve", site.report.id, "--as", "li")
    files, calls = site.json("deliveries")
    assert (files["channel"], files["state"], calls["note"]) == ("files", "queued", ""), "codes are for one person"
    outcome = Outcome(DeliveryState.DELIVERED, detail="the file is there")
    site.store.settle([Settled(files["id"], Step(DeliveryState.DELIVERED), site.now, outcome)])
    assert [one["id"] for one in site.json("deliveries", "--state", "delivered")] == [files["id"]]
    assert [one["id"] for one in site.json("deliveries", "--channel", "calls")] == [calls["id"]]
    assert site.json("deliveries", "--report", "x") == []
    assert len(site.json("deliveries", "--limit", "1")) == 1
    assert "delivered" in site("deliveries").out
    (tried,) = site.json("deliveries", "tries", files["id"])
    assert (tried["state"], tried["detail"]) == ("delivered", "the file is there")
    assert "the file is there" in site("deliveries", "tries", files["id"]).out
    assert "no try of a message 'x'" in site("deliveries", "tries", "x", code=4).err
    assert "DELIVERY" in site("deliveries", "tries", code=2).err


def test_what_a_silence_keeps_from_whom(site: Site) -> None:
    assert site.json("deliveries", "held") == []
    site("silence", "set", "--as", "li", "--reason", "welding", "--max-level", "red")
    site.tell()
    site("release", "approve", site.report.id, "--as", "li")
    (held,) = site.json("deliveries", "held")
    assert (held["kind"], held["level"], held["warning"]) == ("silence", "orange", site.report.id)
    assert "silence" in site("deliveries", "held").out
