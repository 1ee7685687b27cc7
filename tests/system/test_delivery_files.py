"""Channel file_drop on a real file system."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from alerting.base import FailureReason, Outcome
from alerting.channels.file_drop import FileDrop, FileDropOptions
from pipeline.model.delivery import DeliveryState
from tests.reports import message, warning

pytestmark = pytest.mark.system


def drop_into(folder: Path, **changes: Any) -> Outcome:
    options = FileDropOptions.model_validate({"targets": {"chat": folder}})
    return asyncio.run(FileDrop("duty", options).send(message(warning(**changes)), "chat"))


def test_a_file_holds_the_report_and_is_named_after_it(tmp_path: Path) -> None:
    outcome = drop_into(tmp_path / "drop")
    (path,) = (tmp_path / "drop").iterdir()
    assert (outcome.state, outcome.detail) == (DeliveryState.DELIVERED, path.name)
    assert path.name == f"{warning().id}.xml"
    assert path.read_bytes() == message(warning()).cap_xml


def test_the_same_report_again_leaves_the_file_alone(tmp_path: Path) -> None:
    drop_into(tmp_path)
    (path,) = tmp_path.iterdir()
    before = path.stat()
    assert drop_into(tmp_path).state is DeliveryState.DELIVERED
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_a_crash_left_half_written_is_made_whole(tmp_path: Path) -> None:
    path = tmp_path / f"{warning().id}.xml"
    path.write_bytes(b"<alert><ident")
    path.with_name(f".{path.name}.part").write_bytes(b"<al")
    assert drop_into(tmp_path).state is DeliveryState.DELIVERED
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [message(warning()).cap_xml]


@pytest.mark.parametrize("name", ["../../escape", "/etc/passwd", ".hidden", "..", "a b\n"])
def test_an_id_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "one" / "two"
    folder.mkdir(parents=True)
    assert drop_into(folder, id=name).state is DeliveryState.DELIVERED
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent for path in files] == [folder]
    assert not files[0].name.startswith(".")


@pytest.mark.parametrize(
    ("case", "reason"),
    [("parent is not there", FailureReason.UNREACHABLE), ("a file is in the way", FailureReason.MISCONFIGURED)],
)
def test_why_a_file_could_not_be_written(tmp_path: Path, case: str, reason: FailureReason) -> None:
    folder = tmp_path / "share" / "drop"
    if case == "a file is in the way":
        folder.parent.write_text("")
    outcome = drop_into(folder)
    assert (outcome.state, outcome.reason) == (DeliveryState.FAILED, reason)
    assert str(folder) in outcome.detail


@contextmanager
def nobody() -> Iterator[None]:
    """Root may write everywhere; so the test is somebody else for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with nobody():
        assert drop_into(tmp_path).reason is FailureReason.MISCONFIGURED
