"""HAProxy: reloads over the socket of the master process, servers over the runtime API of the worker."""

import csv
import io
import ipaddress
import os
import re
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import ClassVar, NamedTuple

from .. import certificates, files, tickets
from ..errors import Failure, NotReady
from ..log import Deadline, log_error
from ..manifest import Manifest, Service, ServiceFile
from ..metrics.measures import Connections, Fault, LimitMeasure, ListenerMeasure, Measures, ServerMeasure
from ..node import Node
from ..top.activity import Activity, Clients, ConnectedClient, ConnectedClients, ListenerActivity, ServerActivity
from ..users import User, find, join_group, run_as, share_with_group
from .daemon import Cleanup, Daemon, ReloadRequest, parse_settings, service_settings

ANSWER_TIMEOUT = 3
# A reload that cannot bind a port retries for some seconds before it fails.
RELOAD_TIMEOUT = 20
RETRY_INTERVAL = 0.02
# HAProxy replaces the certificate in each of its listeners before it answers.
CERTIFICATE_TIMEOUT = 15
# A command must fit into a buffer of 16 KiB (tune.bufsize), with what HAProxy keeps free of it.
MAX_PAYLOAD = 15_000
MAX_ANSWER = 64 * 1024 * 1024
# The answer to an unknown or forbidden command begins with one of these.
REFUSALS = ("Unknown command", "Permission denied")
# The server state file: its version, and one without servers. HAProxy warns about a missing or empty file.
STATE_VERSION = "1"
EMPTY_STATE = f"{STATE_VERSION}\n"
OP_STATE_DOWN = "0"
# What `show stat` shows: frontends and servers. Its columns, and the types of its rows.
FRONTENDS_AND_SERVERS = 5
SERVER_COLUMNS = ("scur", "slim", "status", "chkdown", "check_status", "check_duration")
DENIED_COLUMNS = ("dreq", "dcon", "dses")
FRONTEND, SERVER = "0", "2"
# By the status of the last check. It waits for the end of an answer that is too short to be a right one: silence.
FAULTS: "dict[str, Fault]" = {
    "L4TOUT": "connection",
    "L4CON": "connection",
    "L6TOUT": "connection",
    "L6RSP": "connection",
    "L7TOUT": "silence",
    "L7RSP": "answer",
    "L7STS": "answer",
}
# Stands before the status while the next check is under way.
UNDER_WAY = "* "
# Frontends that are not for clients of the node.
OWN_FRONTENDS = ("health:node",)
MILLISECONDS = 1000
# What `top` reads of both; econ counts connections to a server that failed.
ACTIVITY_COLUMNS = ("scur", "slim", "stot", "econ", "status", "chkdown")
# The tables of clients: those of frontends count connections, those of rate limits how fast they come.
CLIENT_TABLE = re.compile(r"^# table: ((?!statistics:)[^:,\s]+(?::clients)?), type: ipv6,", re.MULTILINE)
RATE_TABLE_SUFFIX = ":clients"
TABLE_ENTRY = re.compile(r"0x\w+: key=(\S+) ")
COUNT_OF_CONNECTIONS = re.compile(r" conn_cur=(\d+)(?: |$)")
RATE_OF_CONNECTIONS = re.compile(r" conn_rate\((\d+)\)=(\d+)(?: |$)")
# If so many bytes tell of clients, only those are asked for that have more connections than this.
MAX_CLIENTS = 512 * 1024
MORE_CONNECTIONS_THAN = (0, 4, 32, 256)

# `backend/server`, address, port.
ServerKey = tuple[str, str, str]


class Settings(NamedTuple):
    # The sockets of the master process and of the runtime API.
    master_socket: str
    runtime_socket: str
    # The server state file (`server-state-file`), read at a start and on reload.
    state_file: str
    # The files with the keys of session tickets: this and the name of the listener. Empty in earlier releases.
    ticket_keys: str = ""
    # The map of the metrics whose values change while the process runs: which services are to be restarted, and when
    # certificates end. Empty where there is none.
    restarts_due: str = ""
    # What stands before the path of a certificate in the release where HAProxy has loaded it.
    certificates: str = ""
    # The socket of the metrics of the node, to which it passes who asks for them. Empty where it does not.
    metrics: str = ""


class UserlistSettings(NamedTuple):
    userlist: str
    user: str


class MasterState(NamedTuple):
    """The line of the master process in `show proc`."""

    reloads: int
    failed: int


class Haproxy(Daemon):
    name = "haproxy"
    success_output = re.compile(r"Configuration file is valid")
    has_servers = True
    has_measures = True
    console_help = "a command, such as: show stat"
    schema_1_settings: ClassVar[dict[str, str]] = {
        "masterSocket": "{run}/haproxy-master.sock",
        "runtimeSocket": "{run}/haproxy.sock",
        "stateFile": "{run}/haproxy-servers",
    }

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        settings = service_settings(node, service, Settings)
        _reset_server_state(settings)
        _write_ticket_keys(node, settings, service, live, node.current_link)

    def prepare_check(self, node: Node, service: Service, candidate: Manifest) -> None:
        # `haproxy -c` reads these files, too. Before it loads them, they are written anew.
        settings = service_settings(node, service, Settings)
        _reset_server_state(settings)
        for listener in candidate.tls_of(service.name):
            path = settings.ticket_keys + listener.name
            files.create_if_missing(path, tickets.file_text(tickets.random_keys()), tickets.FILE_MODE)
            share_with_group(path, find(service.user), tickets.FILE_MODE)

    def upkeep(self, node: Node, service: Service, live: Manifest) -> None:
        """Changes the keys of session tickets of the node when their time is over."""
        listeners = [each for each in live.tls_of(service.name) if each.ticket_keys is None]
        if not listeners or not tickets.rotate_if_due(node):
            return
        settings = service_settings(node, service, Settings)
        # The files first: if this is cut short, the next process has the key by which the running one encrypts.
        keys = _write_ticket_keys(node, settings, service, live, node.current_link)
        for listener in listeners:
            command = f"set ssl tls-key {settings.ticket_keys}{listener.name} {tickets.encode(keys[listener.name][-1])}"
            # Without the command: it holds a key.
            if "updated" not in _ask_worker(settings, command, find(service.user)):
                raise Failure(f"{self.name} did not take a new key of the session tickets of {listener.name}")

    def publish(self, node: Node, service: Service, values: dict[str, str]) -> None:
        settings = service_settings(node, service, Settings)
        if not settings.restarts_due:
            return
        user = find(service.user)
        for key, value in values.items():
            entry = f"map {settings.restarts_due} {key} {value}"
            if _ask_worker(settings, f"set {entry}", user) and (answer := _ask_worker(settings, f"add {entry}", user)):
                raise Failure(f"{self.name}: {answer}")

    def load_certificate(self, request: ReloadRequest, path: str) -> None:
        settings = service_settings(request.node, request.service, Settings)
        text = certificates.pem(request.folder, path)
        if len(text) > MAX_PAYLOAD:
            self.reload(request)
            return
        name, user = settings.certificates + path, find(request.service.user)
        try:
            words = f"set ssl cert {name} <<\n{text}"
            answer = _send_command(settings.runtime_socket, words, user, CERTIFICATE_TIMEOUT)
            if not answer.startswith("Transaction "):
                raise Failure(f"{self.name}: {answer.strip() or 'no answer'}")
            answer = _send_command(settings.runtime_socket, f"commit ssl cert {name}", user, CERTIFICATE_TIMEOUT)
            if "Success!" not in answer:
                _send_command(settings.runtime_socket, f"abort ssl cert {name}", user)
                raise Failure(f"{self.name}: {answer.strip() or 'no answer'}")
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NotReady(f"{self.name} does not listen yet: {error.strerror}") from error
        except OSError as error:
            raise Failure(f"{self.name} does not answer: {error.strerror or error}") from error

    def render_file(self, file: ServiceFile, secret: str) -> str:
        """Renders a userlist with one user and its password."""
        userlist, name = parse_settings(file.settings, UserlistSettings, file.path)
        user = f"  user {quote(name)} insecure-password {quote(secret)}\n"
        return f"userlist {quote(userlist)}\n{user}"

    def quote_secret(self, secret: str) -> str:
        return quote(secret)

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        settings = service_settings(request.node, request.service, Settings)
        user = find(request.service.user)
        _write_ticket_keys(request.node, settings, request.service, request.manifest, request.folder)
        with _server_state_for_reload(settings, user, request.manifest):
            _reload(settings.master_socket, user)
        return None

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        try:
            text = _send_command(
                service_settings(node, service, Settings).runtime_socket, "show stat -1 4 -1", find(service.user)
            )
        except OSError:
            return {}
        rows = csv.DictReader(io.StringIO(_whole_lines(text.lstrip("# "))))
        return {f"{row.get('pxname')}/{row.get('svname')}": row.get("status") or "unknown" for row in rows}

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        command = f"set server {server} state {'drain' if drained else 'ready'}"
        answer = _ask_worker(service_settings(node, service, Settings), command, find(service.user))
        if answer:
            raise Failure(f"{self.name}: {answer}")

    def measure(self, node: Node, service: Service) -> Measures:
        settings, user = service_settings(node, service, Settings), find(service.user)
        table = _send_command(settings.runtime_socket, f"show stat -1 {FRONTENDS_AND_SERVERS} -1", user)
        info = _send_command(settings.runtime_socket, "show info", user)
        return measures(table, info)

    def activity(self, node: Node, service: Service, timeout: float) -> Activity:
        settings, user = service_settings(node, service, Settings), find(service.user)
        words = f"show info;show stat -1 {FRONTENDS_AND_SERVERS} -1"
        return activity(_send_command(settings.runtime_socket, words, user, timeout))

    def clients(self, node: Node, service: Service, count: int, timeout: float) -> Clients:
        path, user = service_settings(node, service, Settings).runtime_socket, find(service.user)
        deadline = Deadline(timeout)
        tables = CLIENT_TABLE.findall(_send_command(path, "show table", user, timeout))
        for more_than in MORE_CONNECTIONS_THAN:
            words = _client_questions(tables, more_than)
            answer = "".join(_send_command(path, each, user, deadline.remaining(), MAX_CLIENTS) for each in words)
            if len(answer) < MAX_CLIENTS:
                return Clients(connected=connected_clients(answer, more_than))
        raise Failure("too many clients are connected to tell who they are")

    def transport_of(self, pool: str, record: str) -> str:
        # Others are for transfers of zones, and for listeners that pass TLS on.
        return "tcp" if record == pool else record

    def metrics_socket(self, node: Node, service: Service) -> str | None:
        return service_settings(node, service, Settings).metrics or None

    def schema_1_names(self, pool: str, server: str) -> dict[str, str]:
        return {pool: f"{pool}/{server}"}

    def ask(self, node: Node, service: Service, words: str) -> str:
        user = find(service.user)
        join_group(user)
        answer = _ask_worker(service_settings(node, service, Settings), words, user)
        if answer.startswith(REFUSALS):
            raise Failure(f"{self.name}: {answer.splitlines()[0]}")
        return answer


def quote(text: str) -> str:
    """
    Quotes a word of the configuration: every byte but ASCII letters and digits becomes `\\xNN`, so that nothing ends
    the word, starts a comment or refers to an environment variable.
    """
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in text.encode("utf-8")
    )


# A row of `show stat`: a name, whether it is a server, the cells that are wanted, and what a frontend refused.
Row = tuple[str, bool, "list[str]", int]


def measures(table: str, info: str) -> Measures:
    """Reads the answers to `show stat` and `show info`, with little work for each server."""
    servers: dict[str, ServerMeasure] = {}
    listeners: list[ListenerMeasure] = []
    limits: list[LimitMeasure] = []
    for name, is_server, (now, most, status, down, check, duration), refused in _rows(table, SERVER_COLUMNS):
        if is_server:
            took = int(duration) / MILLISECONDS if duration else None
            is_up = _is_up(status)
            fault = None if is_up else FAULTS.get(check.removeprefix(UNDER_WAY))
            servers[name] = ServerMeasure(is_up, int(down or 0), took, None, fault)
        else:
            listeners.append(ListenerMeasure(name, int(now or 0), int(most or 0)))
            limits.append(LimitMeasure(name, "connections", refused))
    facts = dict(line.split(": ", 1) for line in info.splitlines() if ": " in line)
    all_connections = None
    if "CurrConns" in facts and "Maxconn" in facts:
        all_connections = Connections(int(facts["CurrConns"]), int(facts["Maxconn"]))
    return Measures(servers, listeners, limits, (), all_connections)


def activity(answer: str) -> Activity:
    """Reads the answer to `show info` and `show stat`, with little work for each server."""
    info, _, table = answer.partition("\n# ")
    run = re.search(r"^Pid: (\d+)", info, re.MULTILINE)
    servers: dict[str, ServerActivity] = {}
    listeners: dict[str, ListenerActivity] = {}
    for name, is_server, (now, most, opened, failed, status, down), refused in _rows(table, ACTIVITY_COLUMNS):
        if is_server:
            servers[name] = ServerActivity(
                _is_up(status), failures=int(failed or 0), went_down=int(down or 0), connections=int(now or 0)
            )
        else:
            listeners[name] = ListenerActivity(None, int(opened or 0), refused, int(now or 0), int(most or 0))
    return Activity(run[1] if run is not None else "", servers, listeners)


def _rows(table: str, columns: "tuple[str, ...]") -> "Generator[Row, None, None]":
    """The servers, as `backend/server`, and the frontends in the answer to `show stat`."""
    head, _, rows = table.lstrip("# ").partition("\n")
    names = head.split(",")
    try:
        proxy_place, name_place, kind_place = [names.index(name) for name in ("pxname", "svname", "type")]
        places = [names.index(name) for name in columns]
        denied = [names.index(name) for name in DENIED_COLUMNS]
    except ValueError as error:
        raise Failure(f"{Haproxy.name} shows other statistics than this agent knows: {error}") from None
    last, last_denied = max(kind_place, *places), max(denied)
    for row in _whole_lines(rows).split("\n"):
        # Texts with commas in them stand behind these columns, and in no row of a frontend.
        cells = row.split(",", last + 1)
        if len(cells) <= last:
            continue
        proxy, kind, wanted = cells[proxy_place], cells[kind_place], [cells[place] for place in places]
        if kind == SERVER:
            yield f"{proxy}/{cells[name_place]}", True, wanted, 0
        elif kind == FRONTEND and proxy not in OWN_FRONTENDS:
            every = row.split(",")
            if len(every) <= last_denied:
                continue
            yield proxy, False, wanted, sum(int(every[place] or 0) for place in denied)


def _whole_lines(answer: str) -> str:
    """An answer without its last line if HAProxy ended in the middle of it."""
    return answer[: answer.rfind("\n") + 1]


def _is_up(status: str) -> bool:
    return status.startswith("UP") or status == "no check"


def connected_clients(answer: str, more_than: int) -> ConnectedClients:
    """
    Reads the answers to `show table`, which leave out who has no more than so many: connections of all frontends
    together.
    """
    connections: dict[str, int] = {}
    rates: dict[str, float] = {}
    table = ""
    for line in _whole_lines(answer).split("\n"):
        if line.startswith("# table: "):
            table = line[len("# table: ") :].split(",")[0]
        entry = TABLE_ENTRY.match(line)
        if entry is None:
            continue
        client = _client(entry[1])
        opened, now = RATE_OF_CONNECTIONS.search(line), COUNT_OF_CONNECTIONS.search(line)
        if table.endswith(RATE_TABLE_SUFFIX):
            if opened is not None and int(opened[1]) > 0:
                rates[client] = rates.get(client, 0.0) + int(opened[2]) * MILLISECONDS / int(opened[1])
        elif now is not None:
            connections[client] = connections.get(client, 0) + int(now[1])
    # Of who opens many and has few, it is not known how few.
    few = None if more_than > 0 else 0
    found = [ConnectedClient(each, connections.get(each, few), rates.get(each)) for each in {**connections, **rates}]
    found.sort(key=lambda each: (-(each.connections or 0), -(each.opened or 0.0), each.address))
    return ConnectedClients(found, more_than)


def _client_questions(tables: "list[str]", more_than: int) -> "list[str]":
    """Commands that ask for the clients in tables, as few as there can be."""
    questions = [""]
    for table in tables:
        column = "conn_rate" if table.endswith(RATE_TABLE_SUFFIX) else "conn_cur"
        words = f"show table {table} data.{column} gt {more_than}"
        if len(questions[-1]) + len(words) >= MAX_PAYLOAD:
            questions.append("")
        questions[-1] += f"{';' if questions[-1] else ''}{words}"
    return [each for each in questions if each]


def _client(key: str) -> str:
    """The address of an entry, in whose table all are of IPv6."""
    try:
        address = ipaddress.IPv6Address(key)
    except ValueError:
        return key
    return str(address.ipv4_mapped or address)


def down_servers(state: str, kept: "set[ServerKey]") -> str:
    """
    Filters the output of `show servers state` to servers that are down and whose address and port the release keeps: a
    new process takes the port from this file rather than from its configuration.
    """
    version, _, table = state.strip().partition("\n")
    header, *rows = table.splitlines() or [""]
    columns = header.lstrip("# ").split()
    if version != STATE_VERSION:
        return EMPTY_STATE
    lines = [row for row in rows if _is_down(dict(zip(columns, row.split(), strict=False)), kept)]
    return "\n".join([version, header, *lines, ""]) if lines else EMPTY_STATE


def configured_servers(manifest: Manifest) -> "set[ServerKey]":
    """The servers that a release configures in HAProxy."""
    return {
        (name, _canonical(server.address), str(server.port))
        for pool in manifest.pools
        for server in pool.servers
        for name in server.names.get(Haproxy.name, {}).values()
    }


def _is_down(row: "dict[str, str]", kept: "set[ServerKey]") -> bool:
    backend, server, address, port = (row.get(name, "") for name in ("be_name", "srv_name", "srv_addr", "srv_port"))
    return row.get("srv_op_state") == OP_STATE_DOWN and (f"{backend}/{server}", _canonical(address), port) in kept


def _canonical(address: str) -> str:
    try:
        return ipaddress.ip_address(address).compressed
    except ValueError:
        return address


@contextmanager
def _server_state_for_reload(settings: Settings, user: User, candidate: Manifest) -> "Generator[None, None, None]":
    """
    Provides the server state file during a reload. Without it, the new process considers servers that are down as up
    until their first health checks fail, and breaks the connections that it sent to them.
    """
    try:
        state = _send_command(settings.runtime_socket, "show servers state", user)
    except OSError:
        state = ""
    _write_server_state(settings, down_servers(state, configured_servers(candidate)))
    try:
        yield
    finally:
        _reset_server_state(settings)


def _reset_server_state(settings: Settings) -> None:
    """Lets the next process start without server states."""
    _write_server_state(settings, EMPTY_STATE)


def _write_server_state(settings: Settings, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(settings.state_file, flags, 0o644)
    with open(descriptor, "w", encoding="utf-8") as file:
        # HAProxy reads the file as another user.
        os.fchmod(descriptor, 0o644)
        file.write(text)


def _write_ticket_keys(
    node: Node, settings: Settings, service: Service, manifest: Manifest, folder: str
) -> "dict[str, list[bytes]]":
    """Writes the files with the keys of session tickets of a release, and returns the keys by listener."""
    found: dict[str, list[bytes]] = {}
    for listener in manifest.tls_of(service.name):
        found[listener.name] = tickets.keys_of(node, listener, folder)
        path = settings.ticket_keys + listener.name
        files.write_atomically(path, tickets.file_text(found[listener.name]), tickets.FILE_MODE)
        share_with_group(path, find(service.user), tickets.FILE_MODE)
    folder_of_keys, prefix = os.path.split(settings.ticket_keys)
    for name in os.listdir(folder_of_keys) if prefix else []:
        if name.startswith(prefix) and name[len(prefix) :] not in found:
            with suppress(OSError):
                os.unlink(os.path.join(folder_of_keys, name))
    return found


def _ask_worker(settings: Settings, command: str, user: User) -> str:
    """Sends a command to the runtime API and returns the answer."""
    try:
        return _send_command(settings.runtime_socket, command, user).strip()
    except OSError as error:
        raise Failure(f"{Haproxy.name} does not answer: {error.strerror or error}") from error


def _send_command(path: str, command: str, user: User, timeout: float = ANSWER_TIMEOUT, most: int = MAX_ANSWER) -> str:
    """
    Sends one command to a socket and returns the answer, of which it reads about `most` bytes; as `user`, if root lacks
    the permission.
    """
    try:
        return _exchange(path, command, timeout, most)
    except PermissionError:
        return run_as(user, lambda: _exchange(path, command, timeout, most))


def _exchange(path: str, command: str, timeout: float, most: int) -> str:
    deadline = Deadline(timeout)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(path)
        connection.sendall(command.encode() + b"\n")
        # The master process keeps the connection open until the client closes its side.
        connection.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while len(answer) < most:
            # One deadline for the whole answer, which may come byte by byte.
            if deadline.passed():
                raise TimeoutError("timed out")
            connection.settimeout(deadline.remaining())
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    return answer.decode("utf-8", "replace")


def _reload(path: str, user: User) -> None:
    """
    Reloads by the master process, and verifies that the new worker runs.

    From 2.7 on the answer tells success or failure. HAProxy 2.6 closes the connection without an answer: the counters
    of reloads and failures tell. Its socket does not answer while the master process executes itself again.
    """
    try:
        _send_command(path, "show proc", user)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotReady(f"haproxy's master process does not listen at {path}: {error.strerror}") from error
    except OSError:
        pass
    deadline = Deadline(RELOAD_TIMEOUT)
    before = _query_master(path, user, deadline)
    answer = _send_with_retry(path, "reload", user, deadline)
    if answer.startswith("Success=1"):
        for line in answer.splitlines():
            if line.startswith(("[WARNING]", "[ALERT]")):
                log_error(f"haproxy: {line}")
        return
    if answer.startswith("Success=0"):
        raise Failure("haproxy did not take the release: " + _failure_reason(answer))
    while True:
        after = _query_master(path, user, deadline)
        if after.reloads != before.reloads:
            break
        if not deadline.pause(RETRY_INTERVAL):
            raise Failure(f"haproxy did not begin to reload within {deadline.seconds:g} s")
    if after.failed > 0:
        raise Failure("haproxy did not take the release and keeps the one before; see its log")


def _query_master(path: str, user: User, deadline: Deadline) -> MasterState:
    text = _send_with_retry(path, "show proc", user, deadline)
    match = re.search(r"^\d+\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?", text, re.MULTILINE)
    if match is None:
        raise Failure("haproxy's master process did not list itself in the answer to 'show proc'")
    return MasterState(int(match.group(1)), int(match.group(2) or 0))


def _send_with_retry(path: str, command: str, user: User, deadline: Deadline) -> str:
    last: OSError | None = None
    while not deadline.passed():
        try:
            answer = _send_command(path, command, user, max(0.1, deadline.remaining()))
            if answer or command == "reload":
                return answer
        except OSError as error:
            last = error
        deadline.pause(RETRY_INTERVAL)
    raise Failure(f"haproxy's master process does not answer at {path}: {last or 'an empty answer'}")


def _failure_reason(answer: str) -> str:
    lines: list[str] = [line.strip() for line in answer.splitlines()[1:] if line.strip() not in ("", "--")]
    return "; ".join([line for line in lines if "ALERT" in line] or lines) or "it gave no reason"
