"""The client of the bundle server."""

import contextlib
import itertools
import os
import socket
from collections.abc import Callable
from typing import BinaryIO

from . import progress
from .bundle_server import LINE_PREFIX, STATUS_PREFIX
from .errors import Failure
from .log import Deadline, log_info, shortened

POLL = 0.1
# Longer than any step of a change takes without output.
IDLE_TIMEOUT = 180


def submit(path: str, pack: Callable[[BinaryIO], None], timeout: float) -> int:
    """
    Sends the bundle that `pack` writes to the bundle server of a node, prints its output and returns its exit status.
    """
    with _connect(path, Deadline(timeout)) as connection:
        connection.settimeout(IDLE_TIMEOUT)
        with connection.makefile("rb") as answer:
            # It takes one bundle after the other.
            with progress.step("waiting until the agent of the node has taken the bundle", IDLE_TIMEOUT):
                _send(connection, pack)
                first = answer.readline()
            for line in itertools.chain([first], answer):
                if line.startswith(STATUS_PREFIX):
                    return int(line[len(STATUS_PREFIX) :])
                if line.startswith(LINE_PREFIX):
                    log_info(shortened(line[len(LINE_PREFIX) :].decode("utf-8", "replace").rstrip("\n")))
    raise Failure("the agent of the node closed the connection before the change was done; see the log of the node")


def _send(connection: socket.socket, pack: Callable[[BinaryIO], None]) -> None:
    try:
        with connection.makefile("wb") as outgoing:
            pack(outgoing)
    except (BrokenPipeError, ConnectionResetError):
        # The server refused the bundle before all of it was sent; its reply says why.
        pass


def remove_files(place: str) -> None:
    """
    Removes a file, or the files of a directory, because they hold secrets. Directories and mount points stay.
    """
    with contextlib.suppress(OSError):
        os.unlink(place)
    for folder, _, names in os.walk(place):
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _connect(path: str, deadline: Deadline) -> socket.socket:
    with progress.step(f"waiting for an agent at {path}", deadline.seconds):
        return _connect_until(path, deadline)


def _connect_until(path: str, deadline: Deadline) -> socket.socket:
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
        if not deadline.pause(POLL):
            raise Failure(f"no agent answered at {path} within {deadline.seconds:g} s; does the node run?")
