"""A report in one short message: level, hazard, place and the first thing to do always stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from alerting.hazards import ROWS, is_forecast, is_public
from alerting.places import brief, places
from alerting.words import COLOURS, NOTICES, STATUSES, choose, moment
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning, Language, Report, WarningStatus, WarningText

MIN_LIMIT: Final[Mapping[Language, int]] = {"zh-CN": 70, "en-US": 160}
"""Characters of one SMS (3GPP TS 23.038: 70 in UCS-2, 160 in the 7-bit alphabet)."""


class ShortText(NamedTuple):
    """A title and a body that stands on its own: a medium without titles drops the title."""

    title: str
    body: str


def short_text(warning: HazardWarning, inventory: Inventory, language: Language, limit: int) -> ShortText:
    """The report in at most `limit` characters each for title and body.

    Level, hazard and first action are never cut; the place is, from its end, when nothing else helps. The expected
    onset and further actions follow as far as they fit, sentence by sentence.

    Raises:
        ValueError: a limit below `MIN_LIMIT`.
    """
    if limit < MIN_LIMIT[language]:
        raise ValueError(f"a short text in {language} needs a limit of {MIN_LIMIT[language]}, not {limit}")
    if warning.status is WarningStatus.SYSTEM:  # a message to one person: as it was written
        text = text_of(warning, language)
        return ShortText(_cut(text.headline, limit), _cut(f"{text.description}\n{text.instruction}", limit))
    what = _what(warning, language)
    where = brief(inventory, warning, language)
    first, *others = text_of(warning, language).instruction.splitlines()
    body = _core(what, _where(inventory, warning, language), first, language)
    if len(body) > limit:
        room = limit - len(_core(what, "", first, language))
        body = _core(what, _cut(where, room), first, language)
    for sentence in [*_onset(warning, language), *others]:
        longer = body + choose(language, "", " ") + sentence
        body = longer if len(longer) <= limit else body
    joint = choose(language, "：", ": ")
    return ShortText(what + joint + _cut(where, limit - len(what + joint)), body)


def _where(inventory: Inventory, warning: HazardWarning, language: Language) -> str:
    """With the divisions above it; where levels differ it is said which is where."""
    is_even = len({part.level for part in warning.parts if part.level}) <= 1
    return places(inventory, warning.areas, language) if is_even else brief(inventory, warning, language)


def text_of(warning: HazardWarning, language: Language) -> WarningText:
    """The report's words in one language."""
    return next(text for text in warning.texts if text.language == language)


def _what(warning: HazardWarning, language: Language) -> str:
    row = ROWS[warning.hazard]
    mark = STATUSES[language][warning.status]
    notice = choose(language, *NOTICES[is_public(warning.hazard)])
    if warning.report is Report.FINAL:
        return mark + choose(language, f"{row.zh}{notice}解除", f"{notice.capitalize()} of {row.en} lifted")
    colour = COLOURS[language][warning.level]
    return mark + choose(language, f"{row.zh}{colour}{notice}", f"{colour.capitalize()} {notice} of {row.en}")


def _core(what: str, where: str, action: str, language: Language) -> str:
    return choose(language, f"{what}：{where}。{action}", f"{what}: {where}. {action}")


def _onset(warning: HazardWarning, language: Language) -> list[str]:
    if warning.expected_onset_at is None or not is_forecast(warning):
        return []
    at = moment(warning.expected_onset_at, language)
    return [choose(language, f"预计发生时间：{at}。", f"Expected at {at}.")]


def _cut(name: str, room: int) -> str:
    return name if len(name) <= room else name[: room - 1] + "…"
