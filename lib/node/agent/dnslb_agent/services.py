"""The daemons of a node as processes: how they are started, found, signalled and restarted."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from typing import List, NamedTuple, NoReturn, Optional

from . import dnsdist, drain, keepalived, known_servers, manifest, release, tracked, users
from .commands import environment
from .errors import Failure
from .manifest import DnsdistConsole, Manifest, Service
from .node import Node
from .report import Deadline, complain

POLL = 0.05
RUN_MODE = 0o3770
DATA_MODE = 0o2770
STOP_TIMEOUT = 10
STEADY = 0.3
CHECKS_TIMEOUT = 3
# Listens nowhere.
WATCH = "watch"
# What these daemons know of drained servers, they forget with every start.
FORGETFUL = ("haproxy", "dnsdist")
PID_OPTIONS = ("-p", "--pid", "-r", "--vrrp_pid")


class Process(NamedTuple):
    """A daemon as its supervisor started it; a pid alone could belong to another process by now."""

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


def run(node: Node, name: str) -> NoReturn:
    """Becomes the daemon of the live release, as soon as there is one that has it."""
    pid = os.getpid()
    # A handler of ours would look like the daemon's.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    while True:
        service, live, begun = _await(node, name)
        folder = node.release(begun)
        other = find(node, name)
        if other is not None and other.pid != pid:
            _await_end(name, other)
            continue
        user = users.find(service.user)
        prepare(node, live)
        if service.keeps_data:
            _keep_data(node, service, user)
        if service.name == "haproxy":
            known_servers.forget(node)
        if service.name == "dnsdist":
            dnsdist.prepare(node, user)
        if service.name == "keepalived":
            # The release may have been accepted in another network.
            betrayals = keepalived.betrayals(folder)
            if betrayals:
                raise Failure("; ".join(betrayals))
            drain.prepare(node)
            _forget_pids(node, service)
            _await_checks(node, live)
        mark = fingerprint(folder, service)
        _write(node.at_run(f"{name}.pid"), f"{pid}\n{_started(pid)}\n{mark}\n{begun}\n{_uptime()}\n")
        # Who makes a release live looks for processes afterwards: either is seen by the other.
        if release.current(node) == begun:
            break
    if service.name in FORGETFUL and drain.drained_servers(node):
        _drain_again(node, service.name)
    words = node.fill(service.command, node.current)
    # keepalived tells its state in files below TMPDIR.
    env = {**environment(os.path.realpath(folder)), **({"TMPDIR": node.run} if name == "keepalived" else {})}
    os.chdir("/")
    user.become(binds=name != WATCH)
    try:
        os.execvpe(words[0], words, env)
    except OSError as error:
        raise Failure(f"cannot run {words[0]}: {error.strerror}") from error


def prepare(node: Node, live: Manifest) -> None:
    """Makes the directory of sockets: the daemons may add to it, and take nothing of ours away."""
    user = users.find(live.user)
    users.join(user)
    os.makedirs(node.run, mode=0o750, exist_ok=True)
    users.share(node.run, user, RUN_MODE)


def _drain_again(node: Node, name: str) -> None:
    """Starts an agent that drains servers when the daemon is up, as a process that is no child of the daemon."""
    child = os.fork()
    if child == 0:
        try:
            words = [sys.argv[0], "--state", node.state, "--run", node.run, "keep-drained", name]
            subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _keep_data(node: Node, service: Service, user: users.User) -> None:
    """Makes the directory that a daemon may write to."""
    users.join(user)
    data = os.path.join(node.state, "data")
    for folder, mode in ((data, release.FOLDER_MODE), (os.path.join(data, service.name), DATA_MODE)):
        os.makedirs(folder, mode=0o750, exist_ok=True)
        users.share(folder, user, mode)


def find(node: Node, name: str) -> Optional[Process]:
    """The process of a service, if it runs."""
    process = _last(node, name)
    return process if process is not None and process.alive() else None


def fingerprint(folder: str, service: Service) -> str:
    """What a process cannot change while it runs: command, user and the files that it reads only once."""
    words = [service.user, *service.command]
    if service.start_settings:
        words.append(service.start_settings)
    digest = hashlib.sha256("\0".join(words).encode())
    files = service.reload.restart_on if isinstance(service.reload, DnsdistConsole) else []
    for path in sorted(files):
        digest.update(b"\0" + path.encode() + b"\0")
        try:
            with open(os.path.join(folder, path), "rb") as file:
                digest.update(file.read())
        except OSError:
            pass
    return digest.hexdigest()[:16]


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
    while _last(node, name) in (None, stopped):
        if not deadline.pause(POLL):
            raise Failure(f"{name} was not started again within {deadline.seconds:g} s; is it supervised?")


def hears(node: Node, service: Service, process: Process, number: signal.Signals) -> bool:
    """Whether a daemon is up so far that a signal does its work: sooner it would kill, or be lost."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            masks = dict(line.split(":", 1) for line in file if line.startswith("Sig"))
    except OSError:
        return False
    handled = any(int(masks[name], 16) >> (number - 1) & 1 for name in ("SigCgt", "SigBlk", "SigIgn"))
    return handled and all(os.path.exists(path) for path in _pid_files(node, service))


def _last(node: Node, name: str) -> Optional[Process]:
    """The process of a service that was started last."""
    try:
        with open(node.at_run(f"{name}.pid"), encoding="utf-8") as file:
            pid, started, mark, begun, since = [*file.read().split("\n"), "", "", "", "", ""][:5]
        return Process(int(pid), started, mark, begun, float(since or 0))
    except (OSError, ValueError):
        return None


def _await(node: Node, name: str) -> "tuple[Service, Manifest, str]":
    told = ""
    while True:
        current = release.current(node)
        if current is not None:
            try:
                live = manifest.read(node.release(current))
                service = live.service(name)
                if service is not None:
                    return service, live, current
            except Failure as failure:
                if str(failure) != told:
                    told = str(failure)
                    complain(f"{name} waits: {told}")
        time.sleep(POLL)


def _await_end(name: str, other: Process) -> None:
    """Waits for a daemon that has outlived its supervisor."""
    complain(f"{name} runs already, as process {other.pid}; it is started again when that ends")
    while other.alive():
        time.sleep(POLL)


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


def _await_checks(node: Node, live: Manifest) -> None:
    """Gives the watch a moment to say how the node does: to keepalived a check that nobody has made yet has passed."""
    checks = live.watch.checks if live.watch is not None else []
    deadline = Deadline(CHECKS_TIMEOUT)
    while not all(os.path.exists(node.at_run(tracked.check_file(check.name))) for check in checks):
        if not deadline.pause(POLL):
            complain("keepalived starts without what the watch knows, which does not run")
            return


def _forget_pids(node: Node, service: Service) -> None:
    """Removes pid files of a keepalived that is gone: others may have their numbers by now."""
    for path in _pid_files(node, service):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


def _pid_files(node: Node, service: Service) -> List[str]:
    """The files in which keepalived's processes tell that they are there."""
    if service.name != "keepalived":
        return []
    words = node.fill(service.command, node.current)
    options = [path for option, path in zip(words, words[1:]) if option in PID_OPTIONS]
    return [path for path in options if os.path.dirname(path) == node.run]


def _write(path: str, content: str) -> None:
    fresh = f"{path}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "w") as file:
        file.write(content)
    os.replace(fresh, path)
