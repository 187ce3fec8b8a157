"""The daemons that this agent knows: one module and one line in the list for each."""

from ..errors import Failure
from ..manifest import Service
from .daemon import Afterwards, Change, Daemon, Vrrp, VrrpInstance, VrrpSpeaker
from .dnsdist import Dnsdist
from .haproxy import Haproxy
from .keepalived import Keepalived
from .nsd import Nsd
from .unbound import Unbound
from .watch import Watch

__all__ = ["Afterwards", "Change", "Daemon", "Vrrp", "VrrpInstance", "VrrpSpeaker"]

DAEMONS: list[Daemon] = [
    Haproxy(),
    Dnsdist(),
    Keepalived(),
    Watch(),
    Unbound(),
    Nsd(),
]
NAMES = [daemon.name for daemon in DAEMONS]


def of(service: Service) -> Daemon:
    """What there is to know of the daemon that a service is."""
    return named(service.name)


def named(name: str) -> Daemon:
    for daemon in DAEMONS:
        if daemon.name == name:
            return daemon
    raise Failure(f"this agent knows no daemon {name}, only {', '.join(NAMES)}")
