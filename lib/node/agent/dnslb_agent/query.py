"""The command `query`: a DNS client for operators, because a node has no other."""

import ipaddress
import socket
import struct
import time
from typing import NamedTuple

from . import dns
from .errors import Failure
from .log import Deadline

ADDRESS_TYPES = (dns.TYPES["A"], dns.TYPES["AAAA"])
STATUSES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
PORTS = {"udp": 53, "tcp": 53, "tls": 853}
TIMEOUT = 3.0
POINTER = 0xC0


class Answer(NamedTuple):
    status: str
    flags: list[str]
    records: int
    addresses: list[str]


def query_server(name: str, kind: str, server: str, transport: str) -> str:
    """Sends one query with RD set, and describes the response and the time that it took."""
    host, _, port = server.lstrip("@").partition("#")
    start = time.monotonic()
    try:
        endpoint = (str(ipaddress.ip_address(host)), int(port or PORTS[transport]))
        query = dns.build_query(name, kind)
        answer = parse_answer(query, _exchange(query, endpoint, transport))
    except ValueError as error:
        raise Failure(str(error)) from None
    except (TimeoutError, EOFError):
        raise Failure(f"{server}: no answer over {transport}") from None
    except OSError as error:
        raise Failure(f"{server}: no answer over {transport}: {error.strerror or error}") from None
    milliseconds = (time.monotonic() - start) * 1000
    records = "1 record" if answer.records == 1 else f"{answer.records} records"
    first = f"{answer.status} ({' '.join(answer.flags)}), {records}, {milliseconds:.1f} ms, {transport}"
    return "\n".join([first, *answer.addresses])


def parse_answer(query: bytes, message: bytes) -> Answer:
    """Parses the response to a query without EDNS; of its records, A and AAAA."""
    header = dns.parse_header(query, message)
    if len(message) < len(query):
        raise ValueError("the response does not belong to the query")
    try:
        addresses: list[str] = []
        position = len(query)
        for _ in range(header.answers):
            position = _skip_name(message, position)
            kind, size = struct.unpack_from("!H6xH", message, position)
            data = message[position + 10 : position + 10 + size]
            if kind in ADDRESS_TYPES:
                addresses.append(str(ipaddress.ip_address(data)))
            position += 10 + size
    except (struct.error, IndexError):
        raise ValueError("the response is truncated or malformed") from None
    status = STATUSES[header.rcode] if header.rcode < len(STATUSES) else f"RCODE{header.rcode}"
    flags = [name for name, bit in dns.FLAGS.items() if header.flags & bit]
    return Answer(status, flags, header.answers, addresses)


def _exchange(query: bytes, endpoint: tuple[str, int], transport: str) -> bytes:
    if transport == "udp":
        return dns.exchange(query, endpoint, TIMEOUT)
    with socket.create_connection(endpoint, timeout=TIMEOUT) as connection:
        if transport == "tcp":
            return _exchange_stream(query, connection)
        return _exchange_tls(query, connection)


def _exchange_stream(query: bytes, connection: socket.socket) -> bytes:
    connection.sendall(struct.pack("!H", len(query)) + query)
    # One deadline for the whole answer, which may come byte by byte.
    deadline = Deadline(TIMEOUT)
    (size,) = struct.unpack("!H", _read_exactly(connection, 2, deadline))
    return _read_exactly(connection, size, deadline)


def _read_exactly(connection: socket.socket, size: int, deadline: Deadline) -> bytes:
    data = b""
    while len(data) < size:
        if deadline.passed():
            raise TimeoutError("timed out")
        connection.settimeout(deadline.remaining())
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _exchange_tls(query: bytes, connection: socket.socket) -> bytes:
    """Does not verify the certificate: this only tests whether the server answers."""
    # Imported here because it is slow to load and seldom needed.
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(connection) as encrypted:
        return _exchange_stream(query, encrypted)


def _skip_name(message: bytes, position: int) -> int:
    while message[position] != 0:
        if message[position] >= POINTER:
            return position + 2
        position += 1 + message[position]
    return position + 1
