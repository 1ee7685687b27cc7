from __future__ import annotations

from pathlib import Path

import pytest

from alerting.cap import to_cap
from alerting.cap_parse import BYTES_MAX
from pipeline.cli.exit import Exit
from pipeline.model.hazard import Hazard
from tests.golden.cap.samples import INVENTORY, POLICY, life
from tests.unit.cli_rig import Terminal
from tests.unit.test_cap_parse import FOREIGN, attack


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    for number, report in enumerate(life(Hazard.FIRE), 1):
        (tmp_path / f"{number}.xml").write_bytes(to_cap(report, INVENTORY, POLICY))
    found = Terminal(tmp_path, capsys, empty=True)
    found.write("foreign.xml", FOREIGN)
    return found


def test_a_chain_and_the_alert_of_another_service(terminal: Terminal) -> None:
    ended = terminal("cap", "1.xml", "2.xml", "3.xml", "foreign.xml")
    assert ended.code == Exit.DONE
    for words in ("met@example.org", "Storm", "Cancel", POLICY.sender, "Coast"):
        assert words in ended.out
    document = terminal("cap", "foreign.xml", "--json").document
    assert document["alerts"]["foreign.xml"]["infos"][0]["severity"] == "Severe"
    assert (document["faults"], document["chains"]) == ({}, [])


def test_what_is_wrong_is_told_of_each(terminal: Terminal) -> None:
    terminal.write("bad.xml", attack('<!ENTITY l0 "ha">', "&l0;"))
    terminal.write("long.xml", " " * (BYTES_MAX + 9))
    ended = terminal("cap", "bad.xml", "long.xml", "foreign.xml")
    assert ended.code == Exit.ATTENTION
    assert "bad.xml: a document type" in ended.out + ended.err
    assert f"long.xml: {BYTES_MAX + 1} bytes; at most" in ended.out + ended.err
    assert "Storm" in ended.out


def test_documents_that_contradict_each_other(terminal: Terminal) -> None:
    terminal.write("again.xml", (terminal.folder / "1.xml").read_text("utf-8"))
    ended = terminal("cap", "1.xml", "again.xml")
    assert ended.code == Exit.ATTENTION
    assert "has this identifier" in ended.out + ended.err


def test_a_file_that_is_not_there(terminal: Terminal) -> None:
    ended = terminal("cap", "nothing.xml")
    assert ended.code not in {Exit.DONE, Exit.DEFECT}
    assert "nothing.xml: cannot be read" in ended.err
