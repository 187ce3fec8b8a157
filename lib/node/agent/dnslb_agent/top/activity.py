"""What a daemon counts, as `top` reads it twice to tell how fast it grows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# The names of the totals. Answers to clients, and those of three codes; and what became of queries otherwise.
QUERIES, NOERROR, NXDOMAIN, SERVFAIL = "queries", "NOERROR", "NXDOMAIN", "SERVFAIL"
ANSWERS, TRUNCATED, DROPPED, TIMEOUTS, CACHED = "answers", "truncated", "dropped", "timeouts", "cached"
# Queries by which the node checks itself; they are among the others.
OWN_CHECKS = "own checks"


class ServerActivity(NamedTuple):
    """A server behind, as a daemon has it. None is what the daemon does not tell."""

    is_up: bool
    # Counters.
    queries: int | None = None
    failures: int | None = None
    went_down: int | None = None
    # Now; the latency is in seconds.
    outstanding: int | None = None
    connections: int | None = None
    latency: float | None = None


class ListenerActivity(NamedTuple):
    """A listener or a frontend."""

    # Counters.
    queries: int | None = None
    opened: int | None = None
    refused: int | None = None
    # Connections now.
    connections: int | None = None
    limit: int | None = None


class Activity(NamedTuple):
    """All that a daemon counts, at one time."""

    # Tells the process apart from the one before a restart or reload, whose counters were others.
    run: str
    # By their names in the daemon.
    servers: Mapping[str, ServerActivity] = {}
    listeners: Mapping[str, ListenerActivity] = {}
    totals: Mapping[str, int] = {}


class AskingClient(NamedTuple):
    """A client, and how many of its queries are remembered, and answers of two kinds."""

    address: str
    queries: int
    nxdomain: int
    servfail: int


class AskingClients(NamedTuple):
    """Who asked in the last seconds, as far back as the daemon remembers."""

    # None if it is not worth its cost to find out; a minute is the most.
    seconds: int | None
    # Of all clients, and how many these are.
    queries: int
    clients: int
    # Those with the most queries.
    busiest: Sequence[AskingClient]


class ConnectedClient(NamedTuple):
    """
    A client, or the network that counts as one, with its connections, unless they are too few to be told; those opened
    in a second, if that is known.
    """

    address: str
    connections: int | None
    opened: float | None


class ConnectedClients(NamedTuple):
    """Who is connected, the most connections first."""

    clients: Sequence[ConnectedClient]
    # Those with no more connections than this to a listener are left out.
    more_than: int = 0


class Clients(NamedTuple):
    """The busiest clients of a daemon. None is what it does not tell."""

    asking: AskingClients | None = None
    connected: ConnectedClients | None = None
