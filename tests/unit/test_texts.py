from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jinja2 import UndefinedError

from alerting.hazards import ROWS
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from alerting.texts import _environment
from alerting.words import COLOURS, GRADES, LANGUAGES, measure, moment, number, place
from detectors.base import Criterion
from detectors.gas.gas_background import GasBackground
from detectors.gas.gas_site import GasSite
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Language, WarningStatus, WarningText
from tests.golden.cap.samples import CRITERIA, INVENTORY, TOWNSHIP, VILLAGE, assessment, finding, life, onset

LEVELS = list(Level)[1:]
CATALOG = {one.kind: one for one in (GasBackground, GasSite)}


def first(hazard: Hazard, level: Level, criteria: Any = CRITERIA, **changes: Any) -> HazardWarning:
    cited = finding(hazard, level, **changes)
    report = Lifecycle(INVENTORY, LifecyclePolicy(), criteria).take(
        assessment(hazard, level, 0, cited), {cited.id: cited}
    )
    assert report
    return report


def words(report: HazardWarning, language: Language) -> WarningText:
    return next(text for text in report.texts if text.language == language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("hazard", list(Hazard))
def test_what_every_text_tells(hazard: Hazard, level: Level, language: Language) -> None:
    text = words(first(hazard, level), language)
    name = ROWS[hazard].zh if language == "zh-CN" else ROWS[hazard].en
    colour, grade = COLOURS[language][level], GRADES[language][level]
    assert name in text.headline
    assert colour in text.headline.lower()
    assert f"[{grade}]" in text.headline
    assert place(INVENTORY, VILLAGE, language) in text.description
    assert "14:05" in text.description
    assert ("北京时间" if language == "zh-CN" else "UTC+8") in text.description
    assert len(text.instruction.splitlines()) >= 2
    assert all(line == line.strip() and line for line in f"{text.description}\n{text.instruction}".splitlines())


def test_national_form_of_the_headline() -> None:
    lifecycle = Lifecycle(INVENTORY, LifecyclePolicy(sender_name_zh="宁波市气象台"))
    report = lifecycle.take(assessment(Hazard.RAINSTORM, Level.BLUE, 0), {})
    assert report
    assert report.texts[0].headline == "宁波市气象台发布暴雨蓝色预警[IV级/一般]"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hazard", list(Hazard))
def test_instructions_grow_sterner(hazard: Hazard, language: Language) -> None:
    mild, stern = (words(first(hazard, level), language).instruction for level in (Level.BLUE, Level.RED))
    assert (mild == stern) is (hazard is Hazard.SENSOR_FAULT)


@pytest.mark.parametrize(
    ("status", "zh", "en"), [("Exercise", "【演练】", "[EXERCISE] "), ("Test", "【测试】", "[TEST] ")]
)
def test_what_is_not_real_says_so_first(status: str, zh: str, en: str) -> None:
    for report in life(Hazard.FIRE, LifecyclePolicy(status=WarningStatus(status))):
        for text, mark in zip(report.texts, (zh, en), strict=True):
            assert text.headline.startswith(mark)
            assert text.description.startswith(mark)


@pytest.mark.parametrize(
    ("unit", "value", "threshold", "says"),
    [
        pytest.param("%LEL", 27.3456, 25.0, "27.3 %LEL (threshold 25 %LEL)", id="a plain unit"),
        pytest.param("quantity/s", 1.26, 0.5, "1.26 %LEL/s (threshold 0.5 %LEL/s)", id="a unit made of the quantity's"),
        pytest.param("", 3.0, 1.0, "combustible gas: rule", id="no figures for people"),
        pytest.param("%LEL", float("nan"), 25.0, "combustible gas (threshold 25 %LEL)", id="no value"),
        pytest.param("%LEL", 27.0, float("inf"), "27 %LEL: rule", id="no threshold"),
    ],
)
def test_figures(unit: str, value: float, threshold: float, says: str) -> None:
    criteria = {("sample", "first"): Criterion("first", "a standard", unit, "rule", "规则")}
    report = first(Hazard.GAS_LEAK, Level.BLUE, criteria, value=value, threshold=threshold)
    assert says in words(report, "en-US").description


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en-US", "(TEMP-1) evidence of fire 152 % (threshold 100 %): two agree"),
        ("zh-CN", "（TEMP-1）火灾迹象强度152%（阈值100%）：两项一致"),
    ],
)
def test_a_figure_that_is_no_reading_says_what_it_is(language: Language, says: str) -> None:
    words_of = Criterion("fixed", "a standard", "%", "two agree", "两项一致", "evidence of fire", "火灾迹象强度")
    report = first(Hazard.FIRE, Level.BLUE, {("sample", "fixed"): words_of}, value=151.67, threshold=100.0)
    assert says in words(report, language).description


@pytest.mark.parametrize(("language", "says"), [("en-US", "the handbook, test 8"), ("zh-CN", "手册第8项")])
def test_the_document_is_named_in_the_language_of_the_text(language: Language, says: str) -> None:
    rule = Criterion("fixed", "the handbook, test 8", "%", "two agree", "两项一致", standard_zh="手册第8项")
    assert says in words(first(Hazard.FIRE, Level.BLUE, {("sample", "fixed"): rule}), language).description


def test_without_words_of_the_criterion_no_figure_can_be_told() -> None:
    text = words(first(Hazard.GAS_LEAK, Level.BLUE, {}), "en-US").description
    assert "Measured: Qingfeng station (GAS-1): first." in text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"subject": "S1/boiler room"}, "Qingfeng station (boiler room)", id="a group of sensors"),
        pytest.param({"site": "lost", "subject": "GAS-9"}, "Measured: GAS-9 ", id="a site not listed"),
        pytest.param({"trigger": "GAS-1/unheard"}, "(GAS-1) 27.3", id="a quantity not known"),
    ],
)
def test_who_saw_it(changes: dict[str, Any], says: str) -> None:
    assert says in words(first(Hazard.GAS_LEAK, Level.BLUE, **changes), "en-US").description


def test_interval_of_the_onset() -> None:
    report = Lifecycle(INVENTORY, LifecyclePolicy()).take(assessment(Hazard.FIRE, Level.RED, 0, **onset(36_000)), {})
    assert report
    text = words(report, "en-US").description
    assert "Expected onset: 00:05 on 2 July 2024 (UTC+8), " in text
    assert "at the earliest 23:55 on 1 July 2024 (UTC+8), at the latest 00:15." in text


def test_an_onset_already_past_is_no_forecast() -> None:
    report = Lifecycle(INVENTORY, LifecyclePolicy()).take(assessment(Hazard.FIRE, Level.RED, 0, **onset(-60)), {})
    assert report
    assert "detected" in words(report, "en-US").description
    assert "Expected onset" not in words(report, "en-US").description


def test_templates_refuse_what_is_undefined() -> None:
    for language in LANGUAGES:
        with pytest.raises(UndefinedError):
            _environment(language).from_string("{{ nothing }}").render()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_exists_in_every_language(language: Language) -> None:
    wanted = {f"{each}.j2" for each in (*Hazard, "headline", "description", "instruction", "joint")}
    assert set(_environment(language).list_templates()) == wanted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1e-9, "0"),
        (-1e-9, "0"),
        (0.034567, "0.0346"),
        (-27.345, "-27.3"),
        (25.0, "25"),
        (999.6, "1000"),
        (123456.7, "123457"),
    ],
)
def test_numbers_are_rounded(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (13.0, "mm/d", "13毫米/天", "13 mm/day"),
        (61.8, "degC", "61.8℃", "61.8 °C"),
        (19.0, "s", "19秒", "19 s"),
        (1800.0, "s", "30分钟", "30 min"),
        (7200.0, "s", "2小时", "2 h"),
        (200_000.0, "s", "2.31天", "2.31 d"),
        (1.5, "1", "1.5", "1.5"),
        (7.0, "ppm", "7ppm", "7 ppm"),
    ],
)
def test_measures(value: float, unit: str, zh: str, en: str) -> None:
    assert (measure(value, unit, "zh-CN"), measure(value, unit, "en-US")) == (zh, en)


def test_moments_are_told_in_beijing_time() -> None:
    at = datetime(2023, 12, 31, 16, 5, 59, tzinfo=UTC)
    assert moment(at, "zh-CN") == "2024年1月1日00:05（北京时间）"
    assert moment(at, "en-US") == "00:05 on 1 January 2024 (UTC+8)"
    assert moment(at, "en-US", at) == "00:05"


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        pytest.param(
            VILLAGE, "海曙区望春街道清风村", "Qingfeng Village, Wangchun Subdistrict, Haishu District", id="village"
        ),
        pytest.param(TOWNSHIP, "海曙区望春街道", "Wangchun Subdistrict, Haishu District", id="township"),
        pytest.param("330203005999", "望春街道 330203005999", "Wangchun Subdistrict 330203005999", id="not listed"),
        pytest.param("110000000000", "110000000000", "110000000000", id="nothing of it listed"),
    ],
)
def test_places(code: str, zh: str, en: str) -> None:
    assert (place(INVENTORY, code, "zh-CN"), place(INVENTORY, code, "en-US")) == (zh, en)


def test_no_text_shows_a_template_or_a_python_value() -> None:
    for hazard in Hazard:
        for report in life(hazard):
            for text in report.texts:
                assert not re.search(r"[{}%]{2}|None|True|False", text.headline + text.description + text.instruction)


@pytest.mark.parametrize("kind", ["gas_background", "gas_site"])
def test_gas_far_below_alarm_levels_is_told_as_suspected(kind: str) -> None:
    (rule,) = CATALOG[kind].criteria
    cited = {"detector": kind, "criterion": rule.key}
    said = [text.description for text in first(Hazard.GAS_LEAK, Level.YELLOW, {(kind, rule.key): rule}, **cited).texts]
    assert "疑似存在泄漏" in said[0]
    assert "达到报警浓度" not in said[0]
    assert "far below alarm concentration" in said[1]
    assert "has reached" not in said[1]


def test_one_finding_at_an_alarm_level_is_no_mere_suspicion() -> None:
    suspected = Criterion("first", "", "ppm", "rule", "规则", below_alarm=True)
    criteria = {
        ("sample", "first"): suspected,
        ("sample", "second"): replace(suspected, key="second", below_alarm=False),
    }
    both = [finding(Hazard.GAS_LEAK, Level.YELLOW, id=key, criterion=key) for key in ("first", "second")]
    report = Lifecycle(INVENTORY, LifecyclePolicy(), criteria).take(
        assessment(Hazard.GAS_LEAK, Level.YELLOW, 0, *both), {one.id: one for one in both}
    )
    assert report
    assert "has reached alarm concentration" in words(report, "en-US").description
