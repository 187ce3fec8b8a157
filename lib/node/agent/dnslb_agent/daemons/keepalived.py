"""keepalived, the VRRP daemon. It writes its state to a file on SIGUSR1."""

import contextlib
import os
import re
import signal
from typing import ClassVar, NamedTuple

from .. import drain, packet_filter, processes, track_files
from ..errors import Failure
from ..kernel import unsafe_sysctls
from ..log import Deadline, log_error
from ..manifest import Manifest, Service
from ..node import Node
from .daemon import Cleanup, Daemon, ReloadRequest, VrrpInstance, VrrpState, reload_by_sighup, service_settings

CHECKS_TIMEOUT = 3
ANSWER_TIMEOUT = 1
POLL = 0.02
INSTANCE = re.compile(r"^ VRRP Instance = (\S+)\n((?:  .*\n)*)", re.MULTILINE)
SCRIPT = re.compile(r"^ VRRP Script = (\S+)\n((?:  .*\n)*)", re.MULTILINE)
FIELD = re.compile(r"^   ([A-Z][a-z ]*) = ([^\s(]+)", re.MULTILINE)


class Settings(NamedTuple):
    # The pid files of its two processes.
    pid: str
    vrrp_pid: str
    # The file of its state, in its TMPDIR.
    data: str
    # The file of the release with the packet filter of adverts; releases of earlier versions have none.
    filter: str | None = None


class Keepalived(Daemon):
    name = "keepalived"
    schema_1_settings: ClassVar[dict[str, str]] = {
        "pid": "{run}/keepalived-main.pid",
        "vrrpPid": "{run}/keepalived-vrrp.pid",
        "data": "{run}/keepalived.data",
    }

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        # The sysctls may have changed since the release was checked.
        problems = self.node_problems(live)
        if problems:
            raise Failure("; ".join(problems))
        # keepalived tracks the drain file; the watch, which also creates it, may start later.
        drain.create_drain_file(node)
        settings = service_settings(node, service, Settings)
        _remove_pid_files(settings)
        _filter_adverts(node.current_link, settings, live)
        _wait_for_checks(node, live)

    def environment(self, node: Node, service: Service) -> dict[str, str]:
        return {"TMPDIR": os.path.dirname(service_settings(node, service, Settings).data)}

    def node_problems(self, candidate: Manifest) -> "list[str]":
        return unsafe_sysctls(candidate)

    def file_problems(self, service: Service, folder: str) -> "list[str]":
        path = service.settings.get("filter")
        return [] if path is None else packet_filter.problems(folder, path)

    def clear(self, live: Manifest) -> None:
        packet_filter.remove(live.node)

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        settings = service_settings(request.node, request.service, Settings)
        _wait_for_checks(request.node, request.manifest)
        _filter_adverts(request.folder, settings, request.manifest)
        reload_by_sighup(request, all(os.path.exists(path) for path in (settings.pid, settings.vrrp_pid)))
        return None

    def vrrp(self, node: Node, service: Service) -> VrrpState | None:
        process = processes.find_running(node, self.name)
        if process is None:
            return None
        settings = service_settings(node, service, Settings)
        child = _vrrp_process(settings, process.pid)
        if child is None or not processes.handles_signal(process._replace(pid=child), signal.SIGUSR1):
            return None
        before = _data_file_version(settings)
        os.kill(child, signal.SIGUSR1)
        deadline = Deadline(ANSWER_TIMEOUT)
        last = before
        while deadline.pause(POLL):
            now = _data_file_version(settings)
            if now is not None and now != before and now == last:
                with open(settings.data, encoding="utf-8", errors="replace") as file:
                    return parse_state(file.read())
            last = now
        return None


def parse_state(text: str) -> VrrpState | None:
    """Parses the state file; None if its format is unknown."""
    try:
        instances = [_instance(name, _fields(block)) for name, block in INSTANCE.findall(text)]
        failed = [name for name, block in SCRIPT.findall(text) if _fields(block)["Status"] == "BAD"]
    except (KeyError, ValueError):
        return None
    return VrrpState(instances, failed)


def _instance(name: str, fields: dict[str, str]) -> VrrpInstance:
    effective, full = int(fields["Effective priority"]), int(fields["Priority"])
    return VrrpInstance(name, fields["State"].lower(), effective, full, float(fields["Last transition"]))


def _fields(block: str) -> dict[str, str]:
    return dict(reversed(FIELD.findall(block)))


def _vrrp_process(settings: Settings, parent: int) -> int | None:
    """The pid of the VRRP process; None if the pid in the file belongs to another process by now."""
    try:
        with open(settings.vrrp_pid, encoding="ascii") as file:
            child = int(file.read())
        with open(f"/proc/{child}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return child if int(fields[1]) == parent else None


def _data_file_version(settings: Settings) -> "tuple[int, int, int] | None":
    try:
        status = os.lstat(settings.data)
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size) if status.st_size > 0 else None


def _filter_adverts(folder: str, settings: Settings, live: Manifest) -> None:
    """Lets the kernel drop the adverts that the daemon would refuse: each of them delays its own."""
    if settings.filter is None:
        packet_filter.remove(live.node)
        return
    try:
        packet_filter.load(folder, settings.filter)
    except Failure as failure:
        log_error(f"forged VRRP adverts are not filtered, so that a flood of them may move the addresses: {failure}")


def _remove_pid_files(settings: Settings) -> None:
    """Removes old pid files: their pids may belong to other processes by now."""
    for path in (settings.pid, settings.vrrp_pid):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _wait_for_checks(node: Node, live: Manifest) -> None:
    """Waits for the first results of the watch: keepalived considers a check without a result as passed."""
    deadline = Deadline(CHECKS_TIMEOUT)
    while not all(os.path.exists(track_files.check_path(node, live.watch, check.name)) for check in live.watch.checks):
        if not deadline.pause(POLL):
            log_error(
                f"{Keepalived.name} goes on without results of the watch: there are none after {CHECKS_TIMEOUT} s"
            )
            return
