"""Checks before a change that the kernel would let the daemons of a release bind their listeners."""

import errno
import os
import socket
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from . import daemons, processes, reader, users
from .errors import Failure
from .log import log_error
from .manifest import Listener, Manifest
from .node import Node

# From linux/in.h; Python's socket module lacks it.
IP_FREEBIND = 15
# Other errors may concern the agent and not the daemon: they decide nothing.
CONCLUSIVE_ERRORS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)


class Endpoint(NamedTuple):
    transport: str
    address: str
    port: int


def check_listeners(node: Node, candidate: Manifest) -> None:
    """Refuses a release if another program holds one of its endpoints."""
    live = _live_listeners(node)
    held = {_endpoint(each) for listeners in live.values() for each in listeners or []}
    refused: list[str] = []
    for service in candidate.services:
        # If it is not known where a running daemon listens, its own reload decides.
        is_known = live.get(service.name, []) is not None
        fresh = [each for each in service.listeners if is_known and _endpoint(each) not in held]
        user = users.find(service.user)
        # As the user of the daemon: with SO_REUSEPORT, sockets of one user may share a port.
        problems = users.run_as(user, partial(_problem_text, fresh, user.uid), binds=True) if fresh else ""
        for problem in problems.splitlines():
            log_error(f"{service.name}: {problem}")
        if problems:
            refused.append(service.name)
    if refused:
        raise Failure(f"{' and '.join(refused)} could not listen; nothing was changed")


def _live_listeners(node: Node) -> dict[str, list[Listener] | None]:
    """
    The listeners of the running daemons by the live release: these are not checked, because the daemons hold them. None
    for a daemon whose listeners are unknown: a release of schema 1 does not name them.
    """
    try:
        live = reader.read(node.current_link)
    except Failure:
        # A newer agent stored the release: its daemons may still run.
        names = [daemon for daemon in daemons.NAMES if processes.find_running(node, daemon)]
        return dict.fromkeys(names)
    running = [service for service in live.services if processes.find_running(node, service.name)]
    return {service.name: service.listeners or None for service in running}


def _endpoint(listener: Listener) -> Endpoint:
    return Endpoint(listener.transport, listener.address, listener.port)


def _problem_text(listeners: list[Listener], uid: int) -> str:
    return "\n".join(_problems(listeners, uid))


def _problems(listeners: list[Listener], uid: int) -> Iterator[str]:
    told: set[str] = set()
    for listener in listeners:
        try:
            _try_bind(listener, uid)
        except OSError as error:
            problem = f"cannot bind {listener}: {os.strerror(error.errno or 0).lower()}"
            # TCP and UDP of one endpoint are reported once.
            if error.errno in CONCLUSIVE_ERRORS and problem not in told:
                told.add(problem)
                yield problem


def _try_bind(listener: Listener, uid: int) -> None:
    """Binds like the daemon, and closes the socket. It never listens, so that no client connects to it."""
    tcp = listener.transport == "tcp"
    # With SO_REUSEPORT a bound UDP socket receives a share of the datagrams at once, and they would be lost.
    if not tcp and listener.shared and _uses_udp_port(uid, listener.port):
        return
    family = socket.AF_INET6 if ":" in listener.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as probe:
        if tcp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if listener.shared:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if listener.foreign:
            probe.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(listener.v6only))
        probe.bind((listener.address, listener.port))


def _uses_udp_port(uid: int, port: int) -> bool:
    """Whether a user has a socket on a UDP port, at any address."""
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[1:]]
        except OSError:
            continue
        if any(int(row[1].rpartition(":")[2], 16) == port and int(row[7]) == uid for row in rows):
            return True
    return False
