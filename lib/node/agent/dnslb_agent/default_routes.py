"""
The default routes of the node beside those that its routers announce. The kernel takes those of the lowest metric, and
what an engine or an administrator has set has none by default: no router that dies would be left.
"""

import itertools
from typing import NamedTuple

from .commands import run
from .errors import Failure
from .interfaces import ROUTE_FLAGS
from .log import log_info

# Of the routes that routers announce.
ANNOUNCED = 32
# The last resort, when no router announces one.
LAST = 1024
TIMEOUT = 5
FAMILIES = ("-4", "-6")


class _Route(NamedTuple):
    family: str
    # As `ip route show` prints it, and `ip route add` takes it.
    words: list[str]

    def value(self, key: str) -> str | None:
        return next((value for word, value in itertools.pairwise(self.words) if word == key), None)

    @property
    def metric(self) -> int:
        return int(self.value("metric") or 0)

    def __str__(self) -> str:
        place = " ".join(f"{key} {value}" for key in ("via", "dev") if (value := self.value(key)))
        return f"the default route {place or ' '.join(self.words)} has the metric {self.metric}"


def problems(protocol: str) -> list[str]:
    """The default routes that the kernel prefers to those that routers announce, which are of a protocol."""
    return [
        f"{route}, and the node would not use those that its routers announce: give it one above {ANNOUNCED}"
        for route in _outranking(protocol)
    ]


def move_back(protocol: str) -> None:
    """Gives those a metric by which they come last."""
    for route in _outranking(protocol):
        words = list(route.words)
        if "metric" in words:
            at = words.index("metric")
            del words[at : at + 2]
        place, *way = words
        # The other one first, so that the node always has one.
        _ip(route.family, "route", "replace", place, "metric", str(LAST), *way)
        _ip(route.family, "route", "del", place, "metric", str(route.metric), *way)
        log_info(f"{route}: it has {LAST} now, so that routers' own come first")


def _outranking(protocol: str) -> list[_Route]:
    found: list[_Route] = []
    for family in FAMILIES:
        for line in _ip(family, "-o", "route", "show", "default").splitlines():
            # With several ways, they follow after a backslash.
            words = [word for word in line.replace("\\", " ").split() if word not in ROUTE_FLAGS]
            route = _Route(family, words)
            if route.value("proto") != protocol and route.metric <= ANNOUNCED:
                found.append(route)
    return found


def _ip(*words: str) -> str:
    outcome = run(["ip", *words], TIMEOUT)
    if outcome.status != 0:
        raise Failure(f"ip {' '.join(words)}: {outcome.output.strip() or f'status {outcome.status}'}")
    return outcome.output
