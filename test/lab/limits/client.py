"""
Clients that come to their limits. Takes jobs as a JSON list on stdin, does them one after the other, and prints their
results as a JSON list. A job has `kind`, `source`, `server`, `transport` ("udp", "tcp" or "dot") and `count`:

- "connections": opens so many connections one after the other, asks on each; how many were answered.
- "queries": sends so many queries at once, on one socket; how many answers there were of each kind.
- "stream": asks for large answers on one connection for `seconds`; the bytes that came, and whether it was cut.
"""

import json
import select
import socket
import ssl
import sys
import time
from collections import Counter
from typing import Any

PORTS = {"udp": 53, "tcp": 53, "dot": 853}
TIMEOUT = 2.0
# Queries on the way at once, as many bytes as fit into the buffers of a connection.
WINDOW = 200


def query(identity: int, first: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(each)]) + each.encode() for each in (first, "dns-lb", "test"))
    return identity.to_bytes(2, "big") + bytes.fromhex("01000001000000000000") + labels + bytes([0, 0, kind, 0, 1])


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def connect(job: "dict[str, Any]") -> socket.socket:
    family = socket.AF_INET6 if ":" in job["server"] else socket.AF_INET
    kind = socket.SOCK_DGRAM if job["transport"] == "udp" else socket.SOCK_STREAM
    plain = socket.socket(family, kind)
    plain.settimeout(TIMEOUT)
    plain.bind((job["source"], 0))
    plain.connect((job["server"], PORTS[job["transport"]]))
    if job["transport"] != "dot":
        return plain
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)


def connections(job: "dict[str, Any]") -> int:
    answered = 0
    for _ in range(job["count"]):
        try:
            with connect(job) as connection:
                connection.sendall(framed(query(1, "whoami", 16)))
                answered += len(connection.recv(4096)) > 0
        except OSError:
            pass
    return answered


def queries(job: "dict[str, Any]") -> "dict[str, int]":
    messages = [query(identity, "whoami", 16) for identity in range(job["count"])]
    counts: Counter[str] = Counter()
    with connect(job) as connection:
        if job["transport"] == "udp":
            for message in messages:
                connection.send(message)
        else:
            connection.sendall(b"".join(map(framed, messages)))
        pending = b""
        try:
            while counts.total() < job["count"]:
                data = connection.recv(65535)
                if not data:
                    counts["ended"] = 1
                    break
                if job["transport"] == "udp":
                    counts[kind_of(data)] += 1
                    continue
                pending += data
                while len(pending) >= 2 and len(pending) >= 2 + int.from_bytes(pending[:2], "big"):
                    size = 2 + int.from_bytes(pending[:2], "big")
                    counts[kind_of(pending[2:size])] += 1
                    pending = pending[size:]
        except TimeoutError:
            pass
        except OSError:
            counts["ended"] = 1
    return counts


def kind_of(answer: bytes) -> str:
    if answer[2] & 2:
        return "truncated"
    return {0: "answered", 5: "refused"}.get(answer[3] & 15, "other")


def stream(job: "dict[str, Any]") -> "dict[str, Any]":
    received, asked, answers = 0, 0, 0
    pending = b""
    with connect(job) as connection:
        end = time.monotonic() + job["seconds"]
        while time.monotonic() < end:
            while asked - answers < WINDOW:
                connection.sendall(framed(query(asked & 65535, "large", 16)))
                asked += 1
            if not getattr(connection, "pending", lambda: 0)() and not select.select([connection], [], [], 0.2)[0]:
                continue
            try:
                data = connection.recv(65535)
            except ConnectionError:
                data = b""
            if not data:
                return {"bytes": received, "cut": True}
            received += len(data)
            pending += data
            while len(pending) >= 2 and len(pending) >= 2 + int.from_bytes(pending[:2], "big"):
                pending = pending[2 + int.from_bytes(pending[:2], "big") :]
                answers += 1
    return {"bytes": received, "cut": False}


KINDS = {"connections": connections, "queries": queries, "stream": stream}
json.dump([KINDS[job["kind"]](job) for job in json.load(sys.stdin)], sys.stdout)
