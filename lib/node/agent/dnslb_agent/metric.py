"""A metric of the agent's own."""

from collections.abc import Mapping
from typing import NamedTuple


class Metric(NamedTuple):
    """A metric whose value changes while a release is live."""

    name: str
    help: str
    # "gauge" or "counter".
    kind: str
    # The first one tells it apart from others of its name.
    labels: Mapping[str, str]
    # None if it is unknown.
    value: float | None

    @property
    def key(self) -> str:
        return "/".join((self.name, *list(self.labels.values())[:1]))

    @property
    def text(self) -> str:
        return "NaN" if self.value is None else f"{self.value:g}"
