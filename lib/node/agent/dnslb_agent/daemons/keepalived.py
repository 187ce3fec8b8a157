"""keepalived, which speaks VRRP: it writes its state to a file when it is asked by a signal."""

import contextlib
import os
import re
import signal
from typing import ClassVar, NamedTuple

from .. import drain, processes, tracked
from ..errors import Failure
from ..kernel import unsafe_settings
from ..manifest import Manifest, Service
from ..node import Node
from ..report import Deadline, complain
from .daemon import Afterwards, Change, Daemon, Vrrp, VrrpInstance, hang_up, settings_of

CHECKS_TIMEOUT = 3
ANSWER_TIMEOUT = 1
POLL = 0.02
INSTANCE = re.compile(r"^ VRRP Instance = (\S+)\n((?:  .*\n)*)", re.MULTILINE)
SCRIPT = re.compile(r"^ VRRP Script = (\S+)\n((?:  .*\n)*)", re.MULTILINE)
FIELD = re.compile(r"^   ([A-Z][a-z ]*) = ([^\s(]+)", re.MULTILINE)


class Settings(NamedTuple):
    # The files in which its two processes tell that they are there.
    pid: str
    vrrp_pid: str
    # The file of its state, in the directory that it has as TMPDIR.
    data: str


class Keepalived(Daemon):
    name = "keepalived"
    schema_1_settings: ClassVar[dict[str, str]] = {
        "pid": "{run}/keepalived-main.pid",
        "vrrpPid": "{run}/keepalived-vrrp.pid",
        "data": "{run}/keepalived.data",
    }

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        # The release may have been accepted in another network.
        problems = self.problems(live)
        if problems:
            raise Failure("; ".join(problems))
        # It tracks the switch, whether the watch has begun or not.
        drain.prepare(node)
        _forget_pids(settings_of(node, service, Settings))
        _await_checks(node, live)

    def environment(self, node: Node) -> dict[str, str]:
        return {"TMPDIR": node.run}

    def problems(self, candidate: Manifest) -> "list[str]":
        return unsafe_settings(candidate)

    def reload(self, change: Change) -> Afterwards:
        settings = settings_of(change.node, change.service, Settings)
        hang_up(change, all(os.path.exists(path) for path in (settings.pid, settings.vrrp_pid)))
        return None

    def vrrp(self, node: Node, service: Service) -> Vrrp | None:
        process = processes.find(node, self.name)
        if process is None:
            return None
        settings = settings_of(node, service, Settings)
        child = _child(settings, process.pid)
        if child is None or not processes.handles(process._replace(pid=child), signal.SIGUSR1):
            return None
        before = _written(settings)
        os.kill(child, signal.SIGUSR1)
        deadline = Deadline(ANSWER_TIMEOUT)
        last = before
        while deadline.pause(POLL):
            now = _written(settings)
            if now is not None and now != before and now == last:
                with open(settings.data, encoding="utf-8", errors="replace") as file:
                    return read(file.read())
            last = now
        return None


def read(text: str) -> Vrrp | None:
    """Reads its own words; nothing when they are others than we know."""
    try:
        instances = [_instance(name, _fields(block)) for name, block in INSTANCE.findall(text)]
        failed = [name for name, block in SCRIPT.findall(text) if _fields(block)["Status"] == "BAD"]
    except (KeyError, ValueError):
        return None
    return Vrrp(instances, failed)


def _instance(name: str, fields: dict[str, str]) -> VrrpInstance:
    effective, full = int(fields["Effective priority"]), int(fields["Priority"])
    return VrrpInstance(name, fields["State"].lower(), effective, full, float(fields["Last transition"]))


def _fields(block: str) -> dict[str, str]:
    return dict(reversed(FIELD.findall(block)))


def _child(settings: Settings, parent: int) -> int | None:
    """The process that speaks VRRP; its number could belong to another by now."""
    try:
        with open(settings.vrrp_pid, encoding="ascii") as file:
            child = int(file.read())
        with open(f"/proc/{child}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return child if int(fields[1]) == parent else None


def _written(settings: Settings) -> "tuple[int, int, int] | None":
    try:
        status = os.lstat(settings.data)
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size) if status.st_size > 0 else None


def _forget_pids(settings: Settings) -> None:
    """Removes pid files of one that is gone: others may have their numbers by now."""
    for path in (settings.pid, settings.vrrp_pid):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _await_checks(node: Node, live: Manifest) -> None:
    """Gives the watch a moment to say how the node does: a check that nobody has made yet has passed to keepalived."""
    deadline = Deadline(CHECKS_TIMEOUT)
    while not all(os.path.exists(node.at_run(tracked.check_file(check.name))) for check in live.watch.checks):
        if not deadline.pause(POLL):
            complain(f"{Keepalived.name} starts without what the watch knows, which does not run")
            return
