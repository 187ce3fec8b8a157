"""Connects to a DNS server again and again, each time for one query, in several processes at once.

usage: connections.py ADDRESS PORT SECONDS PROCESSES plain
       connections.py ADDRESS PORT SECONDS PROCESSES new|resumed AUTHORITY NAME

Over TCP, or over TLS with sessions that are new or resumed. Prints as JSON how many connections were served, how many
were reset or closed before their answer, and how many sessions were resumed.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import time

QUERY = bytes.fromhex("abcd01000001000000000000026831076578616d706c6503636f6d0000010001")
FRAMED = len(QUERY).to_bytes(2, "big") + QUERY


def exchange(connection: socket.socket) -> None:
    connection.sendall(FRAMED)
    answer = b""
    while len(answer) < 2 or len(answer) < 2 + int.from_bytes(answer[:2], "big"):
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("the connection ended before its answer")
        answer += part
    if answer[2:4] != QUERY[:2] or answer[5] & 15:
        raise ValueError(f"another answer: {answer[2:14].hex()}")


def connect(address: str, port: int) -> socket.socket:
    connection = socket.create_connection((address, port), timeout=5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def run_plain(address: str, port: int, end: float) -> dict[str, int]:
    connections = lost = 0
    while time.monotonic() < end:
        try:
            with connect(address, port) as connection:
                exchange(connection)
        except ConnectionError as error:
            lost += 1
            if lost == 1:
                print(error, file=sys.stderr, flush=True)
            continue
        connections += 1
    return {"connections": connections, "lost": lost, "resumed": 0}


def run_sessions(address: str, port: int, end: float, resumes: bool, authority: str, name: str) -> dict[str, int]:
    context = ssl.create_default_context(cafile=authority)
    session: ssl.SSLSession | None = None
    connections = lost = resumed = 0
    while time.monotonic() < end:
        try:
            with (
                connect(address, port) as plain,
                context.wrap_socket(plain, server_hostname=name, session=session) as connection,
            ):
                exchange(connection)
                resumed += connection.session_reused is True
                # The ticket of TLS 1.3 comes after the handshake; it has been read with the answer.
                if resumes:
                    session = connection.session
        except (ConnectionError, ssl.SSLEOFError) as error:
            lost += 1
            if lost == 1:
                print(error, file=sys.stderr, flush=True)
            continue
        connections += 1
    return {"connections": connections, "lost": lost, "resumed": resumed}


def main(words: list[str]) -> None:
    address, port, seconds, processes, kind, *trust = words
    children: list[tuple[int, int]] = []
    start = time.monotonic()
    end = start + float(seconds)
    for _ in range(int(processes)):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                result = (
                    run_plain(address, int(port), end)
                    if kind == "plain"
                    else run_sessions(address, int(port), end, kind == "resumed", trust[0], trust[1])
                )
                os.write(writer, json.dumps(result).encode())
            except (OSError, ValueError) as error:
                print(error, file=sys.stderr, flush=True)
            os._exit(0)
        os.close(writer)
        children.append((child, reader))
    total = {"connections": 0, "lost": 0, "resumed": 0, "failed": 0}
    for child, reader in children:
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        if not text:
            total["failed"] += 1
            continue
        for key, value in json.loads(text).items():
            total[key] += value
    print(json.dumps({**total, "seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main(sys.argv[1:])
