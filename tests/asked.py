"""What a service tells of itself: its health and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

_PATIENCE_S: Final = 60.0


class Asked:
    """The port of a process where it answers /health and /metrics."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def is_well(self) -> bool:
        """Whether it answers, and its health is good."""
        try:
            return httpx.get(f"{self._url}/health", timeout=_PATIENCE_S).is_success
        except httpx.HTTPError:
            return False

    def health(self) -> tuple[int, dict[str, str]]:
        """Its status and what each check says."""
        answer = httpx.get(f"{self._url}/health", timeout=_PATIENCE_S)
        return answer.status_code, answer.json()["checks"]

    def total(self, name: str, **labels: str) -> float:
        """The sum of a figure over what has these labels; 0 where nothing does, or nobody answers."""
        return sum(one.value for one in self._samples(name) if labels.items() <= one.labels.items())

    def by_label(self, name: str, label: str) -> dict[str, float]:
        """A figure by one of its labels."""
        return {one.labels[label]: one.value for one in self._samples(name)}

    def _samples(self, name: str) -> Iterator[Sample]:
        try:
            text: Any = httpx.get(f"{self._url}/metrics", timeout=_PATIENCE_S).text
        except httpx.HTTPError:
            return
        for family in text_string_to_metric_families(text):
            yield from (one for one in family.samples if one.name == name)
