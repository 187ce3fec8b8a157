"""Readiness probes: whether the daemons of a node answer."""

import socket
from collections.abc import Sequence

from . import dns, processes, progress
from .errors import Failure
from .log import Deadline
from .manifest import DnsCheck, HttpCheck, ReadyCheck
from .node import Node

LOCAL = "127.0.0.1"
# PROXY protocol version 2, command LOCAL, no addresses.
PROXY_HEADER = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
ANSWER_TIMEOUT = 1.0
POLL = 0.05


def wait_until_ready(node: Node, checks: Sequence[ReadyCheck], running: Sequence[str], deadline: Deadline) -> None:
    """Waits until every check passes and every service in `running` runs and is stable."""
    who = running[0] if len(running) == 1 else "the node"
    with progress.step(f"waiting until {who} is ready", deadline.seconds) as step:
        while True:
            problems = [problem for check in checks for problem in [probe(check)] if problem is not None]
            found = {name: processes.find_running(node, name) for name in running}
            problems += [f"{name} does not run" for name, each in found.items() if each is None or not each.is_stable()]
            if not problems:
                return
            step.reason = "; ".join(problems)
            if not deadline.pause(POLL):
                raise Failure(f"not ready within {deadline.seconds:g} s: {step.reason}")


def probe(check: ReadyCheck, timeout: float = ANSWER_TIMEOUT) -> str | None:
    """Makes a check once. Returns the problem; None if the check passes."""
    try:
        wrong = _probe_dns(check, timeout) if isinstance(check, DnsCheck) else _probe_http(check, timeout)
    except TimeoutError:
        wrong = "no answer"
    except OSError as error:
        wrong = error.strerror or str(error)
    return None if wrong is None else f"{check.service} at port {check.port}: {wrong}"


def _probe_dns(check: DnsCheck, timeout: float) -> str | None:
    query = dns.build_query(check.name, "A")
    preamble = PROXY_HEADER if check.proxy_protocol else b""
    try:
        header = dns.parse_header(query, dns.exchange(query, (check.address, check.port), timeout, preamble))
    except ValueError:
        return "no DNS answer"
    if header.rcode != dns.NOERROR:
        return f"{check.name} has response code {header.rcode}"
    return None if header.answers > 0 else f"{check.name} has no record"


def _probe_http(check: HttpCheck, timeout: float) -> str | None:
    with socket.create_connection((LOCAL, check.port), timeout=timeout) as connection:
        connection.sendall(f"GET {check.path} HTTP/1.0\r\n\r\n".encode())
        status: list[bytes] = connection.recv(4096).split(b"\r\n", 1)[0].split(b" ")
    if len(status) > 1 and status[0].startswith(b"HTTP/1.") and status[1] == b"200":
        return None
    return f"{check.path} has status {status[1].decode('ascii', 'replace') if len(status) > 1 else 'unknown'}"
