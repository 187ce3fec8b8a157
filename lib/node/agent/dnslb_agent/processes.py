"""The processes of services: how they are found, signalled and stopped, whoever supervises them."""

import os
import signal
import time
from typing import NamedTuple

from . import files, users
from .errors import Failure
from .node import Node
from .report import Deadline, complain

POLL = 0.05
STOP_TIMEOUT = 10
STEADY = 0.3


class Process(NamedTuple):
    """A service as its supervisor started it; a pid alone could belong to another process by now."""

    pid: int
    started: str
    # Tells a start with another command or other listeners from this one.
    fingerprint: str
    # The release that it began with; it may have taken others since.
    release: str
    # When it became the daemon, in seconds since the machine was started.
    since: float

    @property
    def uptime(self) -> float:
        return _uptime() - self.since

    def alive(self) -> bool:
        return self.started != "" and _started(self.pid) == self.started

    def steady(self) -> bool:
        """Whether it has run for a moment; a daemon that fails at its start is there for less, again and again."""
        return self.alive() and _uptime() - self.since >= STEADY


def note(node: Node, name: str, fingerprint: str, release: str) -> None:
    """Notes that this process is about to become a service."""
    pid = os.getpid()
    lines = (pid, _started(pid), fingerprint, release, _uptime())
    files.replace(_path(node, name), "".join(f"{line}\n" for line in lines))


def find(node: Node, name: str) -> Process | None:
    """The process of a service, if it runs."""
    process = last(node, name)
    return process if process is not None and process.alive() else None


def last(node: Node, name: str) -> Process | None:
    """The process of a service that was started last."""
    try:
        with open(_path(node, name), encoding="utf-8") as file:
            pid, started, fingerprint, begun, since = [*file.read().split("\n"), "", "", "", "", ""][:5]
        return Process(int(pid), started, fingerprint, begun, float(since or 0))
    except (OSError, ValueError):
        return None


def handles(process: Process, number: signal.Signals) -> bool:
    """Whether a process has said what a signal shall do: sooner it would kill, or be lost."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            masks = dict(line.split(":", 1) for line in file if line.startswith("Sig"))
    except OSError:
        return False
    return any(int(masks[name], 16) >> (number - 1) & 1 for name in ("SigCgt", "SigBlk", "SigIgn"))


def send(process: Process, number: signal.Signals) -> None:
    """Signals a process, as its own user where root may not."""
    if not process.alive():
        return
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        owner = users.find(str(os.stat(f"/proc/{process.pid}").st_uid))
        users.acting(owner, lambda: str(os.kill(process.pid, number)))


def stop(name: str, process: Process) -> None:
    """Ends a process; its supervisor starts it again."""
    send(process, signal.SIGTERM)
    deadline = Deadline(STOP_TIMEOUT)
    while process.alive():
        if not deadline.pause(POLL):
            complain(f"{name} did not stop within {STOP_TIMEOUT} s and was killed")
            send(process, signal.SIGKILL)
            break


def await_start(node: Node, name: str, stopped: Process, deadline: Deadline) -> None:
    """Waits until a supervisor started a service again, be it that it has died since."""
    while last(node, name) in (None, stopped):
        if not deadline.pause(POLL):
            raise Failure(f"{name} was not started again within {deadline.seconds:g} s; is it supervised?")


def _path(node: Node, name: str) -> str:
    return node.at_run(f"{name}.pid")


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _started(pid: int) -> str:
    """When a process was started, in ticks since the machine was; empty when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
