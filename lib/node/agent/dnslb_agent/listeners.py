"""Whether the daemons of a release could listen where it says: asking the kernel first disturbs no daemon that runs."""

import errno
import os
import socket
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from . import daemons, processes, reader, users
from .errors import Failure
from .manifest import Listener, Manifest
from .node import Node
from .report import complain

# Not in Python's socket module; the value is Linux's.
IP_FREEBIND = 15
# Other reasons to refuse a socket may hold for the agent and not for a daemon, or the other way round.
TELLING = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)


class Endpoint(NamedTuple):
    transport: str
    address: str
    port: int


def check(node: Node, candidate: Manifest) -> None:
    """Refuses a release that would listen where another program does."""
    live = _live_listeners(node)
    held = {_endpoint(each) for listeners in live.values() for each in listeners or []}
    refused: list[str] = []
    for service in candidate.services:
        # Of a daemon that runs, nobody may know where it listens: then it is for itself to say.
        is_known = live.get(service.name, []) is not None
        fresh = [each for each in service.listeners if is_known and _endpoint(each) not in held]
        user = users.find(service.user)
        # As the daemon's user: sockets of one user may share a port.
        problems = users.acting(user, partial(_problem_text, fresh, user.uid), binds=True) if fresh else ""
        for problem in problems.splitlines():
            complain(f"{service.name}: {problem}")
        if problems:
            refused.append(service.name)
    if refused:
        raise Failure(f"{' and '.join(refused)} could not listen; nothing was changed")


def _live_listeners(node: Node) -> dict[str, list[Listener] | None]:
    """
    Where the daemons that run listen by the live release, which a change need not ask for; whether they make room for
    one another is for them to say. Nothing for one of which the release does not say it, as schema 1 did not.
    """
    try:
        live = reader.read(node.current)
    except Failure:
        # A release of a newer agent: its daemons may run on.
        names = [daemon for daemon in daemons.NAMES if processes.find(node, daemon)]
        return dict.fromkeys(names)
    running = [service for service in live.services if processes.find(node, service.name)]
    return {service.name: service.listeners or None for service in running}


def _endpoint(listener: Listener) -> Endpoint:
    return Endpoint(listener.transport, listener.address, listener.port)


def _problem_text(listeners: list[Listener], uid: int) -> str:
    return "\n".join(_problems(listeners, uid))


def _problems(listeners: list[Listener], uid: int) -> Iterator[str]:
    told: set[str] = set()
    for listener in listeners:
        try:
            _bind(listener, uid)
        except OSError as error:
            problem = f"cannot bind {listener}: {os.strerror(error.errno or 0).lower()}"
            # TCP and UDP of one endpoint are one problem.
            if error.errno in TELLING and problem not in told:
                told.add(problem)
                yield problem


def _bind(listener: Listener, uid: int) -> None:
    """Binds as the daemon does; nobody can connect to what does not listen."""
    tcp = listener.transport == "tcp"
    # A UDP socket gets a share of what comes in at once, so it must not join others.
    if not tcp and listener.shared and _has_udp(uid, listener.port):
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


def _has_udp(uid: int, port: int) -> bool:
    """Whether a user has a UDP port already, at whatever address."""
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[1:]]
        except OSError:
            continue
        if any(int(row[1].rpartition(":")[2], 16) == port and int(row[7]) == uid for row in rows):
            return True
    return False
