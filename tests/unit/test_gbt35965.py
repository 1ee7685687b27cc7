from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from alerting.cap import to_cap
from alerting.cap_parse import CapError
from alerting.gbt35965 import identifier, to_gbt35965
from pipeline.model.hazard import Hazard
from tests.golden.cap.samples import INVENTORY, POLICY, VILLAGE, life

CODE = "33020041600000"


def said(document: bytes, path: str) -> list[str]:
    return [one.text or "" for one in etree.fromstring(document).findall(path)]


def test_a_chain_in_the_national_form() -> None:
    first, second, final = (to_gbt35965(to_cap(report, INVENTORY, POLICY), CODE) for report in life(Hazard.RAINSTORM))
    assert said(first, "identifier")[0][:-1] == f"{CODE}_20240701140530_"
    assert said(first, "sendTime") == ["2024-07-01 14:05:30+08:00"]
    assert [said(each, "msgType")[0] for each in (first, second, final)] == ["Alert", "Update", "Cancel"]
    assert said(second, "references") == said(first, "identifier")
    assert said(final, "references")[0].split() == said(first, "identifier") + said(second, "identifier")
    assert said(first, "info/eventType") == ["11B03"]
    assert said(first, "info/severity")[0] in {"RED", "ORANGE", "YELLOW", "BLUE"}
    assert said(first, "info/language") == ["zh-CN"]
    assert said(first, "info/area/geocode") == [VILLAGE]
    assert said(first, "info/area/polygon")


def test_an_event_without_a_confirmed_code_says_so() -> None:
    document = to_gbt35965(to_cap(life(Hazard.FIRE)[0], INVENTORY, POLICY), CODE)
    assert said(document, "info/eventType") == ["00000"]
    assert said(document, "info/eventTypeName") == ["火灾"]


def test_names_of_reports() -> None:
    at = datetime(2026, 1, 1, 16, 0, 1, tzinfo=UTC)
    names = [identifier(at, CODE, f"330106109206-fire-chain-{number}") for number in range(1, 11)]
    assert {one[:-1] for one in names} == {f"{CODE}_20260102000001_"}
    assert len(set(names)) == 10, "ten of one chain within one second"
    others = {identifier(at, CODE, f"330106109206-fire-{number}-1") for number in range(100)}
    assert len(others) == 10, "first reports of many chains are not all the same"
    assert identifier(at, CODE, "of another form")[:-1] == names[0][:-1]
    with pytest.raises(CapError):
        to_gbt35965(b"<alert/>", CODE)
