"""HAProxy's two sockets: the master's, for reloads, and the worker's, for servers."""

import csv
import io
import ipaddress
import os
import re
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

from ..errors import Failure, NotUp
from ..manifest import Manifest, Service, ServiceFile
from ..node import Node
from ..report import Deadline
from ..users import User, acting, find, join
from .daemon import Afterwards, Change, Daemon, settings_in, settings_of

ANSWER_TIMEOUT = 3
# A reload that cannot bind a port tries for some seconds before it gives up.
RELOAD_TIMEOUT = 20
RECONNECT = 0.02
LARGEST_ANSWER = 64 * 1024 * 1024
# The answer to a command that it does not know begins with one of them.
UNKNOWN = ("Unknown command", "Permission denied")
# The version of the file of server states, and no servers. It warns of a file that is missing or empty.
STATE_VERSION = "1"
NO_SERVERS = f"{STATE_VERSION}\n"
DOWN = "0"

# Backend and server by the name that pools have for them; address; port.
Known = tuple[str, str, str]


class Settings(NamedTuple):
    # Of the master process, for reloads; of the worker, for servers.
    master_socket: str
    runtime_socket: str
    # What a process that begins knows of servers.
    state_file: str


class UserlistSettings(NamedTuple):
    userlist: str
    user: str


class Master(NamedTuple):
    """What `show proc` tells of the master process."""

    reloads: int
    failed: int


class Haproxy(Daemon):
    name = "haproxy"
    praise = re.compile(r"Configuration file is valid")
    has_servers = True
    console = "a command, such as: show stat"
    schema_1_settings: ClassVar[dict[str, str]] = {
        "masterSocket": "{run}/haproxy-master.sock",
        "runtimeSocket": "{run}/haproxy.sock",
        "stateFile": "{run}/haproxy-servers",
    }

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        _forget_servers(settings_of(node, service, Settings))

    def prepare_check(self, node: Node, service: Service) -> None:
        # It looks for the file when it judges, too.
        _forget_servers(settings_of(node, service, Settings))

    def compose(self, file: ServiceFile, secret: str) -> str:
        """The section of one user with a password."""
        userlist, name = settings_in(file.settings, UserlistSettings, file.path)
        user = f"  user {quote(name)} insecure-password {quote(secret)}\n"
        return f"userlist {quote(userlist)}\n{user}"

    def written(self, secret: str) -> str:
        return quote(secret)

    def reload(self, change: Change) -> Afterwards:
        settings = settings_of(change.node, change.service, Settings)
        user = find(change.service.user)
        with _servers_handed_over(settings, user, change.manifest):
            _reload(settings.master_socket, user)
        return None

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        try:
            text = _ask(settings_of(node, service, Settings).runtime_socket, "show stat -1 4 -1", find(service.user))
        except OSError:
            return {}
        rows = csv.DictReader(io.StringIO(text.lstrip("# ")))
        return {f"{row.get('pxname')}/{row.get('svname')}": row.get("status") or "unknown" for row in rows}

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        command = f"set server {server} state {'drain' if drained else 'ready'}"
        answer = _told(settings_of(node, service, Settings), command, find(service.user))
        if answer:
            raise Failure(f"{self.name}: {answer}")

    def schema_1_names(self, pool: str, server: str) -> dict[str, str]:
        return {pool: f"{pool}/{server}"}

    def ask(self, node: Node, service: Service, words: str) -> str:
        user = find(service.user)
        join(user)
        answer = _told(settings_of(node, service, Settings), words, user)
        if answer.startswith(UNKNOWN):
            raise Failure(f"{self.name}: {answer.splitlines()[0]}")
        return answer


def quote(text: str) -> str:
    """
    Writes a word of the configuration in which every byte but ASCII letters and digits is `\\xNN`: there is nothing
    left that could end the word, begin a comment or refer to the environment.
    """
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in text.encode("utf-8")
    )


def down(state: str, kept: "set[Known]") -> str:
    """
    Of `show servers state`, the servers that are down and stay what they are: a process that begins would take a
    server's port from here rather than from its configuration.
    """
    version, _, table = state.strip().partition("\n")
    header, *rows = table.splitlines() or [""]
    columns = header.lstrip("# ").split()
    if version != STATE_VERSION:
        return NO_SERVERS
    lines = [row for row in rows if _is_down(dict(zip(columns, row.split(), strict=False)), kept)]
    return "\n".join([version, header, *lines, ""]) if lines else NO_SERVERS


def known(manifest: Manifest) -> "set[Known]":
    """The servers that a release gives it."""
    return {
        (name, _canonical(server.address), str(server.port))
        for pool in manifest.pools
        for server in pool.servers
        for name in server.names.get(Haproxy.name, {}).values()
    }


def _is_down(row: "dict[str, str]", kept: "set[Known]") -> bool:
    backend, server, address, port = (row.get(name, "") for name in ("be_name", "srv_name", "srv_addr", "srv_port"))
    return row.get("srv_op_state") == DOWN and (f"{backend}/{server}", _canonical(address), port) in kept


def _canonical(address: str) -> str:
    try:
        return ipaddress.ip_address(address).compressed
    except ValueError:
        return address


@contextmanager
def _servers_handed_over(settings: Settings, user: User, candidate: Manifest) -> "Generator[None, None, None]":
    """
    Lets a reload inside know which servers of a release are down: the process that begins would believe dead ones
    alive, and cut the connections that it sent to them in the meantime.
    """
    try:
        state = _ask(settings.runtime_socket, "show servers state", user)
    except OSError:
        state = ""
    _write_servers(settings, down(state, known(candidate)))
    try:
        yield
    finally:
        _forget_servers(settings)


def _forget_servers(settings: Settings) -> None:
    """It begins as if it had never run."""
    _write_servers(settings, NO_SERVERS)


def _write_servers(settings: Settings, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(settings.state_file, flags, 0o644)
    with open(descriptor, "w", encoding="utf-8") as file:
        # It runs as another user.
        os.fchmod(descriptor, 0o644)
        file.write(text)


def _told(settings: Settings, command: str, user: User) -> str:
    """The worker's answer to a command, or a failure that says that there was none."""
    try:
        return _ask(settings.runtime_socket, command, user).strip()
    except OSError as error:
        raise Failure(f"{Haproxy.name} does not answer: {error.strerror or error}") from error


def _ask(path: str, command: str, user: User, timeout: float = ANSWER_TIMEOUT) -> str:
    """Sends one command to a socket and returns the answer."""
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


def _reload(path: str, user: User) -> None:
    """
    Lets the master process load its configuration again, and makes sure that it did.

    From 2.7 on the answer tells success or failure. 2.6 answers nothing and closes: its master counts reloads
    and failed ones, and is out of reach while it executes itself anew.
    """
    try:
        _ask(path, "show proc", user)
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


def _master(path: str, user: User, deadline: Deadline) -> Master:
    text = _ask_patiently(path, "show proc", user, deadline)
    match = re.search(r"^\d+\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?", text, re.MULTILINE)
    if match is None:
        raise Failure("haproxy's master process answered something else than its processes")
    return Master(int(match.group(1)), int(match.group(2) or 0))


def _ask_patiently(path: str, command: str, user: User, deadline: Deadline) -> str:
    last: OSError | None = None
    while not deadline.passed():
        try:
            answer = _ask(path, command, user, max(0.1, deadline.remaining()))
            if answer or command == "reload":
                return answer
        except OSError as error:
            last = error
        deadline.pause(RECONNECT)
    raise Failure(f"haproxy's master process does not answer at {path}: {last or 'an empty answer'}")


def _reason(answer: str) -> str:
    lines: list[str] = [line.strip() for line in answer.splitlines()[1:] if line.strip() not in ("", "--")]
    return "; ".join([line for line in lines if "ALERT" in line] or lines) or "it gave no reason"
