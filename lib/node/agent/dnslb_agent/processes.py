"""The processes of services: records of them in the run directory, signals, stopping. The supervisor may be any."""

import os
import signal
import time
from typing import NamedTuple

from . import files, progress, users
from .errors import Failure
from .log import Deadline, log_error
from .node import Node

POLL = 0.05
STOP_TIMEOUT = 10
STABLE_AFTER = 0.3


class Process(NamedTuple):
    """A process of a service. The kernel may reuse the pid; together with the start time it is unique."""

    pid: int
    start_ticks: str
    # See `services.fingerprint`.
    fingerprint: str
    # The release that it started with; later ones may have been loaded since.
    release: str
    # When it executed the daemon, in seconds since the boot of the machine.
    since: float

    @property
    def uptime(self) -> float:
        return _uptime() - self.since

    def is_alive(self) -> bool:
        return self.start_ticks != "" and _start_ticks(self.pid) == self.start_ticks

    def is_stable(self) -> bool:
        """Whether it has run for a moment. A daemon that fails at its start never has, however often it is started."""
        return self.is_alive() and _uptime() - self.since >= STABLE_AFTER


def record(node: Node, name: str, fingerprint: str, release: str) -> None:
    """Records this process as the one of a service, before it executes the daemon."""
    pid = os.getpid()
    lines = (pid, _start_ticks(pid), fingerprint, release, _uptime())
    files.write_atomically(_path(node, name), "".join(f"{line}\n" for line in lines))


def find_running(node: Node, name: str) -> Process | None:
    """The process of a service; None if it is not running."""
    process = read_record(node, name)
    return process if process is not None and process.is_alive() else None


def read_record(node: Node, name: str) -> Process | None:
    """The process of a service that was started last, running or not."""
    try:
        with open(_path(node, name), encoding="utf-8") as file:
            pid, started, fingerprint, begun, since = [*file.read().split("\n"), "", "", "", "", ""][:5]
        return Process(int(pid), started, fingerprint, begun, float(since or 0))
    except (OSError, ValueError):
        return None


def handles_signal(process: Process, number: signal.Signals) -> bool:
    """Whether a process catches, blocks or ignores a signal. Before it does, the signal would kill it."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            masks = dict(line.split(":", 1) for line in file if line.startswith("Sig"))
    except OSError:
        return False
    return any(int(masks[name], 16) >> (number - 1) & 1 for name in ("SigCgt", "SigBlk", "SigIgn"))


def send_signal(process: Process, number: signal.Signals) -> None:
    """Sends a signal; as the user of the process if root lacks the capability for it."""
    if not process.is_alive():
        return
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        owner = users.find(str(os.stat(f"/proc/{process.pid}").st_uid))
        users.run_as(owner, lambda: str(os.kill(process.pid, number)))


def stop(name: str, process: Process) -> None:
    """Stops a process by SIGTERM, and by SIGKILL if it does not end. Its supervisor starts it again."""
    send_signal(process, signal.SIGTERM)
    deadline = Deadline(STOP_TIMEOUT)
    with progress.step(f"waiting until {name} has stopped", STOP_TIMEOUT):
        while process.is_alive():
            if not deadline.pause(POLL):
                log_error(f"{name} did not stop within {STOP_TIMEOUT} s and was killed")
                send_signal(process, signal.SIGKILL)
                break


def wait_for_start(node: Node, name: str, stopped: Process, deadline: Deadline) -> None:
    """Waits until the supervisor has started a service again, even if that process has ended since."""
    with progress.step(f"waiting until {name} is started again", deadline.seconds):
        while read_record(node, name) in (None, stopped):
            if not deadline.pause(POLL):
                raise Failure(f"{name} was not started again within {deadline.seconds:g} s; is it supervised?")


def _path(node: Node, name: str) -> str:
    return node.run_path(f"{name}.pid")


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _start_ticks(pid: int) -> str:
    """The start time of a process, in clock ticks since boot; empty if the process has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
