"""DNS messages: queries of the agent, and what their answers say first (RFC 1035, section 4.1)."""

import os
import socket
import struct
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


def message(name: str, kind: str, recursion_desired: bool = True, option: int | None = None) -> bytes:
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


def renewed(query: bytes) -> bytes:
    """The query under another id."""
    return os.urandom(2) + query[2:]


def header(query: bytes, answer: bytes) -> Header:
    """The header of an answer to a query, or a `ValueError` where it is none."""
    if len(answer) < HEADER_SIZE or answer[:2] != query[:2]:
        raise ValueError("what came back is no answer to the query")
    flags, answers = struct.unpack("!H2xH", answer[2:8])
    if not flags & QR:
        raise ValueError("what came back is no answer to the query")
    return Header(flags, answers)


def exchange(query: bytes, endpoint: tuple[str, int], timeout: float, preamble: bytes = b"") -> bytes:
    """Sends a datagram, with something before the query if the server expects that, and returns what comes back."""
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(timeout)
        connection.connect(endpoint)
        connection.send(preamble + query)
        return connection.recv(65535)
