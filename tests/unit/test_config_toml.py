"""Where a complaint about a TOML file points, and what it never repeats."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from pipeline.config.complaint import SHOWN_MAX, shown, unknown
from pipeline.config.describe import Option, options, toml
from pipeline.config.docstrings import attribute_words
from pipeline.config.toml_file import TomlFile
from pipeline.config.toml_lines import line_numbers
from pipeline.errors import ConfigError, complaints


class Inner(BaseModel):
    """A table within a table.

    Attributes:
        size_mm: how large; `depth_m`: how deep it
            goes.
    """

    model_config = ConfigDict(extra="forbid")

    size_mm: float = Field(default=1.0, gt=0, le=9)
    depth_m: float | None = None


class Outer(BaseModel):
    """Everything that options can be.

    Attributes:
        name, title: what it is called.
        inner: the one.
        by_name: the many.
        listed: the rest.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    title: str = ""
    api_token: int | str | None = None
    amount: int = Field(default=3, ge=1, description="how much [kg]")
    inner: Inner = Inner(size_mm=2.0)
    by_name: dict[str, Inner] = {}
    listed: tuple[Inner, ...] = ()


def test_lines_of_every_way_to_write_a_key() -> None:
    text = """
a.b = 1
"quoted key" . 'other' = 2
[table] # with a remark
key = [
    1,
]
[[list]]
x = 1
[[list]]
x = 2
[list.inner]
y = 3
[["odd \\" one"]]
"""
    assert line_numbers(text) == {
        ("a", "b"): 2,
        ("quoted key", "other"): 3,
        ("table",): 4,
        ("table", "key"): 5,
        ("list",): 8,
        ("list", 0): 8,
        ("list", 0, "x"): 9,
        ("list", 1): 10,
        ("list", 1, "x"): 11,
        ("list", 1, "inner"): 12,
        ("list", 1, "inner", "y"): 13,
        ('odd \\" one',): 14,
        ('odd \\" one', 0): 14,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [("\ufeffname = 1\n", 1), ("\r\nname = 1\r\n", 2), ("# \u2028 ends no line\n\nname = 1", 3)],
    ids=["byte order mark", "crlf", "line separator"],
)
def test_marks_and_ends_of_lines_do_not_shift_a_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(text.encode())
    file = TomlFile(path)
    with pytest.raises(ExceptionGroup) as raised:
        file.validated(Outer, file.data, ())
    assert [str(one) for one in complaints(raised.value)] == [f"{path}:{line}: name: must be a valid string, not 1"]


def test_every_complaint_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'api_token = ["s3cret"]\n[inner]\nsize_mm = 0\n[by_name.one]\nsize_m = 1\n[[listed]]\nsize_mm = "s"\n'
    )
    file = TomlFile(path)
    with pytest.raises(ExceptionGroup) as raised:
        file.validated(Outer, file.data, ())
    assert [str(one).removeprefix(str(path)) for one in complaints(raised.value)] == [
        ": name: is missing; give it a value",
        ":1: api_token: must be a valid integer or a valid string",
        ":3: inner.size_mm: must be greater than 0, not 0",
        ":5: by_name.one.size_m: unknown key; did you mean size_mm?",
        ":7: listed.0.size_mm: must be a valid number, not 's'",
    ]


def test_a_file_that_cannot_be_read_is_a_complaint(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8: invalid start byte at byte 5"):
        TomlFile(path)


def test_long_values_are_cut_and_near_names_offered() -> None:
    assert len(shown("x" * 1000)) == SHOWN_MAX + 3
    assert unknown("key", "tik_s", ["tick_s", "time"]) == "unknown key; did you mean tick_s?"
    assert unknown("key", "zzz", ["tick_s"]) == "unknown key; remove or rename it"
    assert unknown("kind", "zzz", ["a", "b"], name_all=True) == "unknown kind; known: a, b"


def test_options_are_told_with_type_default_unit_and_meaning() -> None:
    assert options(Outer) == (
        Option("name", "text", "required", "", "what it is called"),
        Option("title", "text", '""', "", "what it is called"),
        Option("api_token", "integer or text", "not set", "", ""),
        Option("amount", "integer >= 1", "3", "kg", "how much"),
        Option("inner", "table", "", "", "the one"),
        Option("inner.size_mm", "number > 0 and <= 9", "2.0", "mm", "how large"),
        Option("inner.depth_m", "number", "not set", "m", "how deep it goes"),
        Option("by_name.NAME", "table", "", "", "the many"),
        Option("by_name.NAME.size_mm", "number > 0 and <= 9", "1.0", "mm", "how large"),
        Option("by_name.NAME.depth_m", "number", "not set", "m", "how deep it goes"),
        Option("listed[]", "table", "", "", "the rest"),
        Option("listed[].size_mm", "number > 0 and <= 9", "1.0", "mm", "how large"),
        Option("listed[].depth_m", "number", "not set", "m", "how deep it goes"),
    )


def test_words_of_a_model_are_those_of_its_bases_too() -> None:
    class Further(Inner):
        """Attributes:
        size_mm: another size.
        """

    assert attribute_words(Further) == {"size_mm": "another size.", "depth_m": "how deep it goes."}


def test_what_toml_has_no_form_for_is_refused() -> None:
    with pytest.raises(TypeError, match="no TOML for None"):
        toml(None)
