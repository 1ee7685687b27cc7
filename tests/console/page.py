"""The page in a browser, as tests handle it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from alerting.console.static_files import STATIC

WORDS = {name: json.loads((STATIC / "i18n" / f"{name}.json").read_text()) for name in ("zh", "en")}
ITSELF = ("http://127.0.0.1:", "about:", "chrome:", "data:")
"""The page, and what the browser has inside it."""
WAIT_S: Final = 60.0
Done = TypeVar("Done")
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


def settled(driver: Chrome, act: Callable[[], Done]) -> Done:
    """What comes of an act, which is tried again where the page was drawn anew in the middle of it."""
    waiting = WebDriverWait(driver, WAIT_S, 0.05, (StaleElementReferenceException, NoSuchElementException))
    return waiting.until(lambda _: (act(),))[0]


class Part:
    """The first element of the page that a selector finds, looked for anew each time that something is done with it."""

    def __init__(self, driver: Chrome, *path: str) -> None:
        self._driver, self._path = driver, path

    def one(self, selector: str) -> Part:
        """The first within it."""
        return Part(self._driver, *self._path, selector)

    @property
    def text(self) -> str:
        return self._do(lambda element: element.text)

    def click(self) -> None:
        self._do(lambda element: element.click())

    def send_keys(self, *keys: str) -> None:
        self._do(lambda element: element.send_keys(*keys))

    def get_attribute(self, name: str) -> str | None:
        return self._do(lambda element: element.get_attribute(name))

    def is_displayed(self) -> bool:
        return self._do(lambda element: element.is_displayed())

    def _do(self, act: Callable[[WebElement], Done]) -> Done:
        return settled(self._driver, lambda: act(self._found()))

    def _found(self) -> WebElement:
        return self._driver.find_element(By.CSS_SELECTOR, " ".join(self._path))


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

    def wait(self, script: str) -> Any:
        return WebDriverWait(self.driver, WAIT_S, poll_frequency=0.05).until(lambda _: self.run(script))

    def one(self, selector: str) -> Part:
        return Part(self.driver, selector)

    def texts(self, selector: str) -> list[str]:
        return settled(
            self.driver, lambda: [element.text for element in self.driver.find_elements(By.CSS_SELECTOR, selector)]
        )

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
