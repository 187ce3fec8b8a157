"""The daemons that this agent knows: one module, and one line of the list, for each."""

from ..errors import Failure
from ..manifest import Service
from .bird import Bird
from .daemon import (
    BgpDaemon,
    BgpSessionState,
    CacheState,
    Cleanup,
    Daemon,
    Flush,
    Flushed,
    ReloadRequest,
    VrrpDaemon,
    VrrpInstance,
    VrrpState,
)
from .dnsdist import Dnsdist
from .haproxy import Haproxy
from .keepalived import Keepalived
from .nsd import Nsd
from .unbound import Unbound
from .watch import Watch

__all__ = [
    "BgpDaemon",
    "BgpSessionState",
    "CacheState",
    "Cleanup",
    "Daemon",
    "Flush",
    "Flushed",
    "ReloadRequest",
    "VrrpDaemon",
    "VrrpInstance",
    "VrrpState",
]

DAEMONS: list[Daemon] = [
    Haproxy(),
    Dnsdist(),
    Keepalived(),
    Bird(),
    Watch(),
    Unbound(),
    Nsd(),
]
NAMES = [daemon.name for daemon in DAEMONS]


def for_service(service: Service) -> Daemon:
    """The daemon that a service runs."""
    return by_name(service.name)


def by_name(name: str) -> Daemon:
    for daemon in DAEMONS:
        if daemon.name == name:
            return daemon
    raise Failure(f"this agent knows no daemon {name}, only {', '.join(NAMES)}")
