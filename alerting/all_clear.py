"""The all-clear of areas that leave a warning which goes on in others: whom it is for, and in what words. Pure.

By CAP a Cancel ends a message for everybody, so an area leaves by an Update: a block of its own says that it is over
there. Who is told of no other area gets that alone; who is told of others too gets a line of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from alerting.places import listed
from alerting.stages.route import RouteOptions, Targets, addresses, is_for, line, tells_of
from alerting.words import choose
from pipeline.model.delivery import Delivery
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Language, Part, PartNews, Report


def addressed(
    report: HazardWarning, made: Sequence[Delivery], routes: Sequence[RouteOptions], targets: Targets
) -> list[Delivery]:
    """Deliveries of a report, each with the areas that it is the all-clear of; all others as they are."""
    if not report.left:
        return list(made)
    taking = [way for way in routes if is_for(way, report)]
    by_name = {way.name: way for way in taking}
    leading = [(line(way, by_name), addresses(way, targets), way.audience) for way in taking]
    return [
        _one(report, each, [ways for ways, to, whom in leading if ways and whom is each.audience and _to(each) in to])
        for each in made
    ]


def _one(report: HazardWarning, delivery: Delivery, lines: Sequence[Sequence[RouteOptions]]) -> Delivery:
    """`lines`: each a route that leads to its target, with those that it stands under."""
    told = [part for part in report.parts if any(all(tells_of(way, part) for way in ways) for ways in lines)]
    lifted = tuple(part.area for part in told if not part.level)
    goes_on = any(part.level for part in told)
    return delivery.model_copy(update={"lifted": lifted, "is_over": bool(lifted) and not goes_on})


def with_earlier(report: HazardWarning, earlier: Iterable[str], lifted: Iterable[str]) -> tuple[str, ...]:
    """The areas that a target hears left, with those of messages that did not come to it, unless in danger again."""
    return tuple(dict.fromkeys([*(area for area in earlier if area not in report.areas), *lifted]))


def _to(delivery: Delivery) -> tuple[str, str]:
    return delivery.channel, delivery.target


def as_all_clear(report: HazardWarning, areas: Collection[str]) -> HazardWarning:
    """The same report as those are told for whom it is over: a final one, of areas that left."""
    left = [part for part in report.left if part.area in areas] or report.left
    known = {part.area: part for part in left}
    parts = tuple(known.get(area, _over(area, left[0])) for area in dict.fromkeys([*known, *areas]))
    return report.model_copy(
        update={
            "report": Report.FINAL,
            "area": parts[0].area,
            "level": Level.NONE,
            "peak_level": max(part.peak_level for part in parts),
            "expected_onset_at": None,
            "expected_onset_earliest_at": None,
            "expected_onset_latest_at": None,
            "texts": left[-1].texts,
            "parts": parts,
        }
    )


def _over(area: str, like: Part) -> Part:
    return Part(area=area, level=Level.NONE, peak_level=like.peak_level, news=PartNews.LEFT)


def lifted_line(inventory: Inventory, areas: Collection[str], language: Language) -> str:
    """A sentence of where it is over, for those whom the warning goes on for elsewhere."""
    names = listed(inventory, areas, language)
    return choose(language, f"已解除：{names}。", f"Lifted in: {names}.")
