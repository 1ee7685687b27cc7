"""Contrast of the page's colours in both themes (WCAG 2.2, 1.4.3 for text and 1.4.11 for shapes)."""

from __future__ import annotations

import re

import pytest

from alerting.console.static_files import STATIC

_TOKENS = (STATIC / "css" / "tokens.css").read_text()
_LIGHT, _DARK = re.findall(r":root[^{]*\{(.*?)\}", _TOKENS, re.DOTALL)
THEMES = {
    "light": dict(re.findall(r"--([\w-]+): (#\w{6})", _LIGHT)),
    "dark": dict(re.findall(r"--([\w-]+): (#\w{6})", _LIGHT + _DARK)),
}
TEXT = [(ink, ground) for ink in ("text", "muted", "accent", "bad") for ground in ("surface", "raised", "bg")]
PLAQUES = [(f"{level}-ink", level) for level in ("blue", "yellow", "orange", "red")]
SHAPES = [
    (f"{level}-edge", ground) for level in ("blue", "yellow", "orange", "red") for ground in ("surface", "raised")
]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT + PLAQUES)
def test_text_can_be_read(theme: str, ink: str, ground: str) -> None:
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), SHAPES)
def test_shapes_can_be_told_from_the_ground(theme: str, edge: str, ground: str) -> None:
    assert contrast(THEMES[theme][edge], THEMES[theme][ground]) >= 3


def test_colours_stand_in_one_file_only() -> None:
    others = [path for path in (STATIC / "css").glob("*.css") if path.name != "tokens.css"]
    assert [path.name for path in others if re.search(r"#[0-9a-f]{3,8}\b(?![^{]*\{)|rgba?\(", path.read_text())] == []
