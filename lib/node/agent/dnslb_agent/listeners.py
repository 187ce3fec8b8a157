"""Where a release listens, and whether its daemons could: asking the kernel first disturbs no daemon that runs."""

import errno
import ipaddress
import os
import re
import socket
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from . import configuration, manifest, services, users
from .errors import Failure
from .manifest import Manifest
from .node import Node
from .report import complain

HAPROXY_BIND = re.compile(r"^\s*bind\s+(\S+)(.*)$", re.MULTILINE)
HAPROXY_UNSHARED = re.compile(r"^\s*noreuseport\b", re.MULTILINE)
DNSDIST_LOCAL = re.compile(r"^\s*(?:set|add)Local\s*\(\s*\"([^\"]*)\"(.*)$", re.MULTILINE)
DNSDIST_SHARED = re.compile(r"\breusePort\s*=\s*true\b")
DNS_PORT = "53"
# Not in Python's socket module; the value is Linux's.
IP_FREEBIND = 15
# Other reasons to refuse a socket may hold for the agent and not for a daemon, or the other way round.
TELLING = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)


class Listener(NamedTuple):
    """A socket that a daemon binds. What this module does not understand is none, and left to the daemon."""

    address: str
    port: int
    # Whether it may be an address that is not here (yet).
    foreign: bool
    # Whether its user's other sockets may have it too.
    shared: bool
    v6only: bool
    udp: bool

    @property
    def place(self) -> Tuple[str, int]:
        return self.address, self.port

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def check(node: Node, folder: str, candidate: Manifest) -> None:
    """Refuses a release that would listen where another program does."""
    held = _held(node)
    refused: List[str] = []
    for service in candidate.services:
        fresh = [each for each in _read(service.name, folder) if each.place not in held]
        user = users.find(service.user)
        # As the daemon's user: sockets of one user may share a port.
        problems = users.acting(user, lambda: "\n".join(_problems(fresh, user.uid)), binds=True) if fresh else ""
        for problem in problems.splitlines():
            complain(f"{service.name}: {problem}")
        if problems:
            refused.append(service.name)
    if refused:
        raise Failure(f"{' and '.join(refused)} could not listen; nothing was changed")


def haproxy(text: str) -> List[Listener]:
    """What a configuration of HAProxy binds with TCP."""
    shared = HAPROXY_UNSHARED.search(text) is None
    found: List[Listener] = []
    for addresses, rest in HAPROXY_BIND.findall(text):
        words = rest.split("#")[0].split()
        if "interface" in words or "namespace" in words:
            continue
        foreign, v6only = "transparent" in words, "v6only" in words
        for address, port in (place for each in addresses.split(",") for place in _places(each, None)):
            found.append(Listener(address, port, foreign, shared, v6only, udp=False))
    return found


def dnsdist(text: str) -> List[Listener]:
    """What a configuration of dnsdist binds with UDP and TCP."""
    found: List[Listener] = []
    for where, rest in DNSDIST_LOCAL.findall(text):
        if "interface" not in rest:
            shared = DNSDIST_SHARED.search(rest) is not None
            for address, port in _places(where, DNS_PORT):
                found.append(Listener(address, port, foreign=True, shared=shared, v6only=True, udp=True))
    return found


READERS: Dict[str, Tuple[str, Callable[[str], List[Listener]]]] = {
    "haproxy": (configuration.HAPROXY, haproxy),
    "dnsdist": (configuration.DNSDIST, dnsdist),
}


def _read(service: str, folder: str) -> List[Listener]:
    if service not in READERS:
        return []
    pattern, reader = READERS[service]
    return reader(configuration.read(folder, pattern))


def _held(node: Node) -> Set[Tuple[str, int]]:
    """Where daemons of the live release listen now; whether they make room for one another is for them to say."""
    try:
        live = manifest.read(node.current)
    except Failure:
        return set()
    running = [service.name for service in live.services if services.find(node, service.name)]
    return {each.place for name in running for each in _read(name, node.current)}


def _places(text: str, port: Optional[str]) -> Iterator[Tuple[str, int]]:
    """The addresses and ports of `192.0.2.1:53`, `[::]:53`, `:::53`, `*:53`, `:53` or `192.0.2.1:53-55`."""
    host, colon, last = text.rpartition(":")
    if port is not None and (colon == "" or text.endswith("]") or (text.count(":") > 1 and "]" not in text)):
        host, last = text, port
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    first, _, end = last.partition("-")
    try:
        address = str(ipaddress.ip_address("0.0.0.0" if host in ("", "*") else host))
        ports = range(int(first), int(end or first) + 1)
    except ValueError:
        return
    yield from ((address, each) for each in ports if 0 < each < 65536)


def _problems(listeners: List[Listener], uid: int) -> Iterator[str]:
    for listener in listeners:
        try:
            _bind(listener, socket.SOCK_STREAM)
            # A UDP socket gets a share of what comes in at once, so it must not join others.
            if listener.udp and not _has_udp(uid, listener.port):
                _bind(listener._replace(shared=False), socket.SOCK_DGRAM)
        except OSError as error:
            if error.errno in TELLING:
                yield f"cannot bind {listener}: {os.strerror(error.errno).lower()}"


def _bind(listener: Listener, kind: socket.SocketKind) -> None:
    """Binds as the daemon does; nobody can connect to what does not listen."""
    with socket.socket(socket.AF_INET6 if ":" in listener.address else socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.shared:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if listener.foreign:
            probe.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)
        if listener.v6only and probe.family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(listener.place)


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
