"""
The process that runs the scripts which judge servers. It keeps root's right to change its user, and nothing else of
root's: the watch, which decides when a script runs and what its result means, has no rights. Each run has a user of its
own, who owns nothing, so that all that a run has started can be killed at once, whatever it did to get away.
"""

import contextlib
import ctypes
import json
import math
import os
import resource
import selectors
import signal
import socket
import time
from collections import deque
from typing import NamedTuple, NoReturn, cast

from . import capabilities, files
from .commands import PATH, spawn_agent
from .node import Node

# Runs at a time; the compiler refuses what needs more.
PLACES = 32
# The variable with the descriptor of the watch's end of the channel.
VARIABLE = "DNSLB_SCRIPTS"
LARGEST_MESSAGE = 65536
# Numbers of users that no machine gives to anybody (systemd, UIDS-GIDS), a range for each process that runs scripts.
FIRST_USER = 1_900_000_000
# Where fewer numbers exist, as in a container whose root is another user outside. Nobody there has these.
FIRST_LOW_USER = 60_800
ENVIRONMENT = {"PATH": PATH, "HOME": "/nonexistent", "LANG": "C.UTF-8"}
# Bytes that are read of what a script prints.
KEPT_OUTPUT = 4096
SHOWN_LENGTH = 80
NICENESS = 10
FIRST_TO_BE_KILLED = "1000"
MIB = 1024 * 1024
# Processor time is added below. RLIMIT_AS is generous: programs with threads reserve more than they use.
LIMITS = {
    resource.RLIMIT_DATA: 256 * MIB,
    resource.RLIMIT_AS: 2048 * MIB,
    resource.RLIMIT_NPROC: 32,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
}


class Request(NamedTuple):
    """A run that the watch wants."""

    id: int
    words: list[str]
    # In seconds.
    timeout: float


class Outcome(NamedTuple):
    """What came of a run."""

    id: int
    # None if there was none, which says nothing about the server.
    passed: bool | None
    # One line of printable ASCII.
    said: str
    # Whether the script did not end by itself.
    cut: bool = False


def start(node: Node) -> dict[str, str]:
    """Starts the process, and returns the variable by which the watch, which this process becomes, finds it."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        spawn_agent(node, ["run-scripts"], there.fileno())
    os.set_inheritable(here.fileno(), True)
    return {VARIABLE: str(here.detach())}


def send(channel: socket.socket, message: Request | Outcome) -> None:
    channel.send(json.dumps(message._asdict()).encode())


def receive_outcome(channel: socket.socket) -> Outcome | None:
    """The next outcome; None at the end of the channel."""
    data = channel.recv(LARGEST_MESSAGE)
    return Outcome(**json.loads(data)) if data else None


def serve(node: Node) -> None:
    """Makes the runs that the watch asks for on standard input, until the watch ends."""
    channel = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    empty = os.path.join(node.private_path, "empty")
    files.create_private_directory(node.private_path)
    with contextlib.suppress(FileExistsError):
        os.mkdir(empty)
    os.chmod(empty, 0o555)
    if os.geteuid() == 0:
        capabilities.keep_only_change_of_user()
    capabilities.adopt_orphans()
    users = _Users()
    users.kill_strays()
    runner = _Runner(channel, empty, users)
    try:
        while runner.step():
            pass
    finally:
        runner.end()


class _Users:
    """The users of the places, by their numbers."""

    def __init__(self) -> None:
        last = FIRST_USER + PLACES * (2**22 + 1)
        self._shares = all(_exists(last, kind) for kind in ("uid", "gid"))
        self.first = FIRST_USER + PLACES * os.getpid() if self._shares else FIRST_LOW_USER

    def kill_strays(self) -> None:
        """Kills what runs of processes like this one have left that ended without killing it."""
        if os.geteuid() != 0:
            return
        for entry in os.listdir("/proc"):
            try:
                number = os.stat(f"/proc/{entry}").st_uid if entry.isdigit() else 0
            except OSError:
                continue
            if self._is_stray(number):
                kill_all(number)

    def _is_stray(self, number: int) -> bool:
        if self.first <= number < self.first + PLACES:
            return True
        owner = (number - FIRST_USER) // PLACES
        return self._shares and 0 < owner <= 2**22 and not os.path.exists(f"/proc/{owner}")


def _exists(number: int, kind: str) -> bool:
    """Whether a user or a group of this number can be in this user namespace."""
    with open(f"/proc/self/{kind}_map", encoding="ascii") as file:
        ranges = [tuple(map(int, line.split())) for line in file]
    return any(first <= number < first + count for first, _, count in ranges)


def kill_all(number: int) -> None:
    """Kills all processes of a user of ours, also those that are being forked."""
    child = os.fork()
    if child == 0:
        try:
            _become(number)
            # As root it would be all processes of the machine.
            if os.getresuid() == (number, number, number) and number != 0:
                os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _become(number: int) -> None:
    os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)


class _Run:
    """A script that runs, or that was killed and has not ended yet."""

    def __init__(self, request: Request, place: int, pid: int, output: int, failure: int) -> None:
        self.request = request
        self.place = place
        self.pid = pid
        self.end = os.pidfd_open(pid)
        self.output = output
        # Whether nothing more of it is read.
        self.is_read = False
        self.failure = failure
        self.deadline = time.monotonic() + request.timeout
        self.text = b""
        self.is_told = False
        self.status = 0


class _Runner:
    def __init__(self, channel: socket.socket, empty: str, users: _Users) -> None:
        self._channel = channel
        self._empty = empty
        self._users = users
        # The one that has been free for the longest is the next: what was killed takes a moment to go.
        self._free = deque(range(PLACES))
        self._runs: dict[int, _Run] = {}
        self._waiting: deque[Request] = deque()
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ, None)

    def step(self) -> bool:
        """Does what is due, or waits for it. False when the watch has ended."""
        waiting = [run.deadline for run in self._runs.values() if not run.is_told]
        timeout = max(0.0, min(waiting) - time.monotonic()) if waiting else None
        for key, _ in self._selector.select(timeout):
            run = cast("_Run | None", key.data)
            if run is None:
                if not self._accept():
                    return False
            elif self._runs.get(run.place) is not run:
                # It has ended while this was handled.
                continue
            elif key.fd == run.end:
                self._finish(run)
            else:
                self._read(run)
        self._reap()
        self._start_waiting()
        now = time.monotonic()
        for run in [each for each in self._runs.values() if not each.is_told and each.deadline <= now]:
            self._read(run)
            self._kill(run)
            limit = f"{run.request.timeout:g} s"
            self._tell(run, Outcome(run.request.id, False, _said(f"did not end within {limit}", run.text), cut=True))
        return True

    def end(self) -> None:
        for run in self._runs.values():
            self._kill(run)

    def _accept(self) -> bool:
        data = self._channel.recv(LARGEST_MESSAGE)
        if not data:
            return False
        self._waiting.append(Request(**json.loads(data)))
        return True

    def _start_waiting(self) -> None:
        """Starts what was asked for, as far as there are places: runs of the release before may hold some."""
        while self._waiting and self._free:
            request, place = self._waiting.popleft(), self._free.popleft()
            try:
                run = self._start(request, place)
            except OSError as error:
                self._free.append(place)
                send(self._channel, Outcome(request.id, None, _said(f"cannot run: {error.strerror}")))
                continue
            self._runs[place] = run
            self._selector.register(run.end, selectors.EVENT_READ, run)
            self._selector.register(run.output, selectors.EVENT_READ, run)

    def _start(self, request: Request, place: int) -> _Run:
        if os.geteuid() != 0:
            raise PermissionError(0, "only root can give a script a user of its own")
        output, printed = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        failure, failed = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            pid = os.fork()
            if pid == 0:
                _execute(request, self._users.first + place, self._empty, printed, failed)
        except OSError:
            os.close(output)
            os.close(failure)
            raise
        finally:
            os.close(printed)
            os.close(failed)
        return _Run(request, place, pid, output, failure)

    def _read(self, run: _Run) -> None:
        if run.is_read:
            return
        with contextlib.suppress(BlockingIOError):
            part = os.read(run.output, KEPT_OUTPUT)
            run.text += part
            # What a script prints beyond that waits in the pipe, and then the script does.
            run.is_read = not part or len(run.text) >= KEPT_OUTPUT
            if run.is_read:
                self._selector.unregister(run.output)

    def _finish(self, run: _Run) -> None:
        """Ends a run whose script has ended, and kills what it has left."""
        self._read(run)
        self._reap()
        self._kill(run)
        if not run.is_told:
            self._tell(run, self._outcome(run, run.status))
        del self._runs[run.place]
        self._free.append(run.place)
        self._selector.unregister(run.end)
        if not run.is_read:
            self._selector.unregister(run.output)
        for descriptor in (run.end, run.output, run.failure):
            os.close(descriptor)

    def _reap(self) -> None:
        """Collects what has ended, whoever started it: what is not collected counts as a process of its user."""
        runs = {run.pid: run for run in self._runs.values()}
        with contextlib.suppress(ChildProcessError):
            pid, status = os.waitpid(-1, os.WNOHANG)
            while pid != 0:
                if pid in runs:
                    runs[pid].status = status
                pid, status = os.waitpid(-1, os.WNOHANG)

    def _outcome(self, run: _Run, status: int) -> Outcome:
        with contextlib.suppress(BlockingIOError):
            reason = os.read(run.failure, KEPT_OUTPUT)
            if reason:
                return Outcome(run.request.id, None, _said(f"cannot run: {reason.decode()}"))
        if os.WIFSIGNALED(status):
            what = f"was ended by {_name_of_signal(os.WTERMSIG(status))}"
            return Outcome(run.request.id, False, _said(what, run.text), cut=True)
        code = os.WEXITSTATUS(status)
        return Outcome(run.request.id, code == 0, "" if code == 0 else _said(f"ended with {code}", run.text))

    def _kill(self, run: _Run) -> None:
        kill_all(self._users.first + run.place)

    def _tell(self, run: _Run, outcome: Outcome) -> None:
        run.is_told = True
        with contextlib.suppress(OSError):
            send(self._channel, outcome)


def _execute(request: Request, number: int, empty: str, printed: int, failed: int) -> NoReturn:
    """Becomes the script, in a new process."""
    try:
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(each, signal.SIG_DFL)
        os.setsid()
        os.chdir(empty)
        os.umask(0o077)
        os.nice(NICENESS)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(FIRST_TO_BE_KILLED)
        # The flag would pass to the script with the pipe. All other descriptors end with the execution.
        os.set_blocking(printed, True)
        os.dup2(printed, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for limit, value in {**LIMITS, resource.RLIMIT_CPU: math.ceil(request.timeout) + 1}.items():
            hard = resource.getrlimit(limit)[1]
            bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (bounded, bounded))
        _become(number)
        capabilities.end_with_parent()
        os.execve(request.words[0], request.words, ENVIRONMENT)
    except OSError as error:
        os.write(failed, str(error.strerror).encode())
    except BaseException as error:
        os.write(failed, str(error).encode()[:SHOWN_LENGTH])
    os._exit(1)


def _name_of_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _said(what: str, text: bytes = b"") -> str:
    """What came of a run, with the first line that the script printed, for a line of a file and for terminals."""
    line = next((each for each in text.decode("ascii", "replace").splitlines() if each.strip()), "")
    whole = f"{what}: {line.strip()}" if line else what
    return "".join(each if " " <= each <= "~" else "?" for each in whole)[:SHOWN_LENGTH]


# Loaded before a process is forked, and not in each of them.
_LIBRARY = ctypes.CDLL(None)
