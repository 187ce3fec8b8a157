"""HAProxy's two sockets: the master's, for reloads, and the worker's, for servers."""

import csv
import io
import re
import socket
from typing import Dict, List, NamedTuple, Optional

from .errors import Failure, NotUp
from .node import Node
from .report import Deadline
from .users import User, acting

RUNTIME_SOCKET = "haproxy.sock"
ANSWER_TIMEOUT = 3
# A reload that cannot bind a port tries for some seconds before it gives up.
RELOAD_TIMEOUT = 20
RECONNECT = 0.02
LARGEST_ANSWER = 64 * 1024 * 1024


class Master(NamedTuple):
    """What `show proc` tells of the master process."""

    reloads: int
    failed: int


def ask(path: str, command: str, user: User, timeout: float = ANSWER_TIMEOUT) -> str:
    """Sends one command to a socket of HAProxy and returns the answer."""
    try:
        return _exchange(path, command, timeout)
    except PermissionError:
        return acting(user, lambda: _exchange(path, command, timeout))


def _exchange(path: str, command: str, timeout: float) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(path)
        connection.sendall(command.encode() + b"\n")
        # The master keeps a connection open until its client has nothing more to say.
        connection.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while len(answer) < LARGEST_ANSWER:
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    return answer.decode("utf-8", "replace")


def reload(path: str, user: User) -> None:
    """
    Lets the master process load its configuration again, and makes sure that it did.

    From 2.7 on the answer tells success or failure. 2.6 answers nothing and closes: its master counts reloads
    and failed ones, and is out of reach while it executes itself anew.
    """
    try:
        ask(path, "show proc", user)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotUp(f"haproxy's master process does not listen at {path}: {error.strerror}") from error
    except OSError:
        pass
    deadline = Deadline(RELOAD_TIMEOUT)
    before = _master(path, user, deadline)
    answer = _ask_patiently(path, "reload", user, deadline)
    if answer.startswith("Success=1"):
        return
    if answer.startswith("Success=0"):
        raise Failure("haproxy did not take the release: " + _reason(answer))
    while True:
        after = _master(path, user, deadline)
        if after.reloads != before.reloads:
            break
        if not deadline.pause(RECONNECT):
            raise Failure("haproxy did not begin to reload")
    if after.failed > 0:
        raise Failure("haproxy did not take the release and keeps the one before; its log tells why")


def servers(node: Node, user: User) -> "List[Dict[str, str]]":
    """The rows of `show stat` that are servers; empty when HAProxy does not answer."""
    try:
        text = ask(node.at_run(RUNTIME_SOCKET), "show stat -1 4 -1", user)
    except OSError:
        return []
    return list(csv.DictReader(io.StringIO(text.lstrip("# "))))


def set_server(node: Node, user: User, backend: str, server: str, state: str) -> None:
    """Drains a server or takes it back."""
    try:
        command = f"set server {backend}/{server} state {state}"
        answer = ask(node.at_run(RUNTIME_SOCKET), command, user).strip()
    except OSError as error:
        raise Failure(f"haproxy does not answer: {error.strerror or error}") from error
    if answer:
        raise Failure(f"haproxy: {answer}")


def backends_of(rows: "List[Dict[str, str]]", pool: str, server: str) -> List[str]:
    """The backends that hold a server of a pool: the pool's own, and those named after it with a colon."""
    names = [row.get("pxname", "") for row in rows if row.get("svname") == server]
    return [name for name in names if name == pool or name.startswith(f"{pool}:")]


def _master(path: str, user: User, deadline: Deadline) -> Master:
    text = _ask_patiently(path, "show proc", user, deadline)
    match = re.search(r"^\d+\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?", text, re.MULTILINE)
    if match is None:
        raise Failure("haproxy's master process answered something else than its processes")
    return Master(int(match.group(1)), int(match.group(2) or 0))


def _ask_patiently(path: str, command: str, user: User, deadline: Deadline) -> str:
    last: Optional[OSError] = None
    while not deadline.passed():
        try:
            answer = ask(path, command, user, max(0.1, deadline.remaining()))
            if answer or command == "reload":
                return answer
        except OSError as error:
            last = error
        deadline.pause(RECONNECT)
    raise Failure(f"haproxy's master process does not answer at {path}: {last or 'an empty answer'}")


def _reason(answer: str) -> str:
    lines = [line.strip() for line in answer.splitlines()[1:] if line.strip() not in ("", "--")]
    return "; ".join([line for line in lines if "ALERT" in line] or lines) or "it gave no reason"
