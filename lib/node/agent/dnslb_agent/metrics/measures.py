"""What a daemon tells of itself for metrics."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

# Why probes of a server fail: it answers wrongly, says nothing in time, takes no connection, or anything else.
Fault = Literal["answer", "silence", "connection", "other"]


class ServerMeasure(NamedTuple):
    """A server as a daemon judges it."""

    is_up: bool
    # How often it went down, where the daemon counts that.
    went_down: int | None = None
    # How long the last probe took, and answers take in the mean; in seconds.
    check_duration: float | None = None
    latency: float | None = None
    # What its probes find wrong, where the daemon tells that with the rest.
    fault: Fault | None = None


class ListenerMeasure(NamedTuple):
    """Connections of a listener, and how many it may have."""

    name: str
    connections: int
    limit: int


class LimitMeasure(NamedTuple):
    """How often a limit of a listener or a frontend refused something."""

    listener: str
    limit: str
    hits: int


class CacheMeasure(NamedTuple):
    """The cache of a pool."""

    pool: str
    entries: int
    limit: int
    hits: int
    misses: int


class Connections(NamedTuple):
    """Connections of all listeners together, and how many they may have."""

    now: int
    limit: int


class Measures(NamedTuple):
    """All that a daemon tells."""

    # By their names in the daemon.
    servers: Mapping[str, ServerMeasure] = {}
    listeners: Sequence[ListenerMeasure] = ()
    limits: Sequence[LimitMeasure] = ()
    caches: Sequence[CacheMeasure] = ()
    connections: Connections | None = None


class AddressMeasure(NamedTuple):
    """Where the addresses of the node are."""

    # Whether the node has, or announces, each of them; None if that is unknown.
    here: Mapping[str, bool] | None
    # By the addresses of other nodes, whether they serve; None where the watch asks them.
    peers: Mapping[str, bool] | None
    # Name, value and labels of further metrics.
    values: Sequence[tuple[str, float | None, tuple[str, ...]]] = ()
    # Who does not tell what is missing here; empty if nothing is.
    problem: str = ""
