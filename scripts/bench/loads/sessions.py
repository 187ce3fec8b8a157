"""Opens TLS sessions with a DNS server one after the other, each for one query, in several processes at once.

usage: sessions.py ADDRESS PORT AUTHORITY NAME SECONDS PROCESSES new|resumed

Prints how many sessions there were, and how many of them were resumed, as JSON.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import time

QUERY = bytes.fromhex("abcd01000001000000000000026831076578616d706c6503636f6d0000010001")


def exchange(connection: ssl.SSLSocket) -> None:
    connection.sendall(len(QUERY).to_bytes(2, "big") + QUERY)
    answer = b""
    while len(answer) < 2 or len(answer) < 2 + int.from_bytes(answer[:2], "big"):
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("the connection ended before its answer")
        answer += part
    if answer[2:4] != QUERY[:2] or answer[5] & 15:
        raise ValueError(f"another answer: {answer[2:14].hex()}")


def run(address: str, port: int, authority: str, name: str, seconds: float, resumes: bool) -> dict[str, int]:
    context = ssl.create_default_context(cafile=authority)
    end = time.monotonic() + seconds
    session: ssl.SSLSession | None = None
    sessions = resumed = 0
    while time.monotonic() < end:
        with socket.create_connection((address, port), timeout=5) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(plain, server_hostname=name, session=session) as connection:
                exchange(connection)
                sessions += 1
                resumed += connection.session_reused is True
                # The ticket of TLS 1.3 comes after the handshake; it has been read with the answer.
                if resumes:
                    session = connection.session
    return {"sessions": sessions, "resumed": resumed}


def main(words: list[str]) -> None:
    address, port, authority, name, seconds, processes, kind = words
    children: list[tuple[int, int]] = []
    start = time.monotonic()
    for _ in range(int(processes)):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            result = run(address, int(port), authority, name, float(seconds), kind == "resumed")
            os.write(writer, json.dumps(result).encode())
            os._exit(0)
        os.close(writer)
        children.append((child, reader))
    total = {"sessions": 0, "resumed": 0, "failed": 0}
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
