"""A metric of the agent's own."""

from collections.abc import Mapping
from typing import NamedTuple


class Metric(NamedTuple):
    """A metric whose value changes while a release is live."""

    name: str
    help: str
    # "gauge" or "counter".
    kind: str
    labels: Mapping[str, str]
    # None if it is unknown.
    value: float | None

    @property
    def key(self) -> str:
        return "/".join((self.name, *self.labels.values()))

    @property
    def text(self) -> str:
        return "NaN" if self.value is None else f"{self.value:g}"
