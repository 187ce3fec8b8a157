"""A DNS query from the node, where there are no other tools."""

import ipaddress
import socket
import struct
import time
from typing import NamedTuple

from . import dns
from .errors import Failure

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


def ask(name: str, kind: str, server: str, transport: str) -> str:
    """Asks a server once, with recursion desired, and says what came back and how soon."""
    host, _, port = server.lstrip("@").partition("#")
    start = time.monotonic()
    try:
        endpoint = (str(ipaddress.ip_address(host)), int(port or PORTS[transport]))
        query = dns.message(name, kind)
        answer = read(query, _exchange(query, endpoint, transport))
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


def read(query: bytes, message: bytes) -> Answer:
    """Reads an answer to a query of ours without EDNS; of its records, addresses."""
    header = dns.header(query, message)
    if len(message) < len(query):
        raise ValueError("what came back is no answer to the query")
    try:
        addresses: list[str] = []
        position = len(query)
        for _ in range(header.answers):
            position = _after_name(message, position)
            kind, size = struct.unpack_from("!H6xH", message, position)
            data = message[position + 10 : position + 10 + size]
            if kind in ADDRESS_TYPES:
                addresses.append(str(ipaddress.ip_address(data)))
            position += 10 + size
    except (struct.error, IndexError):
        raise ValueError("what came back is no whole answer") from None
    status = STATUSES[header.rcode] if header.rcode < len(STATUSES) else f"RCODE{header.rcode}"
    flags = [name for name, bit in dns.FLAGS.items() if header.flags & bit]
    return Answer(status, flags, header.answers, addresses)


def _exchange(query: bytes, endpoint: tuple[str, int], transport: str) -> bytes:
    if transport == "udp":
        return dns.exchange(query, endpoint, TIMEOUT)
    with socket.create_connection(endpoint, timeout=TIMEOUT) as connection:
        if transport == "tcp":
            return _stream(query, connection)
        return _stream_over_tls(query, connection)


def _stream(query: bytes, connection: socket.socket) -> bytes:
    connection.sendall(struct.pack("!H", len(query)) + query)
    (size,) = struct.unpack("!H", _read(connection, 2))
    return _read(connection, size)


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _stream_over_tls(query: bytes, connection: socket.socket) -> bytes:
    """Whether the server answers is asked here, not who it is."""
    # Slow to load, and seldom needed.
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(connection) as encrypted:
        return _stream(query, encrypted)


def _after_name(message: bytes, position: int) -> int:
    while message[position] != 0:
        if message[position] >= POINTER:
            return position + 2
        position += 1 + message[position]
    return position + 1
