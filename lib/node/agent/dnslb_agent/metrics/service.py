"""
The command `metrics`: collects the metrics of the node while somebody asks for them, and starts the process that gives
them out. Who asks never waits for a daemon.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time

from .. import capabilities, daemons, reader, release, services, users
from ..errors import Failure
from ..log import log_error, log_info
from ..manifest import Manifest
from ..node import Node
from .collector import Collector
from .exposer import FRAME, Exposer, give_up_rights, now

# Seconds between two times, if the second one is not to cost more than this part of a processor.
PAUSE = 5.0
PART = 0.02
# Seconds after the last request for which it goes on: longer than the usual pauses between two.
ATTENTION = 150.0
# For a process that takes nothing.
SEND_TIMEOUT = 10.0
POLL = 1.0
BACKLOG = 64
SOCKET_MODE = 0o660


def run(node: Node) -> None:
    """Runs until it is told to stop. Fails when the process that gives the metrics out ends: it is started again."""
    live, path = _wait_for_release(node)
    services.create_run_directory(node, live)
    ours, theirs = socket.socketpair()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        if os.path.lexists(path):
            os.unlink(path)
        listener.bind(path)
        users.share_with_group(path, users.find(live.user), SOCKET_MODE)
        listener.listen(BACKLOG)
        child = os.fork()
        if child == 0:
            _expose(listener, theirs, ours)
    theirs.close()
    log_info(f"telling metrics at {path}")
    _collect(Collector(node), ours)


def path_of(node: Node) -> str | None:
    """The socket at which the live release wants metrics; None if it does not, or there is none."""
    if release.current(node) is None:
        return None
    return _path_in(node, reader.read(node.current_link))


def _path_in(node: Node, live: Manifest) -> str | None:
    paths = (daemons.for_service(service).metrics_socket(node, service) for service in live.services)
    return next((path for path in paths if path is not None), None)


def _wait_for_release(node: Node) -> tuple[Manifest, str]:
    while True:
        if release.current(node) is not None:
            live = reader.read(node.current_link)
            path = _path_in(node, live)
            if path is not None:
                return live, path
        time.sleep(POLL)


def _expose(listener: socket.socket, source: socket.socket, other: socket.socket) -> None:
    """The child process."""
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        other.close()
        give_up_rights()
        Exposer(listener, source).run()
        status = 0
    except Exception as error:
        log_error(f"dns-lb-agent: metrics: {error}")
    finally:
        os._exit(status)


def _collect(collector: Collector, asked: socket.socket) -> None:
    """Collects at once, then while somebody asks."""
    asked.settimeout(SEND_TIMEOUT)
    last_asked = time.monotonic()
    next_time = last_asked
    while True:
        is_wanted = time.monotonic() - last_asked < ATTENTION
        wait = max(0.0, next_time - time.monotonic()) if is_wanted else None
        if select.select([asked], [], [], wait)[0]:
            if not asked.recv(4096):
                raise Failure("the process that gives metrics out has ended")
            last_asked = time.monotonic()
        if time.monotonic() >= next_time:
            next_time = time.monotonic() + _send(collector, asked)


def _send(collector: Collector, asked: socket.socket) -> float:
    """Collects once; returns the seconds to pause after that."""
    spent, at = _processor_time(), now()
    try:
        text = collector.text().encode()
    except (Failure, OSError, ValueError) as failure:
        log_error(f"dns-lb-agent: metrics: {failure}")
        return PAUSE
    asked.sendall(FRAME.pack(len(text), at) + text)
    return max(PAUSE, (_processor_time() - spent) / PART)


def _processor_time() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Process:
    """The process of the command beside that which takes releases: it ends with it, and is started again."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._process: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Starts it if the live release wants metrics and it does not run."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = None
        try:
            if path_of(self._node) is None:
                return
            words = [sys.argv[0], "--state", self._node.state, "--run", self._node.run, "metrics"]
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, preexec_fn=capabilities.end_with_parent)
        except (Failure, OSError) as failure:
            log_error(f"dns-lb-agent: metrics: {failure}")
