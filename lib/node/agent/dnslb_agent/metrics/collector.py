"""Collects what the metrics of a node tell. Runs beside the daemons, and not while somebody waits for it."""

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Generic, TypeVar

from .. import (
    certificates,
    change,
    daemons,
    drain,
    last_change,
    mobility,
    node_files,
    outdated,
    processes,
    reader,
    refusals,
    release,
    servers,
    users,
    watch,
)
from ..errors import Failure
from ..manifest import Manifest, Pool, Service
from ..node import Node
from .measures import AddressMeasure, Fault, Measures
from .samples import Samples, label_text

# Seconds for which what changes seldom and costs much is not looked for again.
SELDOM = 30.0

Value = TypeVar("Value")


class Collector:
    """Collects one time after the other, and counts what happened in between."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._release = ""
        self._live: Manifest | None = None
        self._places: dict[str, list[_Transport]] = {}
        self._restarts = _Seldom[dict[str, bool]]({})
        self._validities = _Seldom[Sequence[certificates.Validity]](())
        # By service.
        self._faults: dict[str, _Seldom[Mapping[str, Fault]]] = {}
        # What was seen last, and how often it became another.
        self._up: dict[str, bool] = {}
        self._downs: dict[str, int] = {}
        # By service, the process that was asked last.
        self._asked: dict[str, processes.Process] = {}
        self._states: dict[str, str] = {}
        self._transitions: dict[str, int] = {}

    def text(self) -> str:
        """All metrics, as they are now."""
        begun = time.monotonic()
        samples = Samples()
        live = self._read_release()
        if live is not None:
            self._guarded(samples, "node", lambda: self._add_node(samples, live))
            self._guarded(samples, "packages", lambda: self._add_restarts(samples, live))
            self._guarded(samples, "changes", lambda: self._add_changes(samples))
            self._guarded(samples, "certificates", lambda: self._add_certificates(samples, live))
            self._guarded(samples, "watch", lambda: _add_checks(samples, self._node, live))
            self._guarded(samples, "addresses", lambda: self._add_addresses(samples, live))
            self._add_daemons(samples, live)
        samples.add("collection_duration_seconds", round(time.monotonic() - begun, 6))
        return samples.text()

    def _read_release(self) -> Manifest | None:
        """The live release; of a large one, to read it costs more than all the rest."""
        current = release.current(self._node)
        if current is None:
            return None
        if current != self._release:
            self._live = reader.read(self._node.release_path(current))
            self._places = _places(self._live)
            self._forget_servers()
            self._release = current
            self._restarts.forget()
            self._validities.forget()
            self._faults.clear()
            users.join_group(users.find(self._live.user))
        return self._live

    def _forget_servers(self) -> None:
        """Forgets those that the release does not have any more."""
        keys = {f"{name} {each}" for name, all_ in self._places.items() for one in all_ for each, _ in one.records}
        self._up = {key: is_up for key, is_up in self._up.items() if key in keys}
        self._downs = {key: count for key, count in self._downs.items() if key in keys}

    def _guarded(self, samples: Samples, source: str, add: Callable[[], None]) -> bool:
        """Adds what one source tells; what does not answer keeps no other from it."""
        try:
            add()
        except (Failure, OSError, ValueError):
            samples.add("source_up", 0, source)
            return False
        samples.add("source_up", 1, source)
        return True

    def _add_node(self, samples: Samples, live: Manifest) -> None:
        node = self._node
        samples.add("release_info", 1, live.workload, live.node, self._release, live.configuration or "")
        samples.add("release_timestamp_seconds", round(os.lstat(node.current_link).st_mtime, 3))
        for service in live.services:
            process = processes.find_running(node, service.name)
            samples.add("service_up", int(process is not None), service.name)
            if process is not None:
                samples.add("service_start_timestamp_seconds", round(time.time() - process.uptime), service.name)
        is_drained, is_wanted = drain.is_drained(node), drain.is_requested(node, drain.NODE)
        samples.add("node_drained", int(is_drained and is_wanted), "operator")
        samples.add("node_drained", int(is_drained and not is_wanted), "change")
        for each in live.out_of_service or []:
            samples.add("node_out_of_service", 1, each.name)
        for name in servers.drained_servers(node):
            samples.add("server_drained", 1, *name.split("/", 1))

    def _add_restarts(self, samples: Samples, live: Manifest) -> None:
        for name, is_due in self._restarts.value(lambda: outdated.restarts_due(self._node, live)).items():
            samples.add("restart_due", int(is_due), name)

    def _add_changes(self, samples: Samples) -> None:
        for kind, outcome in last_change.read(self._node).items():
            samples.add("change_last_timestamp_seconds", round(outcome.at, 3), kind)
            samples.add("change_last_success", int(outcome.success), kind)
        state = change.change_state(self._node)
        samples.add("change_under_way", int(state == "under way"))
        samples.add("change_cut_short", int(state == "cut short"))

    def _add_certificates(self, samples: Samples, live: Manifest) -> None:
        folder = self._node.release_path(self._release)
        for each in self._validities.value(lambda: certificates.validities(folder, live)):
            samples.add("certificate_not_before_seconds", each.not_before, each.listener, each.use)
            samples.add("certificate_not_after_seconds", each.not_after, each.listener, each.use)
        refused = refusals.read(self._node, live)
        listeners: dict[str, bool] = {}
        for certificate in node_files.certificates(live):
            listeners[certificate.listener] = listeners.get(certificate.listener, False) or certificate.path in refused
        for listener, is_refused in listeners.items():
            samples.add("certificate_refused", int(is_refused), listener)

    def _add_addresses(self, samples: Samples, live: Manifest) -> None:
        found = mobility.for_release(live).measure(self._node)
        for address, is_here in (found.here or {}).items():
            samples.add("address_here", int(is_here), address)
        for name, value, labels in found.values:
            samples.add(name, value, *labels)
        self._count_transitions(samples, found)
        peers = watch.peer_states(live) if found.peers is None else found.peers
        for peer, serves in peers.items():
            samples.add("peer_serves", int(serves), peer)
        if found.problem:
            raise Failure(found.problem)

    def _count_transitions(self, samples: Samples, found: AddressMeasure) -> None:
        states = {labels[0]: labels[1] for name, value, labels in found.values if name == "vrrp_state" and value == 1}
        for instance, state in states.items():
            before = self._states.get(instance, state)
            self._transitions[instance] = self._transitions.get(instance, 0) + int(before != state)
            samples.add("vrrp_transitions_total", self._transitions[instance], instance)
        # Of a daemon that does not answer, what was seen last counts on.
        self._states |= states

    def _add_daemons(self, samples: Samples, live: Manifest) -> None:
        for pool in live.pools:
            samples.add("pool_servers", len(pool.servers), pool.name)
        seen: dict[str, bool] = {}
        for service in live.services:
            daemon = daemons.for_service(service)
            if not daemon.has_measures:
                continue
            process = processes.find_running(self._node, service.name)
            if process is None:
                samples.add("source_up", 0, service.name)
                continue
            self._forget_if_new(service.name, process)
            self._guarded(samples, service.name, partial(self._add_daemon, samples, live, service, seen))
        # Of a daemon that does not answer, what was seen last counts on.
        self._up |= seen

    def _forget_if_new(self, name: str, process: processes.Process) -> None:
        """Servers that a daemon has just begun to probe have not gone down."""
        before = self._asked.get(name, process)
        if (before.pid, before.start_ticks) != (process.pid, process.start_ticks):
            self._up = {key: is_up for key, is_up in self._up.items() if not key.startswith(f"{name} ")}
        self._asked[name] = process

    def _add_daemon(self, samples: Samples, live: Manifest, service: Service, seen: dict[str, bool]) -> None:
        daemon = daemons.for_service(service)
        found = daemon.measure(self._node, service)
        if found is None:
            return
        self._add_servers(samples, service, found, seen, _drained(self._node, live, service))
        self._add_measures(samples, found)
        faults = self._faults.setdefault(service.name, _Seldom[Mapping[str, Fault]]({}))
        self._add_faults(samples, service, faults.value(lambda: daemon.faults(self._node, service)))

    def _add_measures(self, samples: Samples, found: Measures) -> None:
        for each in found.listeners:
            samples.add("listener_connections", each.connections, each.name)
            samples.add("listener_connections_limit", each.limit, each.name)
        for limit in found.limits:
            samples.add("limit_hits_total", limit.hits, limit.listener, limit.limit)
        if found.connections is not None:
            samples.add("connections", found.connections.now)
            samples.add("connections_limit", found.connections.limit)
        names = {pool.name for pool in self._live.pools} if self._live is not None else set[str]()
        for cache in found.caches:
            # Others are the same under further names.
            if cache.pool in names:
                samples.add("cache_entries", cache.entries, cache.pool)
                samples.add("cache_entries_limit", cache.limit, cache.pool)
                samples.add("cache_hits_total", cache.hits, cache.pool)
                samples.add("cache_misses_total", cache.misses, cache.pool)

    def _add_servers(
        self, samples: Samples, service: Service, found: Measures, seen: dict[str, bool], drained: Set[str]
    ) -> None:
        """Adds the servers of a daemon; those that are drained, by their names in it, do not go down."""
        prefix = f"{service.name} "
        # Once for each server: so there is no call in it that can be left out.
        ups, all_downs = samples.lines("server_up"), samples.lines("server_went_down_total")
        durations, latencies = samples.lines("server_check_duration_seconds"), samples.lines("server_latency_seconds")
        faults = samples.lines("server_fault")
        for transport in self._places.get(service.name, []):
            up = 0
            for name, labels in transport.records:
                server = found.servers.get(name)
                if server is None:
                    continue
                is_up, downs, duration, latency, fault = server
                key = prefix + name
                seen[key] = is_up
                if downs is None:
                    downs = self._downs.get(key, 0)
                    if not is_up and self._up.get(key, False) and name not in drained:
                        downs += 1
                    self._downs[key] = downs
                up += is_up
                ups.append(f"dnslb_server_up{labels} {is_up:d}\n")
                all_downs.append(f"dnslb_server_went_down_total{labels} {downs}\n")
                if duration is not None:
                    durations.append(f"dnslb_server_check_duration_seconds{labels} {duration}\n")
                if latency is not None:
                    latencies.append(f"dnslb_server_latency_seconds{labels} {latency}\n")
                if fault is not None:
                    faults.append(_fault_line(labels, fault))
            samples.add_labelled("pool_servers_up", up, transport.labels)
            if transport.fallback_below is not None:
                is_active = up < transport.fallback_below
                samples.add_labelled("pool_fallback_active", int(is_active), transport.labels)

    def _add_faults(self, samples: Samples, service: Service, found: Mapping[str, Fault]) -> None:
        """Those that a daemon does not tell with its measures."""
        if found:
            lines = samples.lines("server_fault")
            for transport in self._places.get(service.name, []):
                lines += [_fault_line(labels, found[name]) for name, labels in transport.records if name in found]


def _drained(node: Node, live: Manifest, service: Service) -> Set[str]:
    """The servers that an operator drained, by their names in a daemon."""
    wanted = set(servers.drained_servers(node))
    if not wanted:
        return frozenset()
    each = ((f"{pool.name}/{server.name}", server) for pool in live.pools for server in pool.servers)
    return {own for name, server in each if name in wanted for own in server.names.get(service.name, {}).values()}


def _fault_line(labels: str, fault: Fault) -> str:
    return f'dnslb_server_fault{labels[:-1]},reason="{fault}"}} 1\n'


class _Seldom(Generic[Value]):
    """What changes seldom and costs much."""

    def __init__(self, nothing: Value) -> None:
        self._value = nothing
        self._found_at = -math.inf

    def value(self, find: Callable[[], Value]) -> Value:
        now = time.monotonic()
        if now - self._found_at >= SELDOM:
            self._value = find()
            self._found_at = now
        return self._value

    def forget(self) -> None:
        self._found_at = -math.inf


class _Transport:
    """The servers of a pool in one daemon, as it reaches them by one transport."""

    def __init__(self, pool: Pool, judge: str, transport: str, fallback_below: int | None) -> None:
        self.labels = label_text("pool_servers_up", pool.name, judge, transport)
        self.fallback_below = fallback_below
        # By their names in the daemon, their labels.
        self.records: list[tuple[str, str]] = []


def _places(live: Manifest) -> "dict[str, list[_Transport]]":
    """By service: what it has of the servers. Labels are made once for each release."""
    found: dict[str, list[_Transport]] = {}
    for pool in live.pools:
        for service in servers.balancing_services(live):
            daemon = daemons.for_service(service)
            below = pool.fallback.below if pool.fallback is not None and daemon.chooses_fallback else None
            by_label: dict[str, _Transport] = {}
            for server in pool.servers:
                for label, name in server.names.get(service.name, {}).items():
                    transport = daemon.transport_of(pool.name, label)
                    if label not in by_label:
                        by_label[label] = _Transport(pool, service.name, transport, below)
                    labels = label_text("server_up", pool.name, server.name, service.name, transport)
                    by_label[label].records.append((name, labels))
            found.setdefault(service.name, []).extend(by_label.values())
    return found


def _add_checks(samples: Samples, node: Node, live: Manifest) -> None:
    failed = set(watch.failed_checks(node, live.watch))
    for name in _names(live):
        samples.add("check_failed", int(name in failed), name)
    age = watch.age(node, live.watch)
    if age is not None:
        samples.add("watch_age_seconds", age)


def _names(live: Manifest) -> Iterable[str]:
    return (check.name for check in live.watch.checks)
