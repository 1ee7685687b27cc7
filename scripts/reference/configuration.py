"""Every section, component and option, as the models tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from alerting.stages.route import RouteOptions
from pipeline.cli.component import about
from pipeline.config.describe import Option, options
from pipeline.config.load import COMPONENTS, SECTIONS
from pipeline.model.area import Area
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site
from pipeline.model.units import GASES
from pipeline.registry import Group, kinds, load

_TITLES: Final = {"adapters": "Adapters", "channels": "Channels"}
_TABLES: Final[dict[str, type[BaseModel]]] = {"areas": Area, "sites": Site, "sensors": Sensor}
_HEAD: Final = "| option | type | default | unit | meaning |\n|---|---|---|---|---|"


def configuration() -> str:
    """One table a section and component."""
    return "\n\n".join([*_sections(), *_components(), *_detectors(), *_routes(), *_inventory()]) + "\n"


def _sections() -> Iterator[str]:
    yield "## Sections"
    for name, model in SECTIONS.items():
        yield f"### [{name}]\n\n{_table(model)}"


def _components() -> Iterator[str]:
    for section, group in COMPONENTS.items():
        yield f"## {_TITLES[section]}\n\nEach under `[{section}.NAME]`, with a name of your own, and its `kind`."
        for kind in kinds(group):
            found = load(group, kind)
            yield f'### {section}: kind = "{kind}"\n\n{_sentence(about(found))}\n\n{_table(found.options_type)}'


def _detectors() -> Iterator[str]:
    yield (
        "## Detectors\n\nAll that are installed are at work; `enabled = false` in its table switches one off. "
        "Options that are numbers can be set for one sensor: see `thresholds` below."
    )
    for kind in kinds(Group.DETECTORS):
        found = load(Group.DETECTORS, kind)
        yield f"### [detectors.{kind}]\n\n{_sentence(about(found))}\n\n{_table(found.options_type)}"


def _routes() -> Iterator[str]:
    yield f"## [[routes]]\n\nWho is told of what. Each `[[routes]]` adds one.\n\n{_table(RouteOptions)}"


def _inventory() -> Iterator[str]:
    yield "## Inventory"
    for name, model in _TABLES.items():
        yield f"### [[{name}]]\n\n{_table(model)}"
    rows = [f"| `{quantity}` | {quantity.unit} |" for quantity in Quantity]
    yield "\n".join(["### Quantities and their units", "", "| quantity | unit |", "|---|---|", *rows])
    yield f"### Gases\n\n{', '.join(f'`{gas}`' for gas in GASES)}."


def _table(model: type[BaseModel]) -> str:
    return "\n".join([_HEAD, *map(_row, options(model))])


def _row(option: Option) -> str:
    default = f"`{option.default}`" if option.default.strip('"') else option.default and "empty"
    default = option.default if option.default in {"required", "not set"} else default
    cells = (f"`{option.name}`", option.type, default, option.unit, option.about)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
