"""What keepalived makes of a node: it writes its state to a file when it is asked by a signal."""

import os
import re
import signal
from typing import Dict, List, NamedTuple, Optional

from . import services, watch
from .manifest import Manifest, PoolWatch
from .node import Node
from .report import Deadline

PID = "keepalived-vrrp.pid"
# In the directory that keepalived has as TMPDIR.
DATA = "keepalived.data"
ANSWER_TIMEOUT = 1
POLL = 0.02
INSTANCE = re.compile(r"^ VRRP Instance = (\S+)\n((?:  .*\n)*)", re.MULTILINE)
SCRIPT = re.compile(r"^ VRRP Script = (\S+)\n((?:  .*\n)*)", re.MULTILINE)
FIELD = re.compile(r"^   ([A-Z][a-z ]*) = ([^\s(]+)", re.MULTILINE)
# For all questions to nodes that may be away.
PEERS_TIMEOUT = 2


class Instance(NamedTuple):
    name: str
    state: str
    priority: int
    # What it would be if nothing were wrong.
    full_priority: int
    # When it became what it is, in seconds since 1970.
    since: float


class Vrrp(NamedTuple):
    instances: List[Instance]
    failed_checks: List[str]


def ask(node: Node, live: Manifest) -> Optional[Vrrp]:
    """The state of every instance; nothing when keepalived does not tell."""
    service = live.service("keepalived")
    process = services.find(node, "keepalived")
    if service is None or process is None:
        return None
    child = _child(node, process.pid)
    if child is None or not services.hears(node, service, process._replace(pid=child), signal.SIGUSR1):
        return None
    before = _written(node)
    os.kill(child, signal.SIGUSR1)
    deadline = Deadline(ANSWER_TIMEOUT)
    last = before
    while deadline.pause(POLL):
        now = _written(node)
        if now is not None and now != before and now == last:
            with open(node.at_run(DATA), encoding="utf-8", errors="replace") as file:
                return read(file.read())
        last = now
    return None


def read(text: str) -> Optional[Vrrp]:
    """Reads keepalived's own words; nothing when they are others than we know."""
    try:
        instances = [_instance(name, _fields(block)) for name, block in INSTANCE.findall(text)]
        failed = [name for name, block in SCRIPT.findall(text) if _fields(block)["Status"] == "BAD"]
    except (KeyError, ValueError):
        return None
    return Vrrp(instances, failed)


def peers(live: Manifest) -> Dict[str, bool]:
    """Whether the other nodes say that a pool of theirs has a live server; one that is silent may also be away."""
    if live.watch is None:
        return {}
    found: Dict[str, bool] = {}
    deadline = Deadline(PEERS_TIMEOUT)
    for check in live.watch.checks:
        if isinstance(check, PoolWatch) and not found.get(check.peer) and deadline.pause(0):
            found[check.peer] = watch.has_servers(check, check.peer, live.watch.timeout)
    return found


def _instance(name: str, fields: Dict[str, str]) -> Instance:
    effective, full = int(fields["Effective priority"]), int(fields["Priority"])
    return Instance(name, fields["State"].lower(), effective, full, float(fields["Last transition"]))


def _fields(block: str) -> Dict[str, str]:
    return {key: value for key, value in reversed(FIELD.findall(block))}


def _child(node: Node, parent: int) -> Optional[int]:
    """The process that speaks VRRP; its number could belong to another by now."""
    try:
        with open(node.at_run(PID), encoding="ascii") as file:
            child = int(file.read())
        with open(f"/proc/{child}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return child if int(fields[1]) == parent else None


def _written(node: Node) -> "Optional[tuple[int, int, int]]":
    try:
        status = os.lstat(node.at_run(DATA))
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size) if status.st_size > 0 else None
