"""The whole way with real programs: Alertmanager sends, what needs release waits through kill -9, people decide."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.runners.desk import make_desk
from pipeline.runners.embedded import STORE_FILE
from tests.district import inventory
from tests.process import Process, write_site
from tests.servers import free_port

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
DUTY = """
[channels.calls]
kind = "file_drop"
targets.li = "calls"
[release]
rules = [{name = "red", mode = "approval", min_level = "red", persons = 2}]
[intake]
area = "990101001000"
hazards = {GasHigh = "gas_leak"}
[duty]
people = [
  {name = "li", name_zh = "李", name_en = "Li", roles = ["approver"], contacts = ["calls/li"]},
  {name = "wang", name_zh = "王", name_en = "Wang", roles = ["approver"]},
  {name = "alertmanager", name_zh = "告警", name_en = "Alertmanager", roles = ["sender"]},
]
chains = [{name = "ask", on = "release", steps = [{who = ["role:approver"], wait_s = 600}]}]
"""


class Site:
    """A configured process, the tokens of its people, its interface."""

    def __init__(self, folder: Path) -> None:
        self.port, self._push = free_port(), free_port()
        self.config = write_site(folder, inventory(), self._push, time="wall", tick_s=0.5)
        text = self.config.read_text("utf-8").replace("[console]\nport = 0", f"[console]\nport = {self.port}")
        self.config.write_text(text + DUTY, "utf-8")
        for name in ("calls", "data"):
            (folder / name).mkdir()
        self.folder = folder
        self._process: Process | None = None
        config, store = load_config(self.config), Store(f"sqlite:///{folder / 'data' / STORE_FILE}")
        desk = make_desk(config, store, {}, SystemClock())
        self.tokens = {one.name: desk.make_token(one.name, "test")[1] for one in config.duty.people}
        store.close()

    def start(self) -> None:
        self._process = Process(self.config, self._push)
        until(lambda: self.ask("li", "GET", "/me") is not None)  # people need not wait until detectors are warm

    def kill(self) -> None:
        """kill -9 of what runs."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def ask(self, who: str, method: str, path: str) -> Any:
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        try:
            answer = httpx.request(method, f"http://127.0.0.1:{self.port}/api/v1{path}", headers=headers, timeout=60)
        except httpx.HTTPError:
            return None
        assert answer.is_success, answer.text
        return answer.json()

    def shown(self, report: str) -> bool:
        """Whether the public sees a report: in the feed, and its document."""
        page = f"http://127.0.0.1:{self.port}"
        in_feed = f"/cap/{report}.xml" in httpx.get(f"{page}/feed.atom", timeout=60).text
        has_document = httpx.get(f"{page}/cap/{report}.xml", timeout=60).status_code == httpx.codes.OK
        assert in_feed is has_document
        return in_feed

    def dropped(self, name: str = "dropped") -> int:
        return len(list((self.folder / name).glob("*.xml")))


def until(condition: Callable[[], object], within_s: float = 150) -> None:
    end_s = time.perf_counter() + within_s
    while not condition():
        assert time.perf_counter() < end_s
        time.sleep(0.05)


def binary(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install prometheus-alertmanager")
    return found


@contextmanager
def alertmanager(folder: Path, site: Site) -> Iterator[str]:
    """A real one that sends to the site; its address."""
    port = free_port()
    (folder / "alertmanager.yml").write_text(
        "route: {receiver: forewarn, group_wait: 0s, group_interval: 1s}\n"
        "receivers:\n- name: forewarn\n  webhook_configs:\n"
        f"  - url: http://127.0.0.1:{site.port}/api/v1/alertmanager\n"
        f"    http_config: {{authorization: {{credentials: {site.tokens['alertmanager']}}}}}\n"
    )
    command = [
        binary("prometheus-alertmanager"), f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'am'}", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with (folder / "alertmanager.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as child:
        try:
            until(lambda: _ready(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/-/ready", timeout=60).is_success
    except httpx.HTTPError:
        return False


def amtool(url: str, *labels: str, http: Path | None = None) -> None:
    own = [f"--http.config.file={http}"] if http else []
    command = [binary("amtool"), f"--alertmanager.url={url}", *own, "alert", "add", *labels]
    subprocess.run(command, check=True, capture_output=True, timeout=180)


def test_what_alertmanager_sends_waits_for_two_people_through_kill_9(tmp_path: Path) -> None:
    site = Site(tmp_path)
    try:
        site.start()
        with alertmanager(tmp_path, site) as url:
            amtool(url, "GasHigh", "severity=critical", "--annotation=summary=Gas at plant 7")
            until(lambda: site.ask("li", "GET", "/releases"))
        until(lambda: site.dropped("calls"))
        site.kill()
        site.start()
        (waiting,) = site.ask("li", "GET", "/releases")
        report = waiting["report"]["id"]
        assert not site.shown(report), "neither in the feed nor as a document"
        site.ask("li", "POST", f"/releases/{report}/public/approve")
        site.kill()
        site.start()
        assert site.dropped() == 0
        site.ask("wang", "POST", f"/releases/{report}/public/approve")
        until(site.dropped)
        assert site.shown(report)
        assert site.ask("li", "GET", "/audit/verify")["flaws"] == []
        until(lambda: site.ask("li", "GET", "/calls")[0]["call"]["state"] == "decided")
    finally:
        site.kill()
    assert site.dropped() == 1


def test_amtool_speaks_to_us_as_to_an_alertmanager(tmp_path: Path) -> None:
    site = Site(tmp_path)
    try:
        site.start()
        http = tmp_path / "http.yml"
        http.write_text(f"authorization: {{credentials: {site.tokens['alertmanager']}}}\n")
        amtool(f"http://127.0.0.1:{site.port}", "GasHigh", "severity=warning", http=http)
        until(site.dropped)
    finally:
        site.kill()
