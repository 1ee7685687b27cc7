"""The words of a report: what, where, when, what to do; by Jinja2 templates, one file a hazard and language.

A hazard's template defines two macros: `danger(level, forecast)`, one sentence on what it means, and `advice(level)`,
imperative sentences, one a line, the most urgent first and short enough for an SMS; level 0 is the all-clear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import isfinite
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerting.hazards import ROWS, is_forecast, is_public
from alerting.places import levels, listed, places
from alerting.words import COLOURS, GRADES, LANGUAGES, NOTICES, QUANTITIES, STATUSES, choose, measure, moment
from pipeline.model.finding import Finding
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.warning import HazardWarning, Language, PartNews, WarningText


class Change(StrEnum):
    """Why a report is sent: what it says that the one before did not."""

    BEGUN = "begun"
    RAISED = "raised"
    LOWERED = "lowered"
    ONSET = "onset"
    JOINED = "joined"
    RENEWED = "renewed"
    ORDERED = "ordered"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    GROWN = "grown"
    SHRUNK = "shrunk"
    LEVELS = "levels"


class CriterionWords(Protocol):
    """What a detector says of one of its criteria (`detectors.base.Criterion` is one)."""

    @property
    def standard(self) -> str:
        """The document it stands in."""

    @property
    def source_zh(self) -> str:
        """The same for those who read Chinese."""

    @property
    def unit(self) -> str:
        """Of the value and the threshold in findings; `quantity` in it stands for the unit of the trigger's quantity.

        An empty unit: they are no figures for people.
        """

    @property
    def en(self) -> str:
        """In English."""

    @property
    def zh(self) -> str:
        """In Chinese."""

    @property
    def figure_en(self) -> str:
        """What the value is, where it is none of the trigger's quantity; else empty."""

    @property
    def figure_zh(self) -> str:
        """The same in Chinese."""

    @property
    def below_alarm(self) -> bool:
        """Whether it is met far below any level that instruments sound an alarm at."""


Criteria = Mapping[tuple[str, str], CriterionWords]
"""(detector kind, criterion key) -> its words and unit."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a report tells besides its own fields.

    Attributes:
        previous: the report before it, None for the first.
        cited: the findings to be named, strongest first; more: how many others there are.
        why: of a person who ordered it, in their own words.
    """

    change: Change
    previous: HazardWarning | None
    cited: tuple[Finding, ...]
    more: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding in the words of one language; an empty string is something not known."""

    who: str
    quantity: str
    value: str
    threshold: str
    basis: str
    standard: str


class Writer:
    """Writes the texts of reports. Holds no state between calls."""

    def __init__(self, inventory: Inventory, senders: Mapping[Language, str], criteria: Criteria) -> None:
        self._inventory = inventory
        self._senders = senders
        self._criteria = criteria

    def texts(self, warning: HazardWarning, story: Story) -> tuple[WarningText, ...]:
        """The report in every language; what `warning.texts` holds is not read."""
        return tuple(self._text(warning, story, language) for language in LANGUAGES)

    def joint_texts(
        self, warning: HazardWarning, change: Change, previous: HazardWarning | None, area: HazardWarning
    ) -> tuple[WarningText, ...]:
        """The report of several areas; `area` is the report of one of them that brought it about."""
        if set(warning.areas) | {part.area for part in warning.concerned} == {area.area}:
            return area.texts
        said = {text.language: text.description.splitlines()[0] for text in area.texts}
        story = Story(change, previous, (), 0)
        return tuple(self._text(warning, story, each, "joint", said.get(each, "")) for each in LANGUAGES)

    def _text(
        self, warning: HazardWarning, story: Story, language: Language, form: str = "description", said: str = ""
    ) -> WarningText:
        row = ROWS[warning.hazard]
        context = {
            "warning": warning,
            "change": story.change.value,
            "why": story.why,
            "previous": story.previous,
            "hazard": choose(language, row.zh, row.en),
            "public": is_public(warning.hazard),
            "notice": choose(language, *NOTICES[is_public(warning.hazard)]),
            "forecast": is_forecast(warning),
            "sender": self._senders[language],
            "place": places(self._inventory, warning.areas, language),
            "by_level": levels(self._inventory, warning, language),
            "joined": _named(self._inventory, warning, PartNews.JOINED, language),
            "said": said,
            "evidence": [self._evidence(finding, language) for finding in story.cited],
            "more": story.more,
            "suspected": self._suspected(story.cited),
        }
        return WarningText(
            language=language,
            event=choose(language, row.zh, row.en.capitalize()),
            headline=_render(language, "headline", context),
            description=_render(language, form, context),
            instruction=_render(language, "instruction", context),
        )

    def _suspected(self, cited: tuple[Finding, ...]) -> bool:
        """Whether all that is cited was found far below alarm levels."""
        rows = [self._criteria.get((finding.detector, finding.criterion)) for finding in cited]
        return bool(rows) and all(row is not None and row.below_alarm for row in rows)

    def _evidence(self, finding: Finding, language: Language) -> Evidence:
        words = self._criteria.get((finding.detector, finding.criterion))
        if words is None:
            return Evidence(self._who(finding, language), "", "", "", finding.criterion, "")
        quantity = _quantity(finding)
        unit = words.unit.replace("quantity", quantity.unit if quantity else "")
        return Evidence(
            who=self._who(finding, language),
            quantity=choose(language, words.figure_zh, words.figure_en) or _name(quantity, language),
            value=_figure(finding.value, unit, language),
            threshold=_figure(finding.threshold, unit, language),
            basis=choose(language, words.zh, words.en),
            standard=choose(language, words.source_zh, words.standard),
        )

    def _who(self, finding: Finding, language: Language) -> str:
        site = self._inventory.site_by_id.get(finding.site)
        own = finding.subject.removeprefix(f"{finding.site}/")
        if site is None:
            return own
        return choose(language, f"{site.name_zh}（{own}）", f"{site.name_en} ({own})") if own else ""


def _named(inventory: Inventory, warning: HazardWarning, news: PartNews, language: Language) -> str:
    return listed(inventory, (part.area for part in warning.parts if part.news is news), language)


def _quantity(finding: Finding) -> Quantity | None:
    name = finding.trigger.rpartition("/")[2]
    return Quantity(name) if name in set(Quantity) else None


def _name(quantity: Quantity | None, language: Language) -> str:
    return choose(language, *QUANTITIES[quantity]) if quantity else ""


def _figure(value: float, unit: str, language: Language) -> str:
    return measure(value, unit, language) if unit and isfinite(value) else ""


@cache
def _environment(language: Language) -> Environment:
    """Templates of one language. Not escaped here: XML and pages escape what they print."""
    environment = Environment(
        loader=PackageLoader("alerting", f"templates/{language}"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # plain text; lxml and the pages escape
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": lambda at, same_day_as=None: moment(at, language, same_day_as),
        "colour": COLOURS[language].__getitem__,
        "grade": GRADES[language].__getitem__,
        "mark": STATUSES[language].__getitem__,
    }
    return environment


def _render(language: Language, part: str, context: Mapping[str, Any]) -> str:
    text = _environment(language).get_template(f"{part}.j2").render(context)
    return "\n".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    yield from (line.strip() for line in text.splitlines() if line.strip())
