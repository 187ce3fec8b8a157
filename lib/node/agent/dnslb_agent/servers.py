"""The servers of pools, to all daemons of the node that have them: their states, and taking one out of service."""

from . import daemons, drain, processes, users
from .errors import Failure
from .manifest import Manifest, Server, Service
from .node import Node
from .report import Deadline, complain

POLL = 0.05

# States by service and, in it, by the name that the service has for a server.
States = dict[str, dict[str, str]]


def find(live: Manifest, text: str, pool: str | None) -> tuple[str, Server]:
    """Finds the pool of a server that was given as `server` or `pool/server`."""
    if pool is None and "/" in text:
        pool, text = text.split("/", 1)
    found = [(each.name, server) for each in live.pools for server in each.servers if server.name == text]
    if pool is not None:
        found = [(name, server) for name, server in found if name == pool]
        if not found:
            raise Failure(f"there is no server {text} in a pool {pool}")
    if not found:
        raise Failure(f"there is no server {text}")
    if len(found) > 1:
        raise Failure(f"server {text} is in the pools {', '.join(name for name, _ in found)}; choose one with --pool")
    return found[0]


def states(node: Node, live: Manifest) -> States:
    """What every daemon that has servers says of them; of one that does not run, nothing."""
    users.join(users.find(live.user))
    return {
        service.name: daemons.of(service).servers(node, service) if processes.find(node, service.name) else {}
        for service in balancers(live)
    }


def balancers(live: Manifest) -> list[Service]:
    """The services that send queries to servers."""
    return [service for service in live.services if daemons.of(service).has_servers]


def set_drained(node: Node, live: Manifest, server: Server, drained: bool) -> None:
    """Lets every daemon that has a server send it nothing new, or send to it again."""
    users.join(users.find(live.user))
    reached = 0
    for service in balancers(live):
        daemon = daemons.of(service)
        known = daemon.servers(node, service)
        for name in server.names.get(service.name, {}).values():
            if name in known:
                daemon.set_drained(node, service, name, drained)
                reached += 1
    if reached == 0:
        raise Failure("no daemon of this node answered with that server")


def drained(node: Node) -> list[str]:
    """The servers that operators drained, as `pool/server`."""
    return [name for name in drain.wanted(node) if name != drain.NODE]


def keep_drained(node: Node, live: Manifest) -> None:
    """Drains again, after a change or a restart, the servers that operators drained before."""
    for name in drained(node):
        try:
            _, server = find(live, name, None)
        except Failure as failure:
            drain.want(node, name, False)
            complain(f"{name} is not drained any more: {failure}")
            continue
        try:
            set_drained(node, live, server, True)
        except Failure as failure:
            complain(f"{name} is not drained: {failure}")


def await_and_keep(node: Node, live: Manifest, name: str, deadline: Deadline) -> None:
    """Drains again when a daemon that was just started can be told."""
    service = live.service(name)
    if service is None:
        return
    users.join(users.find(live.user))
    while not daemons.of(service).servers(node, service):
        if not deadline.pause(POLL):
            raise Failure(f"{name} did not answer within {deadline.seconds:g} s")
    keep_drained(node, live)
