"""The node at one time, as `top` shows it; nothing here waits, and nothing is written."""

from collections.abc import Mapping
from typing import NamedTuple

from ..mobility import MobilityStatus
from .activity import Clients
from .rates import Rates


class Known(NamedTuple):
    """What clients a daemon knows, and how many seconds ago it said so."""

    clients: Clients
    age: float


class Moment(NamedTuple):
    # Unix time.
    now: float
    load: tuple[float, float, float] | None
    release: str
    since: float
    # "under way" or "cut short".
    change: str | None
    drained: bool
    failed_checks: list[str]
    # Seconds since the watch has said that it makes the checks; None if it has not.
    watch_age: int | None
    # The services that do not run.
    stopped: list[str]
    # Where the addresses are, or why nobody can tell.
    addresses: MobilityStatus | str
    # As `pool/server`.
    drained_servers: frozenset[str]
    # By service; or why it tells nothing.
    rates: Mapping[str, Rates | str]
    clients: Mapping[str, Known | str]
    # Whether it lacks the rights to see all.
    is_restricted: bool = False
