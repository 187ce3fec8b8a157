"""What a node and its daemons do now."""

import json
import os
import time
from typing import Dict, List, TypedDict, Union

from . import dnsdist, drain, haproxy, keepalived, manifest, release, services, users
from .errors import Failure
from .manifest import Manifest
from .node import Node


class ServiceState(TypedDict):
    name: str
    running: bool
    pid: Union[int, None]


class ServerState(TypedDict):
    name: str
    drained: bool
    haproxy: Dict[str, str]
    dnsdist: Dict[str, str]


class PoolState(TypedDict):
    name: str
    servers: List[ServerState]


class Status(TypedDict):
    loadBalancer: str
    node: str
    release: str
    since: str
    previous: Union[str, None]
    drained: bool
    addresses: Union[List[str], None]
    services: List[ServiceState]
    pools: List[PoolState]


def collect(node: Node) -> Status:
    """Asks everything on the node that can tell."""
    name = release.current(node)
    if name is None:
        raise Failure("this node has no release yet")
    live = manifest.read(node.current)
    since = time.gmtime(os.lstat(node.current).st_mtime)
    return {
        "loadBalancer": live.load_balancer,
        "node": live.node,
        "release": name,
        "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", since),
        "previous": release.previous(node),
        "drained": drain.is_drained(node),
        "addresses": keepalived.held(node),
        "services": [_service(node, service.name) for service in live.services],
        "pools": _pools(node, live),
    }


def show(node: Node, as_json: bool) -> str:
    status = collect(node)
    if as_json:
        return json.dumps(status, indent=2)
    addresses = status["addresses"]
    lines = [
        f"{status['loadBalancer']} {status['node']}{' (drained)' if status['drained'] else ''}",
        f"release {status['release']} since {status['since']}, before it {status['previous'] or 'none'}",
        f"virtual addresses here: {'unknown' if addresses is None else ', '.join(addresses) or 'none'}",
    ]
    for service in status["services"]:
        process = f"process {service['pid']}" if service["running"] else "not running"
        lines.append(f"{service['name']}: {process}")
    for pool in status["pools"]:
        for server in pool["servers"]:
            states = [f"haproxy {name} {state}" for name, state in sorted(server["haproxy"].items())]
            states += [f"dnsdist {name} {state}" for name, state in sorted(server["dnsdist"].items())]
            drained = " (drained)" if server["drained"] else ""
            lines.append(f"{pool['name']}/{server['name']}{drained}: {', '.join(states) or 'unknown'}")
    return "\n".join(lines)


def _service(node: Node, name: str) -> ServiceState:
    process = services.find(node, name)
    return {"name": name, "running": process is not None, "pid": process.pid if process else None}


def _pools(node: Node, live: Manifest) -> List[PoolState]:
    user = users.find(live.user)
    users.join(user)
    rows = haproxy.servers(node, user) if services.find(node, "haproxy") else []
    known = dnsdist.Console(node, user).servers() if services.find(node, "dnsdist") else {}
    drained = drain.drained_servers(node)
    pools: List[PoolState] = []
    for pool in live.pools:
        servers: List[ServerState] = []
        for server in pool.servers:
            backends = haproxy.backends_of(rows, pool.name, server)
            # A server reached by TLS is one to dnsdist, whatever its clients speak.
            ids = {"udp": f"{pool.name}/{server}", "tcp": f"{pool.name}:tcp/{server}"}
            servers.append(
                {
                    "name": server,
                    "drained": f"{pool.name}/{server}" in drained,
                    "haproxy": {backend: _state(rows, backend, server) for backend in backends},
                    "dnsdist": {name: known[each] for name, each in ids.items() if each in known},
                }
            )
        pools.append({"name": pool.name, "servers": servers})
    return pools


def _state(rows: List[Dict[str, str]], backend: str, server: str) -> str:
    for row in rows:
        if row.get("pxname") == backend and row.get("svname") == server:
            return row.get("status") or "unknown"
    return "unknown"
