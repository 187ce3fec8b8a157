"""The command `status`: the state of a node, its daemons and the servers of its pools."""

import json
import os
from collections.abc import Sequence
from typing import TypedDict, cast

from . import (
    caches,
    certificates,
    change,
    drain,
    mobility,
    node_files,
    outdated,
    processes,
    reader,
    refusals,
    release,
    servers,
    watch,
)
from .daemons import CacheState
from .errors import Failure
from .log import iso8601, one_line
from .manifest import Manifest, Service
from .mobility import MobilityStatus
from .node import Node


class ServiceState(TypedDict):
    name: str
    running: bool
    pid: int | None
    # In seconds.
    uptime: int | None
    # The names of the files that it runs or has loaded and that were replaced since; None if that is unknown.
    outdated: list[str] | None


# The fields `name` and `drained`; and by service, the states of the server by the name of its record.
ServerState = dict[str, object]


class ListenerState(TypedDict):
    # "dns", "dot" or "pass-through".
    kind: str
    port: int


class FrontendState(TypedDict):
    name: str
    addresses: list[str]
    listeners: list[ListenerState]
    # "direct" or "inspected".
    tcpPath: str


class PoolState(TypedDict):
    name: str
    servers: list[ServerState]


class CertificateState(TypedDict):
    listener: str
    # "server" or "clients".
    use: str
    notBefore: str
    notAfter: str
    # "valid", "renew", "overdue", "expired" or "not yet valid".
    state: str


class NodeFileState(TypedDict):
    # The path in the release, and on the node.
    path: str
    source: str
    # "live", "changed" or "unreadable".
    state: str


class RefusalState(TypedDict):
    listener: str
    sources: list[str]
    reason: str


class Status(TypedDict):
    loadBalancer: str
    node: str
    release: str
    since: str
    previous: str | None
    configuration: str | None
    # "under way" or "cut short".
    change: str | None
    drained: bool
    # "operator" or "change".
    drainedBy: str | None
    addresses: Sequence[str] | None
    failedChecks: list[str]
    peers: dict[str, bool]
    # The names of the nodes that are out of service as the release says, whether they answer or not.
    outOfService: list[str]
    services: list[ServiceState]
    frontends: list[FrontendState]
    pools: list[PoolState]
    caches: list[CacheState]
    certificates: list[CertificateState]
    # The files of the node that the release has copies of, and the certificates among them that are not taken.
    nodeFiles: list[NodeFileState]
    refusedCertificates: list[RefusalState]


class _Snapshot:
    """The state of the node at one time."""

    def __init__(self, node: Node) -> None:
        name = release.current(node)
        if name is None:
            raise Failure("this node has no release yet")
        live = reader.read(node.current_link)
        drained = drain.is_drained(node)
        by = "operator" if drain.is_requested(node, drain.NODE) else "change"
        self.report: MobilityStatus = mobility.for_release(live).status(node)
        self.validities = certificates.validities(node.current_link, live)
        self.files = {each: node_files.state(node.current_link, each) for each in live.node_files or []}
        refused = refusals.read(node, live)
        watched = node_files.certificates(live)
        self.refused = [(each, refused[each.path]) for each in watched if each.path in refused]
        self.others = node_files.others(live)
        self.names_out_of_service = {each.address: each.name for each in live.out_of_service or []}
        self.status: Status = {
            "loadBalancer": live.workload,
            "node": live.node,
            "release": name,
            "since": iso8601(os.lstat(node.current_link).st_mtime),
            "previous": release.previous(node),
            "configuration": live.configuration,
            "change": change.change_state(node),
            "drained": drained,
            "drainedBy": by if drained else None,
            "addresses": self.report.addresses,
            "failedChecks": [*watch.failed_checks(node, live.watch), *self.report.failed_checks],
            "peers": watch.peer_states(live) if self.report.peers is None else dict(self.report.peers),
            "outOfService": [each.name for each in live.out_of_service or []],
            "services": [_service(node, service) for service in live.services],
            "frontends": [
                {
                    "name": each.name,
                    "addresses": each.addresses,
                    "listeners": [{"kind": listener.kind, "port": listener.port} for listener in each.listeners],
                    "tcpPath": each.tcp_path,
                }
                for each in live.frontends or []
            ],
            "pools": _pools(node, live),
            "caches": caches.states(node, live),
            "certificates": [
                {
                    "listener": each.listener,
                    "use": each.use,
                    "notBefore": iso8601(each.not_before),
                    "notAfter": iso8601(each.not_after),
                    "state": each.state,
                }
                for each in self.validities
            ],
            "nodeFiles": [
                {"path": each.path, "source": each.source, "state": state} for each, state in self.files.items()
            ],
            "refusedCertificates": [
                {"listener": each.listener, "sources": [file.source for file in each.files], "reason": reason}
                for each, reason in self.refused
            ],
        }


def show(node: Node, as_json: bool) -> str:
    collected = _Snapshot(node)
    status = collected.status
    if as_json:
        return json.dumps({**status, **collected.report.details}, indent=2)
    drained = {"operator": " (drained)", "change": " (drained by a change)", None: ""}[status["drainedBy"]]
    configuration = status["configuration"]
    out = " (out of service)" if status["node"] in status["outOfService"] else ""
    lines = [
        f"{status['loadBalancer']} {status['node']}{drained}{out}",
        f"release {status['release']} since {status['since']}, before it {status['previous'] or 'none'}",
        *([f"configuration {configuration}, the same on every node that does the same"] if configuration else []),
        *_change_lines(status["change"]),
        *collected.report.lines,
        f"failed checks: {', '.join(status['failedChecks']) or 'none'}",
        *(
            _peer_line(address, answers, collected.names_out_of_service.get(address))
            for address, answers in status["peers"].items()
            # Others have been told of with the addresses, unless they are out of service.
            if collected.report.peers is None or address in collected.names_out_of_service
        ),
        *(_certificate_line(each) for each in collected.validities),
        *(f"WARNING: {refusals.sentence(each, reason)}" for each, reason in collected.refused),
        *(
            f"warning: {each.source} is {collected.files[each]}; {each.path} is as before until: reload-secrets"
            for each in collected.others
            if collected.files[each] != "live"
        ),
        *(_service_line(service) for service in status["services"]),
        *(_frontend_line(frontend) for frontend in status["frontends"]),
        *(_server_line(pool["name"], server) for pool in status["pools"] for server in pool["servers"]),
        *(caches.sentence(each) for each in status["caches"]),
    ]
    return "\n".join(lines)


def _certificate_line(validity: certificates.Validity) -> str:
    use = "certificate" if validity.use == "server" else "authorities of clients"
    return validity.warning() or f"{validity.listener}: {use} until {iso8601(validity.not_after)}"


def _change_lines(state: str | None) -> list[str]:
    if state is None:
        return []
    return [f"a change is {state}" if state == "under way" else "a change was cut short: roll back, or apply again"]


def _peer_line(address: str, answers: bool, out_of_service: str | None) -> str:
    if out_of_service is not None:
        state = "back, and serves what it had" if answers else "silent"
        return f"peer {address}: {out_of_service} is out of service, gets no changes; {state}"
    return f"peer {address}: {'serves' if answers else 'silent: away, or without a live pool'}"


def _frontend_line(frontend: FrontendState) -> str:
    listeners = ", ".join(f"{each['kind']} {each['port']}" for each in frontend["listeners"])
    addresses = ", ".join(frontend["addresses"])
    return f"frontend {frontend['name']}: {listeners} at {addresses}, TCP {frontend['tcpPath']}"


def _server_line(pool: str, server: ServerState) -> str:
    states = [
        f"{service} {record} {one_line(state)}"
        for service, records in server.items()
        if isinstance(records, dict)
        for record, state in sorted(cast(dict[str, str], records).items())
    ]
    drained = " (drained)" if server["drained"] else ""
    return f"{pool}/{server['name']}{drained}: {', '.join(states) or 'unknown'}"


def _service_line(service: ServiceState) -> str:
    if service["uptime"] is None:
        return f"{service['name']}: not running"
    line = f"{service['name']}: process {service['pid']}, up {_format_duration(service['uptime'])}"
    old = service["outdated"]
    return f"{line}; RESTART DUE, older than installed: {one_line(', '.join(old))}" if old else line


def _format_duration(seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days > 0:
        return f"{days} d {hours % 24} h"
    if hours > 0:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes > 0 else f"{seconds} s"


def _service(node: Node, service: Service) -> ServiceState:
    process = processes.find_running(node, service.name)
    return {
        "name": service.name,
        "running": process is not None,
        "pid": process.pid if process else None,
        "uptime": int(process.uptime) if process else None,
        "outdated": outdated.outdated_files(node, service),
    }


def _pools(node: Node, live: Manifest) -> list[PoolState]:
    states = servers.server_states(node, live)
    drained = servers.drained_servers(node)
    return [
        {
            "name": pool.name,
            "servers": [
                {
                    "name": server.name,
                    "drained": f"{pool.name}/{server.name}" in drained,
                    **{
                        service: {
                            record: known[name]
                            for record, name in server.names.get(service, {}).items()
                            if name in known
                        }
                        for service, known in states.items()
                    },
                }
                for server in pool.servers
            ],
        }
        for pool in live.pools
    ]
