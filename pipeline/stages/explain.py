"""One sentence that a duty officer understands: what is thought, why, and when it is expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from alerting.hazards import ROWS
from alerting.words import COLOURS, choose, leaf, measure, moment
from detectors.base import Criterion
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.inventory import Inventory
from pipeline.model.warning import Language
from pipeline.stages.upwind import standing_upwind

Criteria = Mapping[tuple[str, str], Criterion]
_ALL_CLEAR: Final = ("{place}：{hazard}的依据已消失。", "{place}: nothing speaks of {hazard} any more.")


def explanation(
    assessment: Assessment,
    evidence: Mapping[str, Finding],
    inventory: Inventory,
    criteria: Criteria,
    language: Language,
) -> str:
    """The sentence in `language`; `evidence` are the open findings by id."""
    place, hazard = leaf(inventory, assessment.area, language), _name(assessment, language)
    cited = [evidence[one] for one in assessment.findings if one in evidence]
    if not assessment.level or not cited:
        return choose(language, *_ALL_CLEAR).format(place=place, hazard=hazard)
    strongest = cited[0]
    colour = COLOURS[language][assessment.level]
    zh = f"{place}：{hazard}{colour}，{_witnesses(cited, 'zh-CN')}，置信度{assessment.confidence:.0%}；"
    en = f"{place}: {hazard} {colour}, {_witnesses(cited, 'en-US')}, confidence {assessment.confidence:.0%}; "
    said = choose(language, zh, en) + _why(strongest, criteria, language) + _whence(cited, inventory, language)
    return said + _chain(assessment, language) + _when(assessment, language) + choose(language, "。", ".")


def explained(
    assessment: Assessment, evidence: Mapping[str, Finding], inventory: Inventory, criteria: Criteria
) -> Assessment:
    """The same with its sentence in both languages."""
    zh, en = (explanation(assessment, evidence, inventory, criteria, language) for language in ("zh-CN", "en-US"))
    return assessment.model_copy(update={"explanation_zh": zh, "explanation_en": en})


def _name(assessment: Assessment, language: Language) -> str:
    row = ROWS[assessment.hazard]
    return choose(language, row.zh, row.en)


def _witnesses(cited: list[Finding], language: Language) -> str:
    """How many subjects and detectors agree."""
    subjects, kinds = len({one.subject for one in cited}), len({one.detector for one in cited})
    en = f"{subjects} {'witness' if subjects == 1 else 'witnesses'} by {kinds} {'method' if kinds == 1 else 'methods'}"
    return choose(language, f"{subjects}处监测、{kinds}种方法一致判定", en)


def _why(strongest: Finding, criteria: Criteria, language: Language) -> str:
    """The strongest finding in words, with its figure and its threshold."""
    criterion = criteria.get((strongest.detector, strongest.criterion))
    if criterion is None:
        return strongest.subject
    value, threshold = (measure(each, criterion.unit, language) for each in (strongest.value, strongest.threshold))
    zh = f"{strongest.subject}：{criterion.zh}（{value}，阈值{threshold}）"
    return choose(language, zh, f"{strongest.subject}: {criterion.en} ({value}, threshold {threshold})")


def _whence(cited: Iterable[Finding], inventory: Inventory, language: Language) -> str:
    """Where the wind brought it from, and who stands there; nothing where nobody knows."""
    upwind = next((one.upwind for one in cited if one.upwind), None)
    if upwind is None:
        return ""
    low, high = ((upwind.bearing_deg + side * upwind.spread_deg) % 360.0 for side in (-1.0, 1.0))
    zh = f"，来自{upwind.sensor}的上风方向{upwind.bearing_deg:.0f}°（{low:.0f}°至{high:.0f}°）"
    en = f", upwind of {upwind.sensor}, at {upwind.bearing_deg:.0f}° ({low:.0f}° to {high:.0f}°)"
    names = standing_upwind(upwind, inventory)
    if names:
        zh, en = f"{zh}，该方向有{'、'.join(names)}", f"{en}, where {', '.join(names)} stand{'s' * (len(names) == 1)}"
    return choose(language, zh, en)


def _chain(assessment: Assessment, language: Language) -> str:
    if assessment.raised_by is None:
        return ""
    cause = ROWS[assessment.raised_by]
    return choose(language, f"，因{cause.zh}上调一级", f", one level higher because of {cause.en}")


def _when(assessment: Assessment, language: Language) -> str:
    expected = assessment.expected_onset_at
    if expected is None:
        return ""
    when = moment(expected, language)
    earliest, latest = assessment.expected_onset_earliest_at, assessment.expected_onset_latest_at
    if expected > assessment.at:
        said = choose(language, f"，预计{when}", f", expected at {when}")
    else:  # nobody has reckoned a later one
        said = choose(language, f"，原预计{when}，已过", f", was expected at {when}, which has passed")
    if earliest is None or latest is None or earliest == latest:
        return said
    between = [moment(each, language, expected) for each in (earliest, latest)]
    return said + choose(language, f"（{between[0]}至{between[1]}）", f" (between {between[0]} and {between[1]})")
