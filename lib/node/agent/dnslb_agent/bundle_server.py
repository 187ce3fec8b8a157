"""Accepts bundles at a Unix socket and applies them: the client, `submit`, needs no other access to the node."""

import os
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from typing import NoReturn

from . import drain, renewal, staging, upkeep
from .errors import Failure
from .locking import is_locked, locked
from .log import log_error, log_info, shortened
from .metrics import service as metrics
from .node import Node

SOCKET = "/run/dns-lb-agent/socket"
# The reply: a line for each line of output, then one with the exit status.
LINE_PREFIX, STATUS_PREFIX = b"| ", b"= "
DIRECTORY_MODE = 0o700
# Seconds after which a client that neither sends nor receives is given up.
IDLE_TIMEOUT = 30
# Seconds between two times of upkeep, and between two looks at certificates: a renewed one is taken at the second look.
UPKEEP_INTERVAL = 60
LOOK_INTERVAL = 5
REFUSED = 1


def serve(node: Node, path: str) -> NoReturn:
    """Accepts connections and applies their bundles, one after the other."""
    os.makedirs(os.path.dirname(path), mode=DIRECTORY_MODE, exist_ok=True)
    os.chmod(os.path.dirname(path), DIRECTORY_MODE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        if os.path.lexists(path):
            os.unlink(path)
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen()
        drain.end_stale_drain(node)
        log_info(f"accepting bundles at {path}")
        # All wait for this process: a change, the upkeep and a renewal never meet, unless an operator makes the change.
        next_upkeep = next_look = time.monotonic()
        watcher = renewal.Watcher(node)
        told: dict[str, str] = {}
        metrics_process = metrics.Process(node)
        while True:
            if time.monotonic() >= next_look:
                watcher.look()
                told = _publish_mobility(node, told)
                metrics_process.look()
                next_look = time.monotonic() + LOOK_INTERVAL
            if time.monotonic() >= next_upkeep:
                _upkeep(node)
                next_upkeep = time.monotonic() + UPKEEP_INTERVAL
            listener.settimeout(max(0.1, min(next_look, next_upkeep) - time.monotonic()))
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                _handle(node, connection)
            # The process that applied the bundle may have been killed while the node was drained.
            drain.end_stale_drain(node)


def _upkeep(node: Node) -> None:
    """What fails or finds a change under way is tried again."""
    if is_locked(node):
        return
    try:
        with locked(node, 0):
            upkeep.make(node)
    except (Failure, OSError) as failure:
        log_error(f"dns-lb-agent: upkeep: {failure}")


def _publish_mobility(node: Node, told: dict[str, str]) -> dict[str, str]:
    """Tells what has changed of the addresses since `told`; what fails is tried again."""
    try:
        return upkeep.publish_mobility(node, told)
    except (Failure, OSError):
        return told


def _handle(node: Node, connection: socket.socket) -> None:
    # Set in the kernel, because a child process reads from the socket; Python's timeout holds in this process only.
    limit = struct.pack("@ll", IDLE_TIMEOUT, 0)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, limit)
    try:
        status = _apply(node, connection)
    except OSError as failure:
        _log_and_send(connection, f"dns-lb-agent: {failure}")
        status = REFUSED
    _send(connection, STATUS_PREFIX + str(status).encode() + b"\n")


def _apply(node: Node, connection: socket.socket) -> int:
    """Runs `apply` with the connection as its standard input, and relays its output."""
    words = [sys.argv[0], "--state", node.state, "--run", node.run, "apply", staging.STDIN]
    process = subprocess.Popen(words, stdin=connection.fileno(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        return _relay_output(process, connection)
    except KeyboardInterrupt:
        process.terminate()
        # It may roll back first.
        _relay_output(process, connection)
        raise


def _relay_output(process: "subprocess.Popen[bytes]", connection: socket.socket) -> int:
    for line in process.stdout or []:
        _log_and_send(connection, line.decode("utf-8", "replace").rstrip("\n"))
    return process.wait()


def _log_and_send(connection: socket.socket, text: str) -> None:
    """Sends text to the client, and logs it here in full: the log of the client may be gone when it is needed."""
    log_error(text)
    for line in text.split("\n"):
        _send(connection, LINE_PREFIX + shortened(line).encode("utf-8", "replace") + b"\n")


def _send(connection: socket.socket, data: bytes) -> None:
    # The change goes on when the client has disconnected.
    with suppress(OSError):
        connection.sendall(data)
