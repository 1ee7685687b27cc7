from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from alerting.cap import to_cap
from alerting.cap_check import validate
from alerting.cap_namespace import NAMESPACE
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from pipeline.model.area import Area
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, WarningStatus
from tests.golden.cap.samples import INVENTORY, POLICY, TOWNSHIP, VILLAGE, assessment, life, onset

NS = {"c": NAMESPACE}
BASE: dict[str, Any] = {"hazard": Hazard.FIRE, "level": Level.RED, "after_s": 0}


def said(document: bytes, path: str) -> list[str]:
    found = etree.fromstring(document).findall("/".join(f"c:{tag}" for tag in path.split("/")), NS)
    return [element.text or "" for element in found]


def cap(report: HazardWarning, policy: LifecyclePolicy = POLICY, inventory: Inventory = INVENTORY) -> bytes:
    return to_cap(report, inventory, policy)


def report_of(**changes: Any) -> HazardWarning:
    report = Lifecycle(INVENTORY, POLICY).take(assessment(**(BASE | changes)), {})
    assert report
    return report


def test_message_types_and_references() -> None:
    first, second, final = (cap(report) for report in life(Hazard.FIRE))
    assert [said(each, "msgType") for each in (first, second, final)] == [["Alert"], ["Update"], ["Cancel"]]
    names = [f"{POLICY.sender},{said(each, 'identifier')[0]},{said(each, 'sent')[0]}" for each in (first, second)]
    assert said(first, "references") == []
    assert said(second, "references") == [names[0]]
    assert said(final, "references") == [" ".join(names)]


@pytest.mark.parametrize(
    ("changes", "urgency", "certainty"),
    [
        pytest.param({}, "Immediate", "Observed", id="measured"),
        pytest.param(onset(3600), "Expected", "Likely", id="within the hour"),
        pytest.param(onset(3601), "Future", "Likely", id="later"),
        pytest.param(onset(60) | {"confidence": 0.5}, "Expected", "Possible", id="as likely as not"),
        pytest.param(onset(0), "Immediate", "Likely", id="now"),
        pytest.param(onset(-60), "Immediate", "Likely", id="the instant expected has passed: nobody has measured it"),
        pytest.param({"hazard": Hazard.SENSOR_FAULT}, "Expected", "Observed", id="a fault can wait"),
    ],
)
def test_urgency_and_certainty(changes: dict[str, Any], urgency: str, certainty: str) -> None:
    document = cap(report_of(**changes))
    assert said(document, "info/urgency") == [urgency] * 2
    assert said(document, "info/certainty") == [certainty] * 2


def test_severity_follows_the_colour() -> None:
    severities = [said(cap(report_of(level=level)), "info/severity")[0] for level in list(Level)[1:]]
    assert severities == ["Minor", "Moderate", "Severe", "Extreme"]


def test_a_final_report_is_past_and_clear() -> None:
    final = cap(life(Hazard.FIRE)[-1])
    assert said(final, "info/urgency") == ["Past", "Past"]
    assert said(final, "info/severity") == ["Minor", "Minor"]
    assert said(final, "info/responseType") == ["AllClear", "AllClear"]
    assert said(final, "info/onset") == []


@pytest.mark.parametrize(
    ("hazard", "category", "code"),
    [
        (Hazard.GAS_LEAK, "Safety", None),
        (Hazard.TANK_OVERFILL, "Env", None),
        (Hazard.RAINSTORM, "Met", "11B03"),
        (Hazard.GROUND_MOVEMENT, "Geo", "11D00"),
        (Hazard.FIRE, "Fire", None),
        (Hazard.TANK_LEAK, "Env", None),
        (Hazard.FOREST_FIRE, "Fire", None),
        (Hazard.FIRE_DANGER, "Met", "11B25"),
        (Hazard.SENSOR_FAULT, "Infra", None),
    ],
)
def test_category_and_event_code(hazard: Hazard, category: str, code: str | None) -> None:
    document = cap(report_of(hazard=hazard))
    codes = said(document, "info/eventCode/value")[: 2 if code else 1]
    assert said(document, "info/category") == [category] * 2
    assert codes == ([code] if code else []) + [hazard.value]
    assert ("GB/T 35561-2017" in said(document, "info/eventCode/valueName")) is (code is not None)


def test_only_maintenance_is_restricted() -> None:
    for hazard in Hazard:
        document = cap(report_of(hazard=hazard))
        fault = hazard is Hazard.SENSOR_FAULT
        assert said(document, "scope") == ["Restricted" if fault else "Public"]
        assert bool(said(document, "restriction")) is fault


@pytest.mark.parametrize("status", sorted(set(WarningStatus) - {WarningStatus.SYSTEM}))
def test_status_and_its_note(status: WarningStatus) -> None:
    policy = LifecyclePolicy(status=status)
    document = cap(life(Hazard.FIRE, policy)[0], policy)
    assert said(document, "status") == [status.value]
    assert bool(said(document, "note")) is (status is not WarningStatus.ACTUAL)


def test_instants_have_an_offset_and_no_fraction() -> None:
    document = cap(report_of(**onset(3600)))
    assert said(document, "sent") == ["2024-07-01T14:05:30+08:00"]
    assert said(document, "info/effective")[0] == "2024-07-01T14:05:30+08:00"
    assert said(document, "info/onset")[0] == "2024-07-01T15:05:30+08:00"
    assert said(document, "info/expires")[0] == "2024-07-01T15:05:30+08:00"


def test_area() -> None:
    document = cap(report_of())
    assert said(document, "info/area/polygon")[0] == "29.87,121.501234 29.87,121.52 29.89,121.52 29.87,121.501234"
    assert said(document, "info/area/geocode/value")[0] == VILLAGE
    assert said(document, "info/language") == ["zh-CN", "en-US"]
    assert said(document, "info/area/areaDesc")[0] == "海曙区望春街道清风村"
    assert said(cap(report_of(area=TOWNSHIP)), "info/area/polygon") == []


def test_parameters() -> None:
    document = cap(report_of(**onset(3600)))
    info = etree.fromstring(document).find("c:info", NS)
    assert info is not None
    told = {
        str(each.findtext("c:valueName", namespaces=NS)): each.findtext("c:value", namespaces=NS)
        for each in info.findall("c:parameter", NS)
    }
    assert told == {
        "forewarn:level": "red",
        "forewarn:peak_level": "red",
        "forewarn:chain": report_of().chain,
        "forewarn:number": "1",
        "forewarn:confidence": "0.80",
        "forewarn:expected_onset_earliest_at": "2024-07-01T14:55:30+08:00",
        "forewarn:expected_onset_latest_at": "2024-07-01T15:15:30+08:00",
    }


def test_contact_and_web_only_where_configured() -> None:
    assert said(cap(report_of()), "info/contact") == ["0574-12345"] * 2
    bare = cap(report_of(), LifecyclePolicy())
    assert said(bare, "info/contact") == said(bare, "info/web") == []


def test_names_that_xml_cannot_carry_or_must_escape() -> None:
    areas = (Area(code=VILLAGE, name_zh="清\x00风<&>\ufffe村", name_en='Q & "A"'),)
    document = cap(report_of(), inventory=Inventory(areas, (), ()))
    assert validate(document) == []
    assert said(document, "info/area/areaDesc") == ["清风<&>村", 'Q & "A"']


GOOD = cap(life(Hazard.FIRE)[1])


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param(b"</alert>", b"", "not XML", id="cut off"),
        pytest.param(b"<status>Actual", b"<status>Real", "Real", id="no such status"),
        pytest.param(b"+08:00</sent>", b"Z</sent>", "pattern", id="Z instead of an offset"),
        pytest.param(b":30+08:00</sent>", b":30.5+08:00</sent>", "pattern", id="a fraction of a second"),
        pytest.param(b"<sender>", b"<sender>a b", "sender 'a bwarning@haishu.example' must have no space", id="space"),
        pytest.param(b"<references>", b"<references>old ", "reference 'old' is not", id="a reference of one part"),
        pytest.param(b"<msgType>Update", b"<msgType>Cancel", "", id="a cancel is fine"),
        pytest.param(b"<scope>Public", b"<scope>Restricted", "needs a restriction", id="restricted, unexplained"),
        pytest.param(b"29.87,121.501234</", b"29.87,121.6</", "last equal to the first", id="an open ring"),
        pytest.param(b"29.89,121.52", b"121.52,29.89", "latitude comes first", id="longitude first"),
        pytest.param(b"29.89,121.52", b"north", "is not latitude,longitude", id="words for a polygon"),
    ],
)
def test_validate_sees(old: bytes, new: bytes, complaint: str) -> None:
    assert old in GOOD
    faults = validate(GOOD.replace(old, new))
    assert (faults == []) is (complaint == "")
    assert complaint in " ".join(faults)


def test_validate_sees_an_update_of_nothing_and_an_expiry_in_the_past() -> None:
    report = life(Hazard.FIRE)[1]
    orphan = report.model_copy(update={"references": ()})
    assert validate(cap(orphan)) == ["an Update or Cancel must name what it refers to"]
    late = report.model_copy(update={"expires_at": report.sent_at - timedelta(seconds=1)})
    assert any("is not after sent" in fault for fault in validate(cap(late)))


def test_validate_refuses_a_document_type(tmp_path: Path) -> None:
    doctype = f'<!DOCTYPE alert [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>\n<alert '.encode()
    document = GOOD.replace(b"<alert ", doctype).replace(b"<status>Actual", b"<status>&e;")
    [fault] = validate(document)
    assert fault.startswith("a document type")
