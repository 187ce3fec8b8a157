"""The loader's side of a node's inbox."""

import contextlib
import os
import socket

from . import bundle
from .errors import Failure
from .inbox import STATUS, WORDS
from .report import Deadline, say

POLL = 0.1
# Longer than any step of a change is silent.
SILENCE = 180


def submit(path: str, folder: str, patience: float) -> int:
    """Hands a bundle to the agent of a node, repeats what it says and returns its status."""
    with _connect(path, Deadline(patience)) as connection:
        connection.settimeout(SILENCE)
        try:
            with connection.makefile("wb") as outgoing:
                bundle.pack(folder, outgoing)
        except (BrokenPipeError, ConnectionResetError):
            # It refused before it had everything, and said why.
            pass
        with connection.makefile("rb") as answer:
            for line in answer:
                if line.startswith(STATUS):
                    return int(line[len(STATUS) :])
                if line.startswith(WORDS):
                    say(line[len(WORDS) :].decode("utf-8", "replace").rstrip("\n"))
    raise Failure("the node's agent ended before it was done; the log of the node tells why")


def remove(folder: str) -> None:
    """Removes the files of a bundle, because secrets are among them; what is mounted stays."""
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(place, name))


def _connect(path: str, deadline: Deadline) -> socket.socket:
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
        if not deadline.pause(POLL):
            raise Failure(f"no agent answered at {path} within {deadline.seconds:g} s; does the node run?")
