"""The [console] section."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from alerting.console.options import ConsoleOptions


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_needs_nothing_said(host: str) -> None:
    assert ConsoleOptions(host=host).exposure == "loopback"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "console.example"])  # noqa: S104 what must be refused
def test_listening_beyond_loopback_must_be_meant(host: str) -> None:
    with pytest.raises(ValidationError, match=r'exposure = "network" behind a proxy'):
        ConsoleOptions(host=host)
    assert ConsoleOptions(host=host, exposure="network").host == host


def test_names_of_this_machine_are_always_answered_to() -> None:
    names = ConsoleOptions(hosts=("Console.Example",)).answers_to
    assert names == {"localhost", "127.0.0.1", "::1", "console.example"}


@pytest.mark.parametrize(
    "wrong", [{"port": 70_000}, {"port": -1}, {"prot": 1}], ids=["too high", "too low", "unknown key"]
)
def test_what_cannot_work_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        ConsoleOptions.model_validate(wrong)
