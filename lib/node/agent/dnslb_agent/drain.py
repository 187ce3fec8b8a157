"""Taking a node or a single server out of service, and back; what operators want so outlives changes and restarts."""

import os
from typing import List, Tuple

from . import dnsdist, haproxy, keepalived, tracked, users
from .errors import Failure
from .locking import locked
from .manifest import Manifest
from .node import Node
from .report import Deadline, complain, say

SWITCH = "drain"
# Lists what operators drained, in the state of the node: `node`, `pool/server`.
WANTED = "drained"
NODE = "node"
# A drained node hands its addresses over within some adverts.
HANDOVER_TIMEOUT = 5
POLL = 0.05
LAST_ANSWERS = 0.3


def prepare(node: Node) -> None:
    """Makes the switch that keepalived tracks, and puts it right unless a change goes on."""
    if not os.path.exists(node.at_run(SWITCH)):
        switch(node, is_wanted(node, NODE))
    put_right(node)


def put_right(node: Node) -> None:
    """Ends the drain of a change that was cut short, unless another change goes on."""
    try:
        with locked(node, 0):
            settle(node)
    except Failure:
        pass


def settle(node: Node) -> None:
    """Lets the node be drained as its operator wants it; only for who holds the lock, for a change drains too."""
    wanted = is_wanted(node, NODE)
    if os.path.exists(node.at_run(SWITCH)) and is_drained(node) != wanted:
        switch(node, wanted)
        say("node stays drained" if wanted else "node takes part again")


def switch(node: Node, drained: bool) -> None:
    """Lowers the node's priority, or gives it back."""
    tracked.write(node.at_run(SWITCH), int(drained))


def is_drained(node: Node) -> bool:
    return tracked.read(node.at_run(SWITCH)) == 1


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
    return [name for name in _wanted(node) if name != NODE]


def is_wanted(node: Node, name: str) -> bool:
    """Whether an operator drained the node, or a server as `pool/server`."""
    return name in _wanted(node)


def want(node: Node, name: str, drained: bool) -> None:
    """Remembers what operators want, because daemons forget it with a reload or restart."""
    names = set(_wanted(node)) - {name}
    if drained:
        names.add(name)
    fresh = node.at_state(f"{WANTED}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644), "w") as file:
        file.write("".join(f"{each}\n" for each in sorted(names)))
    os.replace(fresh, node.at_state(WANTED))


def keep_drained(node: Node, live: Manifest) -> None:
    """Drains again, after a change or a restart, the servers that operators drained before."""
    for name in drained_servers(node):
        try:
            pool, server = find_server(live, name, None)
        except Failure as failure:
            want(node, name, False)
            complain(f"{name} is not drained any more: {failure}")
            continue
        try:
            set_server(node, live, pool, server, True)
        except Failure as failure:
            complain(f"{name} is not drained: {failure}")


def await_and_keep(node: Node, live: Manifest, service: str, deadline: Deadline) -> None:
    """Drains again when a daemon that was just started can be told."""
    user = users.find(live.user)
    users.join(user)
    while not (haproxy.servers(node, user) if service == "haproxy" else dnsdist.Console(node, user).servers()):
        if not deadline.pause(POLL):
            raise Failure(f"{service} did not answer within {deadline.seconds:g} s")
    keep_drained(node, live)


def _wanted(node: Node) -> List[str]:
    try:
        with open(node.at_state(WANTED), encoding="utf-8") as file:
            return file.read().split()
    except OSError:
        return []
