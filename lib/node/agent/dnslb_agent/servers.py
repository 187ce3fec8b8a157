"""The servers of pools: their states in every daemon of the node, and draining them."""

from . import daemons, drain, processes, users
from .errors import Failure
from .log import Deadline, log_error
from .manifest import Manifest, Server, Service
from .node import Node

POLL = 0.05
# Names in a message.
SHOWN = 20

# States by service and, in it, by the name of the server in that service.
ServerStates = dict[str, dict[str, str]]


def find(live: Manifest, text: str, pool: str | None) -> tuple[str, Server]:
    """Finds a server, given as `server` or `pool/server`, and its pool."""
    if pool is None and "/" in text:
        pool, text = text.split("/", 1)
    found = [(each.name, server) for each in live.pools for server in each.servers if server.name == text]
    if pool is not None:
        found = [(name, server) for name, server in found if name == pool]
        if not found:
            raise Failure(f"there is no server {text} in a pool {pool}; there are {_all_servers(live)}")
    if not found:
        raise Failure(f"there is no server {text}; there are {_all_servers(live)}")
    if len(found) > 1:
        raise Failure(f"server {text} is in the pools {', '.join(name for name, _ in found)}; choose one with --pool")
    return found[0]


def _all_servers(live: Manifest) -> str:
    names = [f"{pool.name}/{server.name}" for pool in live.pools for server in pool.servers]
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more]) or "none"


def server_states(node: Node, live: Manifest) -> ServerStates:
    """The states of all servers in every service that balances over servers; empty for one that does not run."""
    users.join_group(users.find(live.user))
    return {
        service.name: daemons.for_service(service).servers(node, service)
        if processes.find_running(node, service.name)
        else {}
        for service in balancing_services(live)
    }


def balancing_services(live: Manifest) -> list[Service]:
    """The services that send queries to servers."""
    return [service for service in live.services if daemons.for_service(service).has_servers]


def set_drained(node: Node, live: Manifest, server: Server, drained: bool) -> None:
    """Drains or undrains a server in every daemon that has it."""
    users.join_group(users.find(live.user))
    reached = 0
    for service in balancing_services(live):
        daemon = daemons.for_service(service)
        known = daemon.servers(node, service)
        for name in server.names.get(service.name, {}).values():
            if name in known:
                daemon.set_drained(node, service, name, drained)
                reached += 1
    if reached == 0:
        raise Failure(f"no running daemon of this node has the server {server.name}")


def drained_servers(node: Node) -> list[str]:
    """The servers that an operator drained, as `pool/server`."""
    return [name for name in drain.requests(node) if "/" in name]


def reapply_drains(node: Node, live: Manifest) -> None:
    """Drains again, after a change or a restart, the servers that an operator had drained."""
    for name in drained_servers(node):
        try:
            _, server = find(live, name, None)
        except Failure as failure:
            drain.set_requested(node, name, False)
            log_error(f"{name} is no longer drained: {failure}")
            continue
        try:
            set_drained(node, live, server, True)
        except Failure as failure:
            log_error(f"{name} could not be drained again: {failure}")


def wait_and_reapply_drains(node: Node, live: Manifest, name: str, deadline: Deadline) -> None:
    """Waits until a daemon that has just started shows its servers, and drains them again."""
    service = live.service(name)
    if service is None:
        return
    users.join_group(users.find(live.user))
    while not daemons.for_service(service).servers(node, service):
        if not deadline.pause(POLL):
            raise Failure(f"{name} did not answer within {deadline.seconds:g} s")
    reapply_drains(node, live)
