"""The page in a browser, as tests handle it."""

from __future__ import annotations

import json
import re
from typing import Any

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from alerting.console.static_files import STATIC

WORDS = {name: json.loads((STATIC / "i18n" / f"{name}.json").read_text()) for name in ("zh", "en")}
ITSELF = ("http://127.0.0.1:", "about:", "chrome:", "data:")
"""The page, and what the browser has inside it."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


ALL_WORDS = """
const words = [];
for (const element of document.querySelectorAll("body *")) {
  if (element.closest("script, noscript, [hidden]") || element.checkVisibility?.() === false) continue;
  for (const name of ["aria-label", "placeholder", "title"]) words.push(element.getAttribute(name));
  for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE) words.push(child.textContent.trim());
}
return words.filter(Boolean);
"""


class Page:
    """What the tests do with the browser."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self) -> None:
        self.driver.get(self.address)
        self.wait("return document.querySelectorAll('.card').length && document.querySelector('.row.sensor')")

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def wait(self, script: str, seconds: float = 60) -> Any:
        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: self.run(script))

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.driver.find_elements(By.CSS_SELECTOR, selector)]

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def words(self) -> set[str]:
        """Every text that is shown, spoken or offered as a hint."""
        return set(self.run(ALL_WORDS))

    def cdp(self, command: str, **values: Any) -> None:
        self.driver.execute_cdp_cmd(command, values)

    def logged(self, kind: str) -> list[dict[str, Any]]:
        """What was logged since the last call."""
        entries: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]  # selenium has no type here
        return entries

    def assert_quiet(self) -> None:
        """Nothing in the console, nothing asked of anybody else."""
        said = [entry["message"] for entry in self.logged("browser")]
        assert said == []
        log = [json.loads(entry["message"])["message"] for entry in self.logged("performance")]
        asked = {one["params"]["request"]["url"] for one in log if one["method"] == "Network.requestWillBeSent"}
        assert {url for url in asked if not url.startswith(ITSELF)} == set()
