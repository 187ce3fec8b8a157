"""
The scripts that judge servers: when they run, and what their results mean. Their verdicts are in a file, each with the
time up to which it holds, from which the daemon that asks the servers reads them.
"""

import heapq
import math
import os
import shutil
import socket
import stat
import threading
import time
from typing import NamedTuple

from . import files, script_runner, track_files
from .commands import PATH
from .errors import Failure
from .log import log_error, log_info
from .manifest import Manifest, WatchScript
from .node import Node
from .script_runner import Outcome, Request

VERDICTS = "verdicts"
MILLISECONDS = 1000
# Seconds between two writes of verdicts that only hold longer, and the longest wait for results.
WRITE_INTERVAL = 1.0
WAIT = 0.2
# Seconds that a verdict holds beyond two intervals and timeouts.
PATIENCE = 3.0
# As the kernel reads of a script.
LONGEST_FIRST_LINE = 255
SHEBANG = b"#!"


def command_of(path: str) -> list[str]:
    """The interpreter of a script with its argument, and the script: also where its file system has no programs."""
    with open(path, "rb") as file:
        line = file.read(LONGEST_FIRST_LINE + 1).split(b"\n")[0]
    words = line[len(SHEBANG) :].strip().split(maxsplit=1)
    if not line.startswith(SHEBANG) or len(line) > LONGEST_FIRST_LINE or not words or not words[0].startswith(b"/"):
        raise Failure(f"{os.path.basename(path)} does not begin with #! and the absolute path of an interpreter")
    return [*(word.decode("utf-8", "surrogateescape") for word in words), path]


def problems(folder: str, manifest: Manifest) -> list[str]:
    """Why the scripts of a release cannot run on this node."""
    found: list[str] = []
    for script in manifest.watch.scripts or []:
        try:
            interpreter, *more = command_of(os.path.join(folder, script.path))[:-1]
        except OSError as error:
            found.append(f"{script.path}: {error.strerror}")
        except Failure as failure:
            found.append(f"{script.path}: {failure}")
        else:
            if not os.path.isfile(interpreter) or not os.access(interpreter, os.X_OK):
                found.append(f"{script.path}: this node has no {interpreter}")
            elif os.path.basename(interpreter) == "env" and more:
                program = more[0].split()[0]
                if not program.startswith("-") and shutil.which(program, path=PATH) is None:
                    found.append(f"{script.path}: this node has no {program}")
    return found


def channel_of_this_process() -> socket.socket | None:
    """The channel to the process that runs scripts; None if there is none."""
    try:
        descriptor = int(os.environ.pop(script_runner.VARIABLE))
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
    except (KeyError, ValueError, OSError):
        return None
    os.set_inheritable(descriptor, False)
    return socket.socket(fileno=descriptor)


class Known(NamedTuple):
    """A verdict that was written before."""

    is_up: bool
    reason: str
    # On the monotonic clock.
    ending: float


class Judged:
    """A server and the verdict on it."""

    def __init__(self, name: str, words: list[str], script: WatchScript, known: Known | None) -> None:
        self.name = name
        self.words = words
        self.script = script
        self.due = 0.0
        self.is_up = known.is_up if known is not None else None
        self.reason = known.reason if known is not None else ""
        self.ending = known.ending if known is not None else -math.inf
        self._passed = 0
        self._failed = 0

    def update(self, outcome: Outcome, now: float) -> bool:
        """Adds a result. Returns True if the verdict changes."""
        if outcome.passed is None:
            return False
        script = self.script
        if self.ending <= now:
            self.is_up = None
        self.ending = now + 2 * (script.interval + script.timeout) / MILLISECONDS + PATIENCE
        self._passed, self._failed = (self._passed + 1, 0) if outcome.passed else (0, self._failed + 1)
        if not outcome.passed:
            self.reason = outcome.said
        before = self.is_up
        if before is None:
            # A script that says no says enough. That it does not end may be the node's fault.
            if outcome.passed:
                self.is_up = True
            elif not outcome.cut or self._failed >= script.fall:
                self.is_up = False
        elif before and self._failed >= script.fall:
            self.is_up = False
        elif not before and self._passed >= script.rise:
            self.is_up = True
        return self.is_up != before

    def line(self) -> str:
        """The verdict as a line of the file; empty without one."""
        if self.is_up is None:
            return ""
        ending = int(self.ending * MILLISECONDS)
        return f"{self.name} {ending} up\n" if self.is_up else f"{self.name} {ending} down {self.reason}\n"


class ScriptChecks(threading.Thread):
    """Has the scripts of a release run, and writes their verdicts."""

    def __init__(self, node: Node, live: Manifest, channel: socket.socket | None, first_id: int) -> None:
        super().__init__(name="scripts", daemon=True)
        self._path = os.path.join(track_files.watch_folder(node, live.watch), VERDICTS)
        self._channel = channel
        self._ended = threading.Event()
        self._under_way: dict[int, Judged] = {}
        self._last_write = -math.inf
        self._failure = ""
        # Answers to requests of the release before have other ids.
        self.next_id = first_id
        # Whether no script can be run any more.
        self.is_lost = False
        self._servers = _servers_of(node, live, read_verdicts(self._path))
        self._queue = [(0.0, index) for index in range(len(self._servers))]
        self._places = {id(each): index for index, each in enumerate(self._servers)}

    def run(self) -> None:
        files.remove_temporary(self._path)
        if self._channel is None:
            log_error("no script runs, because the process for it is missing: the probes of the daemons decide")
            self.is_lost = True
            return
        try:
            while not self._ended.is_set():
                self._start_due(self._channel)
                self._take_outcomes(self._channel)
                self._write_in_time()
        except (OSError, ValueError, TypeError) as error:
            log_error(f"no script runs any more: {error}: the probes of the daemons decide")
            self.is_lost = True

    def request_stop(self) -> None:
        self._ended.set()

    def _start_due(self, channel: socket.socket) -> None:
        now = time.monotonic()
        channel.settimeout(WAIT)
        while self._queue and self._queue[0][0] <= now and len(self._under_way) < script_runner.PLACES:
            _, index = heapq.heappop(self._queue)
            server = self._servers[index]
            server.due = now + server.script.interval / MILLISECONDS
            self._under_way[self.next_id] = server
            script_runner.send(channel, Request(self.next_id, server.words, server.script.timeout / MILLISECONDS))
            self.next_id += 1

    def _take_outcomes(self, channel: socket.socket) -> None:
        """Takes one outcome, if it comes soon."""
        is_free = len(self._under_way) < script_runner.PLACES
        due = self._queue[0][0] if self._queue and is_free else math.inf
        channel.settimeout(max(0.001, min(WAIT, due - time.monotonic())))
        try:
            outcome = script_runner.receive_outcome(channel)
        except TimeoutError:
            return
        if outcome is None:
            raise OSError("the process that runs them has ended")
        server = self._under_way.pop(outcome.id, None)
        if server is None:
            return
        heapq.heappush(self._queue, (server.due, self._places[id(server)]))
        if outcome.passed is None and outcome.said != self._failure:
            log_error(f"the script of {server.name} says nothing: {outcome.said}")
            self._failure = outcome.said
        if server.update(outcome, time.monotonic()):
            self._last_write = -math.inf
            what = "is up" if server.is_up else f"is down: {server.reason}"
            log_info(f"{server.name} {what}, by its script")

    def _write_in_time(self) -> None:
        now = time.monotonic()
        if now - self._last_write < WRITE_INTERVAL:
            return
        self._last_write = now
        try:
            files.write_atomically(self._path, "".join(server.line() for server in self._servers))
        except OSError as error:
            log_error(f"cannot write the verdicts of scripts: {error.strerror}")


def read_verdicts(path: str) -> dict[str, Known]:
    """The verdicts that were written before, by server."""
    found: dict[str, Known] = {}
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, encoding="ascii", errors="replace") as file:
            for line in file:
                name, ending, word, reason = [*line.rstrip("\n").split(" ", 3), "", "", ""][:4]
                if ending.isdigit() and word in ("up", "down"):
                    found[name] = Known(word == "up", reason, int(ending) / MILLISECONDS)
    except OSError:
        pass
    return found


def _servers_of(node: Node, live: Manifest, known: dict[str, Known]) -> list[Judged]:
    # Not by the link, which may point elsewhere by the time that a script runs.
    folder = os.path.realpath(node.current_link)
    pools = {pool.name: pool for pool in live.pools}
    found: list[Judged] = []
    for script in live.watch.scripts or []:
        command = command_of(os.path.join(folder, script.path))
        for server in pools[script.pool].servers if script.pool in pools else []:
            name = f"{script.pool}/{server.name}"
            words = [*command, server.address, str(server.port), server.name, script.pool]
            found.append(Judged(name, words, script, known.get(name)))
    return found
