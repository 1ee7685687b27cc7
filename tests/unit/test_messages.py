"""What channels are given of a report: the same words for all, made once, and before them what is one target's own."""

from __future__ import annotations

import pytest

from alerting.due import Due
from pipeline.model.audience import Audience
from pipeline.model.hazard import Hazard
from pipeline.runners import messages
from pipeline.runners.messages import DUTY_ONLY, Messages
from tests.golden.cap.samples import INVENTORY, POLICY, life

FIRST, SECOND = life(Hazard.FIRE)[:2]


def due(note: str = "", audience: Audience = Audience.PUBLIC, name: str = "d") -> Due:
    return Due(name, FIRST.id, audience, "chat", 0, 0, note, 3, 1)


def test_what_is_for_one_target_stands_before_what_all_are_told() -> None:
    make = Messages(INVENTORY, POLICY)
    plain, own = make(FIRST, due()), make(FIRST, due("code 12", Audience.DUTY, "e"))
    assert (plain.delivery_id, own.delivery_id) == ("d", "e")
    assert own.body == f"{DUTY_ONLY}\ncode 12\n\n{plain.body}"
    assert (own.title, own.cap_xml) == (plain.title, plain.cap_xml)
    assert make(SECOND, due()).cap_xml != plain.cap_xml


def test_a_report_is_put_into_words_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Messages(INVENTORY, POLICY)
    monkeypatch.setattr(messages, "KEPT", 1)
    assert make(FIRST, due()).cap_xml is make(FIRST, due(name="e")).cap_xml
    before = make(FIRST, due()).cap_xml
    make(SECOND, due())
    assert make(FIRST, due()).cap_xml is not before
