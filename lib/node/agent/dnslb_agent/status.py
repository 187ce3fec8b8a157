"""What a node and its daemons do now."""

import json
import os
import time
from typing import Dict, List, TypedDict, Union

from . import change, dnsdist, drain, haproxy, keepalived, manifest, release, services, users, vrrp, watch
from .errors import Failure
from .manifest import Manifest
from .node import Node


class ServiceState(TypedDict):
    name: str
    running: bool
    pid: Union[int, None]
    # In seconds.
    uptime: Union[int, None]


class InstanceState(TypedDict):
    name: str
    state: str
    since: str
    priority: int
    fullPriority: int


class VrrpState(TypedDict):
    instances: List[InstanceState]
    failedChecks: List[str]


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
    configuration: Union[str, None]
    # "under way" or "cut short".
    change: Union[str, None]
    drained: bool
    # "operator" or "change".
    drainedBy: Union[str, None]
    addresses: Union[List[str], None]
    vrrp: Union[VrrpState, None]
    peers: Dict[str, bool]
    services: List[ServiceState]
    pools: List[PoolState]


def collect(node: Node) -> Status:
    """Asks everything on the node that can tell."""
    name = release.current(node)
    if name is None:
        raise Failure("this node has no release yet")
    live = manifest.read(node.current)
    drained = drain.is_drained(node)
    by = "operator" if drain.is_wanted(node, drain.NODE) else "change"
    return {
        "loadBalancer": live.load_balancer,
        "node": live.node,
        "release": name,
        "since": _moment(os.lstat(node.current).st_mtime),
        "previous": release.previous(node),
        "configuration": live.configuration or None,
        "change": change.under_way(node),
        "drained": drained,
        "drainedBy": by if drained else None,
        "addresses": keepalived.held(node),
        "vrrp": _vrrp(node, live),
        "peers": vrrp.peers(live),
        "services": [_service(node, service.name) for service in live.services],
        "pools": _pools(node, live),
    }


def show(node: Node, as_json: bool) -> str:
    status = collect(node)
    if as_json:
        return json.dumps(status, indent=2)
    drained = {"operator": " (drained)", "change": " (drained by a change)", None: ""}[status["drainedBy"]]
    configuration = status["configuration"]
    lines = [
        f"{status['loadBalancer']} {status['node']}{drained}",
        f"release {status['release']} since {status['since']}, before it {status['previous'] or 'none'}",
        *([f"configuration {configuration}, the same on every node that does the same"] if configuration else []),
        *_change_lines(status["change"]),
        *_vrrp_lines(status),
        *(_service_line(service) for service in status["services"]),
    ]
    for pool in status["pools"]:
        for server in pool["servers"]:
            states = [f"haproxy {name} {state}" for name, state in sorted(server["haproxy"].items())]
            states += [f"dnsdist {name} {state}" for name, state in sorted(server["dnsdist"].items())]
            drained = " (drained)" if server["drained"] else ""
            lines.append(f"{pool['name']}/{server['name']}{drained}: {', '.join(states) or 'unknown'}")
    return "\n".join(lines)


def _change_lines(state: Union[str, None]) -> List[str]:
    if state is None:
        return []
    return [f"a change is {state}" if state == "under way" else "a change was cut short: roll back, or apply again"]


def _vrrp_lines(status: Status) -> List[str]:
    if not any(service["name"] == "keepalived" for service in status["services"]):
        return []
    addresses, known = status["addresses"], status["vrrp"]
    lines = [f"virtual addresses here: {'unknown' if addresses is None else ', '.join(addresses) or 'none'}"]
    if known is None:
        lines.append("VRRP: unknown")
    else:
        for each in known["instances"]:
            priority = f"priority {each['priority']} of {each['fullPriority']}"
            lines.append(f"VRRP {each['name']}: {each['state']} since {each['since']}, {priority}")
        lines.append(f"failed checks: {', '.join(known['failedChecks']) or 'none'}")
    for address, answers in status["peers"].items():
        lines.append(f"peer {address}: {'serves' if answers else 'silent: away, or without a live pool'}")
    return lines


def _service_line(service: ServiceState) -> str:
    if service["uptime"] is None:
        return f"{service['name']}: not running"
    return f"{service['name']}: process {service['pid']}, up {_span(service['uptime'])}"


def _span(seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days > 0:
        return f"{days} d {hours % 24} h"
    if hours > 0:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes > 0 else f"{seconds} s"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _service(node: Node, name: str) -> ServiceState:
    process = services.find(node, name)
    return {
        "name": name,
        "running": process is not None,
        "pid": process.pid if process else None,
        "uptime": int(process.uptime) if process else None,
    }


def _vrrp(node: Node, live: Manifest) -> Union[VrrpState, None]:
    known = vrrp.ask(node, live)
    if known is None:
        return None
    instances: List[InstanceState] = [
        {
            "name": each.name,
            "state": each.state,
            "since": _moment(each.since),
            "priority": each.priority,
            "fullPriority": each.full_priority,
        }
        for each in known.instances
    ]
    return {"instances": instances, "failedChecks": [*watch.failed(node, live.watch), *known.failed_checks]}


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
