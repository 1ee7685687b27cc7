"""The routes of the page: what they answer, to whom, under which headers."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from alerting.console.app import create_app
from alerting.console.options import ConsoleOptions
from alerting.console.protect import host_name
from tests.console.source import MemorySource


def get(path: str, *, host: str = "127.0.0.1:8470", method: str = "GET", hosts: tuple[str, ...] = ()) -> httpx.Response:
    app = create_app(MemorySource(), ConsoleOptions(hosts=hosts))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8470") as client:
            return await client.request(method, path, headers={"host": host})

    return asyncio.run(ask())


def a_report() -> str:
    return MemorySource().state.warnings[0].reports[0].id


def a_finding() -> str:
    return MemorySource().state.warnings[0].findings[0].id


ROUTES = {
    "the page": ("/", "text/html; charset=utf-8"),
    "a script": ("/static/js/main.js", "text/javascript; charset=utf-8"),
    "a style": ("/static/css/base.css", "text/css; charset=utf-8"),
    "icons": ("/static/icons.svg", "image/svg+xml"),
    "situation": ("/api/situation", "application/json"),
    "sensors": ("/api/sensors", "application/json"),
    "series": ("/api/sensors/GAS-0105/series", "application/json"),
    "warning": (f"/api/warnings/{MemorySource().state.warnings[0].chain}", "application/json"),
    "finding": (f"/api/findings/{a_finding()}", "application/json"),
    "cap": (f"/cap/{a_report()}.xml", "application/cap+xml"),
    "feed": ("/feed.atom", "application/atom+xml"),
    "metrics": ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
    "health": ("/healthz", "application/json"),
}


@pytest.mark.parametrize(("path", "content_type"), ROUTES.values(), ids=ROUTES)
def test_each_route_answers_with_its_type_and_the_security_headers(path: str, content_type: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


MISSING = {
    "sensor": "/api/sensors/NO-SUCH/series",
    "warning": "/api/warnings/nothing",
    "finding": "/api/findings/nothing",
    "report": "/cap/nothing.xml",
    "file": "/static/js/nothing.js",
    "way out of the folder": "/static/../app.py",
    "route": "/api/nothing",
}


@pytest.mark.parametrize("path", MISSING.values(), ids=MISSING)
def test_what_is_not_there_is_a_404_in_json_with_the_headers(path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("kind", ["sensor", "warning", "finding", "report"])
def test_a_404_says_what_was_looked_for(kind: str) -> None:
    assert get(MISSING[kind]).json() == {"error": f"no such {kind}"}


HOSTS = {
    "loopback": ("127.0.0.1:8470", 200),
    "loopback without port": ("127.0.0.1", 200),
    "localhost in capitals": ("LOCALHOST:8470", 200),
    "loopback of IPv6": ("[::1]:8470", 200),
    "a configured name": ("console.example:8470", 200),
    "a re-pointed name": ("evil.example:8470", 421),
    "loopback as a prefix": ("127.0.0.1.evil.example", 421),
    "user part": ("127.0.0.1@evil.example", 421),
    "nothing": ("", 421),
}


@pytest.mark.parametrize(("host", "status"), HOSTS.values(), ids=HOSTS)
def test_only_known_names_are_answered_to(host: str, status: int) -> None:
    answer = get("/api/situation", host=host, hosts=("Console.Example",))
    assert answer.status_code == status
    assert ("hosts" in answer.text and "evil" not in answer.text) or status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(method: str) -> None:
    assert get("/api/situation", method=method).status_code == 405


def test_state_is_never_stored_and_files_are_asked_for_again() -> None:
    assert get("/api/situation").headers["cache-control"] == "no-store"
    script = get("/static/js/main.js")
    assert script.headers["cache-control"] == "no-cache"
    assert script.headers["etag"]


def test_the_page_has_no_inline_script_or_style_and_names_no_other_host() -> None:
    page = get("/").text
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_situation_carries_warnings_with_levels_as_numbers_and_instants_in_utc() -> None:
    card = get("/api/situation").json()["situation"]["warnings"][1]
    assert card["level"] == 4
    assert card["hazard"] == "fire"
    assert card["lead"]["first_evidence_at"] == "2025-07-08T06:17:30Z"
    assert [report["report"] for report in card["reports"]] == ["first", "follow_up", "follow_up"]


def test_sensors_come_as_catalogue_and_rows() -> None:
    answer = get("/api/sensors").json()
    states = {row[0]: row for row in answer["states"]["rows"]}
    assert len(answer["catalogue"]["sensors"]) == len(states)
    assert states["GAS-0105"] == ["GAS-0105", "alarm", 3, 42.58, "2025-07-08T06:20:00Z"]


def test_a_series_has_readings_and_thresholds_in_force() -> None:
    series = get("/api/sensors/GAS-0105/series").json()
    assert len(series["at_ms"]) == len(series["values"]) == 120
    assert [line["value"] for line in series["thresholds"]] == [25.0, 50.0]


NAMES = {"[::1]:80": "::1", "[::1]": "::1", "a:1": "a", "A": "a", "": ""}


@pytest.mark.parametrize(("header", "name"), NAMES.items(), ids=[header or "empty" for header in NAMES])
def test_host_name_drops_port_and_brackets(header: str, name: str) -> None:
    assert host_name(header) == name
