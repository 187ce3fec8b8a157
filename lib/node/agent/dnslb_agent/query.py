"""A DNS query from the node, where there are no other tools."""

import ipaddress
import os
import socket
import ssl
import struct
import time
from typing import List, NamedTuple, Optional, Tuple

from .errors import Failure

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65}
ADDRESS_TYPES = (TYPES["A"], TYPES["AAAA"])
STATUSES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
FLAGS = {"aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080, "ad": 0x0020}
PORTS = {"udp": 53, "tcp": 53, "tls": 853}
TIMEOUT = 3.0
POINTER = 0xC0


class Answer(NamedTuple):
    status: str
    flags: List[str]
    records: int
    addresses: List[str]


def ask(name: str, kind: str, server: str, transport: str) -> str:
    """Asks a server once, with recursion desired, and says what came back and how soon."""
    host, _, port = server.lstrip("@").partition("#")
    start = time.monotonic()
    try:
        place = (str(ipaddress.ip_address(host)), int(port or PORTS[transport]))
        query = message(name, kind)
        answer = read(query, _exchange(query, place, transport))
    except ValueError as error:
        raise Failure(str(error)) from None
    except (socket.timeout, EOFError):
        raise Failure(f"{server}: no answer over {transport}") from None
    except OSError as error:
        raise Failure(f"{server}: no answer over {transport}: {error.strerror or error}") from None
    milliseconds = (time.monotonic() - start) * 1000
    records = "1 record" if answer.records == 1 else f"{answer.records} records"
    first = f"{answer.status} ({' '.join(answer.flags)}), {records}, {milliseconds:.1f} ms, {transport}"
    return "\n".join([first, *answer.addresses])


def read(query: bytes, message: bytes) -> Answer:
    """Reads an answer to a query of ours without EDNS; of its records, addresses."""
    if len(message) < len(query) or message[:2] != query[:2] or not message[2] & 0x80:
        raise ValueError("what came back is no answer to the query")
    try:
        flags, count = struct.unpack("!H2xH", message[2:8])
        addresses: List[str] = []
        position = len(query)
        for _ in range(count):
            position = _after_name(message, position)
            kind, size = struct.unpack_from("!H6xH", message, position)
            data = message[position + 10 : position + 10 + size]
            if kind in ADDRESS_TYPES:
                addresses.append(str(ipaddress.ip_address(data)))
            position += 10 + size
    except (struct.error, IndexError):
        raise ValueError("what came back is no whole answer") from None
    code = flags & 0x0F
    status = STATUSES[code] if code < len(STATUSES) else f"RCODE{code}"
    return Answer(status, [name for name, bit in FLAGS.items() if flags & bit], count, addresses)


def message(name: str, kind: str, recursion_desired: bool = True, option: Optional[int] = None) -> bytes:
    """A query, with an empty EDNS option if one is given."""
    if kind.upper() not in TYPES:
        raise ValueError(f"'{kind}' is none of {', '.join(TYPES)}")
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    if any(len(label) > 63 for label in labels):
        raise ValueError(f"'{name}' is no name")
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    flags = FLAGS["rd"] if recursion_desired else 0
    header = os.urandom(2) + struct.pack("!5H", flags, 1, 0, 0, 0 if option is None else 1)
    # OPT at the root: a payload of 1232 octets, no flags, one option without data.
    edns = b"" if option is None else struct.pack("!B2HL3H", 0, 41, 1232, 0, 4, option, 0)
    return header + question + struct.pack("!2H", TYPES[kind.upper()], 1) + edns


def exchange(query: bytes, place: Tuple[str, int], timeout: float) -> bytes:
    """Sends a datagram and returns the one that comes back."""
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(timeout)
        connection.connect(place)
        connection.send(query)
        return connection.recv(65535)


def _exchange(query: bytes, place: Tuple[str, int], transport: str) -> bytes:
    if transport == "udp":
        return exchange(query, place, TIMEOUT)
    with socket.create_connection(place, timeout=TIMEOUT) as connection:
        if transport == "tcp":
            return _stream(query, connection)
        with _unverified().wrap_socket(connection) as encrypted:
            return _stream(query, encrypted)


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


def _unverified() -> ssl.SSLContext:
    """Whether the server answers is asked here, not who it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _after_name(message: bytes, position: int) -> int:
    while message[position] != 0:
        if message[position] >= POINTER:
            return position + 2
        position += 1 + message[position]
    return position + 1
