"""Builds DNS queries and parses the headers of responses (RFC 1035, section 4.1)."""

import os
import socket
import struct
import time
from collections.abc import Sequence
from typing import NamedTuple

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65}
FLAGS = {"aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080, "ad": 0x0020}
NOERROR = 0
QR = 0x8000
HEADER_SIZE = 12


class Header(NamedTuple):
    flags: int
    # Records in the answer section.
    answers: int

    @property
    def rcode(self) -> int:
        return self.flags & 0x0F


def build_query(name: str, kind: str, recursion_desired: bool = True, option: int | None = None) -> bytes:
    """Builds a query; with `option`, it has an EDNS option of that code without data."""
    if kind.upper() not in TYPES:
        raise ValueError(f"'{kind}' is not one of {', '.join(TYPES)}")
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    if any(len(label) > 63 for label in labels):
        raise ValueError(f"'{name}' is not a domain name: a label is longer than 63 octets")
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    flags = FLAGS["rd"] if recursion_desired else 0
    header = os.urandom(2) + struct.pack("!5H", flags, 1, 0, 0, 0 if option is None else 1)
    # An OPT record: UDP payload size 1232, no flags, one option without data.
    edns = b"" if option is None else struct.pack("!B2HL3H", 0, 41, 1232, 0, 4, option, 0)
    return header + question + struct.pack("!2H", TYPES[kind.upper()], 1) + edns


def parse_header(query: bytes, answer: bytes) -> Header:
    """Parses the header of a response; raises `ValueError` if it does not belong to the query."""
    if len(answer) < HEADER_SIZE or answer[:2] != query[:2]:
        raise ValueError("the response does not belong to the query")
    flags, answers = struct.unpack("!H2xH", answer[2:8])
    if not flags & QR:
        raise ValueError("the response does not belong to the query")
    return Header(flags, answers)


def exchange(query: bytes, endpoint: tuple[str, int], timeout: float, preamble: bytes = b"") -> bytes:
    """Sends a query in one UDP datagram, after an optional PROXY header, and returns the response."""
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(timeout)
        connection.connect(endpoint)
        connection.send(preamble + query)
        return connection.recv(65535)


def exchange_all(queries: Sequence[bytes], endpoint: tuple[str, int], timeout: float) -> list[Header | None]:
    """
    Sends queries at once, each in a UDP datagram and with a new id. Returns the headers of the responses that come in
    time; None where there is none.
    """
    found: dict[int, Header] = {}
    first = int.from_bytes(os.urandom(2), "big")
    ids = [(first + index) % 0x10000 for index in range(len(queries))]
    own = [number.to_bytes(2, "big") + query[2:] for number, query in zip(ids, queries, strict=True)]
    deadline = time.monotonic() + timeout
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as connection:
            connection.connect(endpoint)
            for query in own:
                connection.send(query)
            while len(found) < len(own) and (left := deadline - time.monotonic()) > 0:
                connection.settimeout(left)
                answer = connection.recv(65535)
                number = int.from_bytes(answer[:2], "big")
                if number in ids:
                    try:
                        found[number] = parse_header(own[ids.index(number)], answer)
                    except ValueError:
                        continue
    except OSError:
        # Nobody listens there, or the time is over: what was answered before counts.
        pass
    return [found.get(number) for number in ids]
