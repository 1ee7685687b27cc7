"""The likeliest mistakes: each is one clear line and the right exit code, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.exit import Exit
from tests.unit.cli_rig import VILLAGE, Terminal

HEAD = "observed_at,sensor,value\n"
TRUTH = "hazard,area,onset_at\n"


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, capsys)


def case(words: str, code: int, said: str, prepare: Callable[[Terminal], Any] = lambda _: None) -> Any:
    return pytest.param(words, code, said, prepare, id=f"{words}: {said[:40]}")


def file(name: str, text: str) -> Callable[[Terminal], Any]:
    return lambda terminal: terminal.write(name, text)


@pytest.mark.parametrize(
    ("words", "code", "said", "prepare"),
    [
        case("check gone.toml", Exit.REPAIR, "gone.toml: cannot be read: No such file or directory"),
        case("check .", Exit.REPAIR, ".: cannot be read: Is a directory"),
        case("chek", Exit.USAGE, "No such command 'chek'. Did you mean 'check'?"),
        case("check --jsn", Exit.USAGE, "No such option: --jsn"),
        case("run --port 99999", Exit.USAGE, "Invalid value for '--port'"),
        case("run gone.toml", Exit.REPAIR, "gone.toml: cannot be read"),
        case("replay gone.csv", Exit.REPAIR, "gone.csv: no such file"),
        case("replay x.parquet", Exit.REPAIR, "x.parquet: cannot be read as Parquet", file("x.parquet", "no Parquet")),
        case("replay x.csv", Exit.REPAIR, "x.csv: cannot be read as CSV", file("x.csv", "")),
        case("replay x.csv", Exit.REPAIR, "x.csv: no column time or observed_at", file("x.csv", "a,b\n1,2\n")),
        case("replay readings.csv --config gone.toml", Exit.REPAIR, "gone.toml: cannot be read"),
        case("replay readings.csv --plot x.jpg", Exit.USAGE, "x.jpg: must end with .png, .svg, .html"),
        case("replay readings.csv --plot a/b.png", Exit.USAGE, "a/b.png: there is no folder a"),
        case("replay readings.csv --tick-s 0", Exit.USAGE, "Invalid value for '--tick-s'"),
        case("replay readings.csv --form f.toml", Exit.REPAIR, "f.toml:1: layot: unknown key; did you mean layout?",
             file("f.toml", "layot = 'wide'\n")),
        case("replay readings.csv --form f.toml", Exit.REPAIR, "f.toml:1: files: name them on the command line",
             file("f.toml", "files = ['a.csv']\n")),
        case("replay readings.csv --truth t.csv", Exit.REPAIR, "t.csv: cannot be read: No such file or directory"),
        case("replay readings.csv --truth t.csv", Exit.REPAIR, "t.csv:1: no column hazard, onset_at; want hazard, area",
             file("t.csv", "area\nx\n")),
        case("replay readings.csv --truth t.csv", Exit.REPAIR, "t.csv:2: hazard: must be one of gas_leak",
             file("t.csv", f"{TRUTH}flood,{VILLAGE},2026-01-01T00:00:00Z\n")),
        case("replay readings.csv --truth t.csv", Exit.REPAIR, "t.csv:2: area: '' is not in the inventory",
             file("t.csv", f"{TRUTH}fire\n")),
        case("replay readings.csv --truth t.csv", Exit.REPAIR, "t.csv:2: onset_at: instant 2026-01-01T00:00:00 has no",
             file("t.csv", f"{TRUTH}fire,{VILLAGE},2026-01-01\n")),
        case("init .", Exit.USAGE, ". is not empty; name a new folder"),
        case("init README.md", Exit.OUTSIDE, "README.md: cannot be written: File exists; name another folder"),
        case("explain abc", Exit.OUTSIDE, "data: nothing is stored here; name the folder that"),
        case("ledger --data gone", Exit.OUTSIDE, "gone: nothing is stored here"),
        case("onset fire 990101001001 --data gone", Exit.OUTSIDE, "gone: nothing is stored here"),
        case("list detectors gas_level", Exit.USAGE, "unknown kind; did you mean gas_levels?"),
        case("list adapters nothing", Exit.USAGE, "unknown kind; known: "),
        case("list sensors gas-1", Exit.USAGE, "`list sensors` shows all of them"),
        case("list sensors --config gone.toml", Exit.REPAIR, "gone.toml: cannot be read"),
        case("simulate . --inventory inventory.toml", Exit.USAGE, "nobody to push to: give --url, --broker, or both"),
        case("simulate . --inventory inventory.toml --url x", Exit.USAGE, "url: must begin with http:// or https://"),
        case("simulate . --inventory inventory.toml --broker x", Exit.USAGE, "'x': want host:port"),
        case("simulate . --inventory inventory.toml --url http://x --speed 0", Exit.USAGE, "speed: must be greater"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_line(
    terminal: Terminal, words: str, code: Exit, said: str, prepare: Callable[[Terminal], Any]
) -> None:
    prepare(terminal)
    ended = terminal(*words.split())
    assert ended.code == code
    assert ended.out == ""
    (complaint,) = ended.complaints
    assert said in complaint


def test_every_row_of_a_truth_that_is_none_is_told(terminal: Terminal) -> None:
    terminal.write("t.csv", f"{TRUTH}flood,{VILLAGE},2026-01-01T00:00:00Z\nfire,1,2026-01-01T00:00:00Z\n")
    ended = terminal("replay", "readings.csv", "--truth", "t.csv")
    assert [line.partition(": ")[0] for line in ended.complaints] == ["t.csv:2", "t.csv:3"]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        pytest.param('"readings.csv"', '"reading.csv"', Exit.REPAIR, "adapters.recording: ", id="recording"),
        pytest.param('# data = "data"', 'data = "README.md"\n#', Exit.REPAIR, "README.md is a file", id="data a file"),
        pytest.param(
            '# data = "data"',
            'data = "/proc/none"\n#',
            Exit.OUTSIDE,
            "/proc/none: cannot be written",
            id="data nowhere",
        ),
        pytest.param('"files/public"]', '"files/publik"]', Exit.REPAIR, "no 'files/publik'", id="route"),
    ],
)
def test_run_does_not_start_what_check_would_complain_of(
    terminal: Terminal, old: str, new: str, code: Exit, said: str
) -> None:
    terminal.change("forewarn.toml", old, new)
    ended = terminal("run", "--port", "0")
    assert ended.code == code
    assert [line for line in ended.complaints if said in line]


def test_a_plot_without_matplotlib_is_refused_before_anything_is_played(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pipeline.cli.plot", None)
    ended = terminal("replay", "gone.csv", "--plot", "x.png")
    assert ended.code == Exit.REPAIR
    assert ended.complaints[0].endswith("which is not installed: pip install 'forewarn[plot]'")
