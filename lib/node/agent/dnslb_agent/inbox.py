"""The node's side of a local socket at which bundles come in from a loader that may do nothing else."""

import os
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from typing import NoReturn

from . import drain, incoming
from .node import Node
from .report import complain, say

# What the node says to a loader: lines of words, then a line with the status.
WORDS, STATUS = b"| ", b"= "
MODE = 0o700
# How long a loader may be silent while it sends, or deaf while it is told.
SILENCE = 30
REFUSED = 1


def serve(node: Node, path: str) -> NoReturn:
    """Applies every bundle that comes in, one after the other."""
    os.makedirs(os.path.dirname(path), mode=MODE, exist_ok=True)
    os.chmod(os.path.dirname(path), MODE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        if os.path.lexists(path):
            os.unlink(path)
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen()
        drain.put_right(node)
        say("the agent takes bundles")
        while True:
            connection, _ = listener.accept()
            with connection:
                _answer(node, connection)
            # The process that changed the node may have been killed.
            drain.put_right(node)


def _answer(node: Node, connection: socket.socket) -> None:
    # The kernel's own limits: Python's would hold for this process alone, and another one reads the bundle.
    limit = struct.pack("@ll", SILENCE, 0)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, limit)
    try:
        status = _apply(node, connection)
    except OSError as failure:
        _tell(connection, f"dns-lb-agent: {failure}")
        status = REFUSED
    _send(connection, STATUS + str(status).encode() + b"\n")


def _apply(node: Node, connection: socket.socket) -> int:
    """Lets an agent read the bundle from the loader, and repeats what it says."""
    words = [sys.argv[0], "--state", node.state, "--run", node.run, "apply", incoming.STREAM]
    process = subprocess.Popen(words, stdin=connection.fileno(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        return _relay(process, connection)
    except KeyboardInterrupt:
        process.terminate()
        # It may have to go back to the release before.
        _relay(process, connection)
        raise


def _relay(process: "subprocess.Popen[bytes]", connection: socket.socket) -> int:
    for line in process.stdout or []:
        _tell(connection, line.decode("utf-8", "replace").rstrip("\n"))
    return process.wait()


def _tell(connection: socket.socket, text: str) -> None:
    """Says it here too: this log outlives the loader's."""
    complain(text)
    for line in text.split("\n"):
        _send(connection, WORDS + line.encode("utf-8", "replace") + b"\n")


def _send(connection: socket.socket, data: bytes) -> None:
    # A loader that was stopped does not stop the change.
    with suppress(OSError):
        connection.sendall(data)
