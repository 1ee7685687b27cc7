from __future__ import annotations

from typing import Any

import pytest

from alerting.hazards import ROWS
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from alerting.short_text import MIN_LIMIT, short_text
from alerting.words import COLOURS, LANGUAGES, choose
from pipeline.model.area import Area
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Language, WarningStatus
from tests.golden.cap.samples import AREAS, INVENTORY, SITE, VILLAGE, assessment, life, onset

PLACE_MIN = 12
"""Characters of a place's name that are left even in the smallest message."""


def report_of(hazard: Hazard, level: Level, **changes: Any) -> HazardWarning:
    lifecycle = Lifecycle(INVENTORY, LifecyclePolicy(status=WarningStatus.EXERCISE))
    report = lifecycle.take(assessment(hazard, level or Level.BLUE, 0, **changes), {})
    assert report
    final = report if level else lifecycle.take(assessment(hazard, Level.NONE, 1), {})
    assert final
    return final


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("hazard", list(Hazard))
def test_the_smallest_message_keeps_level_hazard_place_and_action(
    hazard: Hazard, level: Level, language: Language
) -> None:
    report = report_of(hazard, level)
    long_name = "很长" * 60
    areas = (*AREAS[:2], Area(code=VILLAGE, name_zh=long_name, name_en=long_name))
    limit = MIN_LIMIT[language]
    title, body = short_text(report, Inventory(areas, (SITE,), ()), language, limit)
    action = next(text for text in report.texts if text.language == language).instruction.splitlines()[0]
    level_word = COLOURS[language][level] if level else choose(language, "解除", "lifted")
    for text in (title, body):
        assert len(text) <= limit
        assert choose(language, ROWS[hazard].zh, ROWS[hazard].en) in text
        assert level_word in text.lower()
        assert long_name[:PLACE_MIN] in text
        assert text.startswith(choose(language, "【演练】", "[EXERCISE] "))
    assert action in body


def test_what_more_fits_is_told_in_order() -> None:
    report = report_of(Hazard.GAS_LEAK, Level.RED, **onset(3600))
    bodies = [short_text(report, INVENTORY, "zh-CN", limit).body for limit in (70, 100, 2000)]
    assert [len(body) for body in bodies] == sorted({len(body) for body in bodies})
    assert bodies[-1].endswith("".join(report.texts[0].instruction.splitlines()[1:]))
    assert "预计发生时间：2024年7月1日15:05（北京时间）。" in bodies[-1]
    assert "海曙区望春街道清风村" in bodies[0]


def test_a_measured_hazard_has_no_expected_instant() -> None:
    body = short_text(life(Hazard.FIRE)[1], INVENTORY, "en-US", 1000).body
    assert "Expected" not in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_limit_too_small_is_refused(language: Language) -> None:
    limit = MIN_LIMIT[language] - 1
    with pytest.raises(ValueError, match=f"needs a limit of {limit + 1}, not {limit}"):
        short_text(life(Hazard.FIRE)[0], INVENTORY, language, limit)
