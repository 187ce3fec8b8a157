"""Taking a node or a single server out of service, and back."""

import os
from typing import List, Tuple

from . import dnsdist, haproxy, keepalived, users
from .errors import Failure
from .manifest import Manifest
from .node import Node
from .report import Deadline, complain

SWITCH = "drain"
DRAINED_SERVERS = "drained-servers"
# A drained node hands its addresses over within some adverts.
HANDOVER_TIMEOUT = 5
POLL = 0.05
LAST_ANSWERS = 0.3


def prepare(node: Node) -> None:
    """Makes the switch that keepalived tracks."""
    if not os.path.exists(node.at_run(SWITCH)):
        switch(node, False)


def switch(node: Node, drained: bool) -> None:
    """Lowers the node's priority, or gives it back."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
    # One write over the old one: keepalived looks whenever the file was closed, and must never see it empty.
    descriptor = os.open(node.at_run(SWITCH), flags, 0o644)
    try:
        os.write(descriptor, b"1\n" if drained else b"0\n")
    finally:
        os.close(descriptor)


def is_drained(node: Node) -> bool:
    try:
        with open(node.at_run(SWITCH), encoding="ascii", errors="replace") as file:
            return file.read().strip() == "1"
    except OSError:
        return False


def await_handover(node: Node) -> bool:
    """Waits until a drained node has no virtual address; false when it keeps one."""
    deadline = Deadline(HANDOVER_TIMEOUT)
    while keepalived.held(node):
        if not deadline.pause(POLL):
            return False
    Deadline(LAST_ANSWERS).pause(LAST_ANSWERS)
    return True


def find_server(live: Manifest, text: str, pool: "str | None") -> Tuple[str, str]:
    """Finds the pool of a server that was given as `server` or `pool/server`."""
    if pool is None and "/" in text:
        pool, text = text.split("/", 1)
    pools = [each.name for each in live.pools if text in each.servers]
    if pool is not None and pool not in pools:
        raise Failure(f"there is no server {text} in a pool {pool}")
    if not pools:
        raise Failure(f"there is no server {text}")
    if pool is None and len(pools) > 1:
        raise Failure(f"server {text} is in the pools {', '.join(pools)}; choose one with --pool")
    return pool or pools[0], text


def set_server(node: Node, live: Manifest, pool: str, server: str, drained: bool) -> None:
    """Lets every daemon that has a server send it nothing new, or send to it again."""
    reached = 0
    user = users.find(live.user)
    for backend in haproxy.backends_of(haproxy.servers(node, user), pool, server):
        haproxy.set_server(node, user, backend, server, "drain" if drained else "ready")
        reached += 1
    console = dnsdist.Console(node, user)
    known = console.servers()
    for name in (f"{pool}/{server}", f"{pool}:tcp/{server}"):
        if name in known:
            (console.drain if drained else console.undrain)(name)
            reached += 1
    if reached == 0:
        raise Failure("neither haproxy nor dnsdist answered with that server")


def drained_servers(node: Node) -> List[str]:
    """The servers that operators drained, as `pool/server`."""
    try:
        with open(node.at_run(DRAINED_SERVERS), encoding="utf-8") as file:
            return file.read().split()
    except OSError:
        return []


def note_server(node: Node, pool: str, server: str, drained: bool) -> None:
    """Remembers what operators want, because a reload of HAProxy forgets it."""
    names = set(drained_servers(node)) - {f"{pool}/{server}"}
    if drained:
        names.add(f"{pool}/{server}")
    fresh = node.at_run(f"{DRAINED_SERVERS}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "w") as file:
        file.write("".join(f"{name}\n" for name in sorted(names)))
    os.replace(fresh, node.at_run(DRAINED_SERVERS))


def keep_drained(node: Node, live: Manifest) -> None:
    """Drains again, after a change, what operators drained before."""
    for name in drained_servers(node):
        try:
            pool, server = find_server(live, name, None)
            set_server(node, live, pool, server, True)
        except Failure as failure:
            complain(f"{name} is not drained any more: {failure}")
