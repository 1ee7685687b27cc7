"""`forewarn check`: for people and for machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.exit import Exit
from tests.unit.cli_rig import Terminal


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path, capsys)


def test_a_fit_site_is_told_to_be_fit(terminal: Terminal) -> None:
    ended = terminal("check")
    assert (ended.code, ended.err) == (Exit.DONE, "")
    assert ended.out.startswith("forewarn.toml is fit to run: 1 area, 1 site, 3 sensors, 2 adapters, ")


def test_machines_are_told_path_line_and_words(terminal: Terminal) -> None:
    terminal.change("forewarn.toml", "# tick_s = 1.0", "tick_s = 0.0\n#")
    ended = terminal("check", "--json")
    assert (ended.code, ended.err) == (Exit.REPAIR, "")
    line = (terminal.folder / "forewarn.toml").read_text("utf-8").splitlines().index("tick_s = 0.0") + 1
    what = "process.tick_s: must be greater than 0, not 0.0"
    assert ended.document["complaints"] == [{"path": "forewarn.toml", "line": line, "what": what}]
    assert (ended.document["valid"], ended.document["summary"]) == (False, None)


def test_what_is_allowed_and_not_meant_needs_attention(terminal: Terminal) -> None:
    terminal.change("forewarn.toml", 'audience = "maintenance"', 'hazards = ["fire"]')
    ended = terminal("check")
    hint = "no route takes sensor_fault of status Actual: nobody will be told of it"
    assert (ended.code, ended.err) == (Exit.ATTENTION, f"attention: {hint}\n")
    assert "is fit to run" in ended.out
    document = terminal("check", "--json").document
    assert (document["valid"], document["attention"]) == (True, [hint])
    assert document["summary"]["sensors"] == 3


def test_too_few_gauges_to_foresee_by_need_attention(terminal: Terminal) -> None:
    inventory = (terminal.folder / "inventory.toml").read_text("utf-8")
    ahead = 'id = "ahead"\nsite = "station-1"\nkind = "rain"\nquantity = "rain_1h"\ngroup = "gauges"'
    terminal.write(
        "inventory.toml", f"{inventory}\n[[sensors]]\n{ahead}\nrange_low = 0\nrange_high = 500\ninterval_s = 300\n"
    )
    ended = terminal("check")
    assert ended.code == Exit.ATTENTION
    assert "area 990100000000: " in ended.err
    assert "places with a rain gauge, 4 are needed to foresee rain; give sites a place" in ended.err


def test_a_written_site_is_fit_and_nothing_is_overwritten(terminal: Terminal) -> None:
    assert terminal("init", "a/new/site").code == Exit.DONE
    assert terminal("check", "a/new/site/forewarn.toml").code == Exit.DONE
    assert sorted(path.name for path in Path("a/new/site").iterdir()) == [
        "README.md",
        "forewarn.toml",
        "inventory.toml",
        "readings.csv",
    ]
    assert terminal("init", "a/new/site").code == Exit.USAGE


SECRETS = {
    "influx": 'url = "http://127.0.0.1:1"\nbucket = "here"',
    "kafka": 'tls = "on"\ntls_ca = "nowhere.pem"\nsasl = "SCRAM-SHA-512"\nusername = "me"\npassword_file = "nowhere"',
    "recorder": 'path = "s3://recordings/here"',
    "alerting": 'store_env = "NOT_SET_STORE"',
}


def test_a_secret_that_cannot_be_had_is_told_with_its_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INFLUXDB_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "NOT_SET_STORE"):
        monkeypatch.delenv(name, raising=False)
    path = terminal.folder / "forewarn.toml"
    for section, options in SECRETS.items():
        terminal.change("forewarn.toml", f"\n[{section}]", f"\n[{section}]\n{options}")
    ended = terminal("check", "--json")
    told = [one["what"] for one in ended.document["complaints"]]
    assert ended.code == Exit.REPAIR
    assert told == [
        (
            "influx.token_env: environment variable INFLUXDB_TOKEN is not set; "
            "set it to a token that may write to bucket 'here'"
        ),
        f"kafka.password_file: cannot read {path.parent / 'nowhere'}: FileNotFoundError; it holds the password",
        f"kafka.tls: one of {path.parent / 'nowhere.pem'} cannot be read: [Errno 2] No such file or directory",
        (
            "recorder.s3: access_key_env: environment variable AWS_ACCESS_KEY_ID is not set; "
            "set it to that part of the key"
        ),
        "alerting.store_env: environment variable NOT_SET_STORE is not set; set it to the address of the store",
    ]
    lines = path.read_text("utf-8").splitlines()
    assert lines[ended.document["complaints"][1]["line"] - 1].startswith("password_file")
    for name in ("INFLUXDB_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "NOT_SET_STORE"):
        monkeypatch.setenv(name, "postgresql://u@h/d")
    assert len(terminal("check", "--json").document["complaints"]) == 2
