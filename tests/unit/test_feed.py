from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from lxml import etree

from alerting.feed import CAP_TYPE, NAMESPACE, atom_feed
from alerting.lifecycle import LifecyclePolicy
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning, WarningStatus
from tests.golden.cap.samples import POLICY, START, life

NS = {"a": NAMESPACE}
NOW = START + timedelta(minutes=50)


def feed(*reports: HazardWarning, now: datetime = NOW) -> etree._Element:
    made = atom_feed(
        reports,
        POLICY,
        feed_url="https://haishu.example/feed.atom",
        cap_url=lambda report: f"https://haishu.example/cap/{report.id}.xml",
        now=now,
    )
    return etree.fromstring(made)


def said(element: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in element.findall(path, NS)]


def test_what_rfc_4287_demands() -> None:
    document = feed(life(Hazard.FIRE)[1])
    for parent in (document, *document.findall("a:entry", NS)):
        for tag in ("id", "title", "updated"):
            [text] = said(parent, f"a:{tag}")
            assert text
        [link] = parent.findall("a:link", NS)
        assert link.get("href", "").startswith("https://")
    assert said(document, "a:author/a:name") == ["海曙区应急管理局"]
    assert document.find("a:link", NS).get("rel") == "self"  # type: ignore[union-attr]  # stands above


def test_an_entry_leads_to_its_cap_document() -> None:
    first, second, _ = life(Hazard.FIRE)
    [entry] = feed(second).findall("a:entry", NS)
    [link] = entry.findall("a:link", NS)
    assert (link.get("type"), link.get("rel")) == (CAP_TYPE, "alternate")
    assert link.get("href") == f"https://haishu.example/cap/{second.id}.xml"
    assert said(entry, "a:updated") == ["2024-07-01T06:47:30.250000Z"]
    assert said(entry, "a:published") == [first.sent_at.isoformat().replace("+00:00", "Z")]
    assert said(entry, "a:title") == [second.texts[0].headline]
    assert [each.get("term") for each in entry.findall("a:category", NS)] == ["fire", "orange"]


def test_the_id_of_an_entry_is_that_of_its_chain() -> None:
    first, second, _ = life(Hazard.FIRE)
    ids = {said(feed(report, now=START), "a:entry/a:id")[0] for report in (first, second)}
    assert len(ids) == 1
    assert ids != set(said(feed(life(Hazard.RAINSTORM)[0]), "a:entry/a:id"))


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(life(Hazard.SENSOR_FAULT)[0], id="maintenance"),
        pytest.param(life(Hazard.FIRE)[2], id="final"),
        pytest.param(life(Hazard.FIRE, LifecyclePolicy(status=WarningStatus.EXERCISE))[1], id="exercise"),
        pytest.param(life(Hazard.FIRE, LifecyclePolicy(status=WarningStatus.TEST))[1], id="test"),
    ],
)
def test_what_the_public_never_sees(hidden: HazardWarning) -> None:
    assert said(feed(hidden, now=hidden.sent_at), "a:entry/a:id") == []


def test_an_expired_report_is_left_out() -> None:
    report = life(Hazard.FIRE)[1]
    assert said(feed(report, now=report.expires_at - timedelta(microseconds=1)), "a:entry/a:id")
    assert not said(feed(report, now=report.expires_at), "a:entry/a:id")


def test_newest_first_and_the_order_given_does_not_matter() -> None:
    gas, rain = life(Hazard.GAS_LEAK)[1], life(Hazard.RAINSTORM)[0]
    assert etree.tostring(feed(gas, rain)) == etree.tostring(feed(rain, gas))
    assert said(feed(rain, gas), "a:entry/a:title") == [gas.texts[0].headline, rain.texts[0].headline]
    assert said(feed(rain, gas), "a:updated") == ["2024-07-01T06:47:30.250000Z"]


def test_an_empty_feed_is_a_feed() -> None:
    assert said(feed(), "a:updated") == ["2024-07-01T06:55:30.250000Z"]
