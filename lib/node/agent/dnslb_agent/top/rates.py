"""How fast counters grow: the difference of two readings by the time between them."""

from collections.abc import Mapping
from typing import NamedTuple

from .activity import Activity, ListenerActivity, ServerActivity


class Reading(NamedTuple):
    """What a daemon counted, and when, by the monotonic clock."""

    at: float
    activity: Activity


class ServerRates(NamedTuple):
    """A server in a daemon; in a second, and now. None is what is not known."""

    is_up: bool
    queries: float | None
    failures: float | None
    went_down: int | None
    outstanding: int | None
    connections: int | None
    latency: float | None


class ListenerRates(NamedTuple):
    queries: float | None
    opened: float | None
    refused: float | None
    connections: int | None
    limit: int | None


class Rates(NamedTuple):
    """What passes through a daemon, in a second."""

    servers: Mapping[str, ServerRates]
    listeners: Mapping[str, ListenerRates]
    totals: Mapping[str, float | None]


NO_SERVER, NO_LISTENER = ServerActivity(False), ListenerActivity()


def rates(before: Reading | None, now: Reading) -> Rates:
    """The rates between two readings. Without one before, there are none, only what is so now."""
    seconds = 0.0 if before is None else now.at - before.at
    # Another process has counted from 0 since some time after the reading before.
    earlier = before.activity if before is not None and before.activity.run == now.activity.run else Activity("")

    def per_second(count: int | None, counted: int | None) -> float | None:
        return _per_second(count, counted, seconds)

    servers: dict[str, ServerRates] = {}
    for name, each in now.activity.servers.items():
        old = earlier.servers.get(name, NO_SERVER)
        queries, failures = per_second(old.queries, each.queries), per_second(old.failures, each.failures)
        servers[name] = ServerRates(
            each.is_up, queries, failures, each.went_down, each.outstanding, each.connections, each.latency
        )
    listeners: dict[str, ListenerRates] = {}
    for name, listener in now.activity.listeners.items():
        was = earlier.listeners.get(name, NO_LISTENER)
        listeners[name] = ListenerRates(
            per_second(was.queries, listener.queries),
            per_second(was.opened, listener.opened),
            per_second(was.refused, listener.refused),
            listener.connections,
            listener.limit,
        )
    totals = {name: per_second(earlier.totals.get(name), count) for name, count in now.activity.totals.items()}
    return Rates(servers, listeners, totals)


def _per_second(before: int | None, now: int | None, seconds: float) -> float | None:
    """
    What was counted in a second. A counter that was not there before, or that is less than before, began anew at 0: it
    counted what it has.
    """
    if now is None or seconds <= 0:
        return None
    return (now if before is None or now < before else now - before) / seconds
