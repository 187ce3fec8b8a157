"""
Asks one server as many clients: `ask-as.py TRANSPORT SERVER`, with the clients' addresses on stdin, which the machine
must have. Prints, as JSON, which server behind answered each client, by its `whoami`; null where none did.
"""

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

QUERY = b"\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06whoami\x06dns-lb\x04test\x00\x00\x10\x00\x01"
# The address of a client resolves, and a server that dies is noticed, at the second try.
TRIES = 5
TIMEOUT = 0.4


def ask(transport: str, server: str, client: str) -> bytes:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT)
        connection.bind((client, 0))
        connection.connect((server, 53))
        if transport == "udp":
            connection.send(QUERY)
            return connection.recv(4096)
        connection.sendall(len(QUERY).to_bytes(2, "big") + QUERY)
        return connection.recv(4096)[2:]


def answer(transport: str, server: str, client: str) -> "str | None":
    for _ in range(TRIES):
        try:
            message = ask(transport, server, client)
        except OSError:
            continue
        # The text of the first record: behind the question, a pointer to its name and ten bytes.
        at = len(QUERY) + 12
        if len(message) > at and message[3] & 15 == 0:
            return message[at + 1 : at + 1 + message[at]].decode()
    return None


def main(transport: str, server: str) -> None:
    clients = sys.stdin.read().split()
    with ThreadPoolExecutor(16) as crew:
        answers = crew.map(lambda client: answer(transport, server, client), clients)
        json.dump(dict(zip(clients, answers, strict=True)), sys.stdout)


main(*sys.argv[1:])
