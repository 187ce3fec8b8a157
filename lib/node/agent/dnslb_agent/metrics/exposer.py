"""
Gives out the metrics of a node by HTTP at a Unix socket. This is a process without rights: it has no files, starts
nothing, and gets the text from the process that collects it.
"""

import os
import resource
import selectors
import socket
import struct
import time
from contextlib import suppress

from .. import capabilities
from .samples import head

# Of a user that has no files, by Debian's policy: nobody.
NOBODY = 65534
# At once; others wait in the queue of the socket.
MAX_CLIENTS = 16
MAX_REQUEST = 8192
MAX_TEXT = 64 * 1024 * 1024
# Bytes of memory, and files.
MEMORY = 512 * 1024 * 1024
DESCRIPTORS = 64
# Seconds: for the whole of a request and its answer; for a text that is new enough, and what is new enough.
CLIENT_TIME = 5.0
WAIT = 2.0
FRESH = 15.0
# Before each text: its length, and seconds since the boot when it was collected.
FRAME = struct.Struct("!Qd")
AGE = "collection_age_seconds"


def now() -> float:
    """Seconds since the boot, of a clock that two processes share."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def give_up_rights() -> None:
    """Lets this process do nothing from here on but use what it has open."""
    capabilities.end_with_parent()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        # Setting the user forgets it.
        capabilities.end_with_parent()
        capabilities.drop_all()
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))


class _Client:
    """A connection: its request, then its answer."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.deadline = now() + CLIENT_TIME
        self.request = bytearray()
        # Until when it waits for a new text; None while its request is not complete, or its answer is under way.
        self.waits_until: float | None = None
        self.method = ""
        self.answer = memoryview(b"")


class Exposer:
    """Answers requests with the newest text, and asks for a newer one with each."""

    def __init__(self, listener: socket.socket, source: socket.socket) -> None:
        self._listener = listener
        self._source = source
        self._selector = selectors.DefaultSelector()
        self._clients: dict[int, _Client] = {}
        self._received = bytearray()
        self._text: bytes | None = None
        self._collected = 0.0
        self._accepts = False

    def run(self) -> None:
        """Serves until the process that collects ends."""
        self._listener.setblocking(False)
        self._source.setblocking(False)
        self._selector.register(self._source, selectors.EVENT_READ)
        while True:
            self._accept_or_not()
            for key, _ in self._selector.select(self._next_deadline()):
                if key.fileobj is self._source:
                    if not self._receive():
                        return
                elif key.fileobj is self._listener:
                    self._accept()
                else:
                    self._serve(self._clients[key.fd])
            self._look_at_clock()

    def _accept_or_not(self) -> None:
        wanted = len(self._clients) < MAX_CLIENTS
        if wanted and not self._accepts:
            self._selector.register(self._listener, selectors.EVENT_READ)
        elif self._accepts and not wanted:
            self._selector.unregister(self._listener)
        self._accepts = wanted

    def _next_deadline(self) -> float | None:
        times = [client.deadline for client in self._clients.values()]
        times += [client.waits_until for client in self._clients.values() if client.waits_until is not None]
        return max(0.0, min(times) - now()) if times else None

    def _receive(self) -> bool:
        """Takes a part of a text; returns False when there will be none any more."""
        try:
            part = self._source.recv(1024 * 1024)
        except BlockingIOError:
            return True
        self._received += part
        while len(self._received) >= FRAME.size:
            length, collected = FRAME.unpack_from(self._received)
            if length > MAX_TEXT:
                return False
            if len(self._received) < FRAME.size + length:
                break
            self._text = bytes(self._received[FRAME.size : FRAME.size + length])
            self._collected = collected
            del self._received[: FRAME.size + length]
        return bool(part)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        client = _Client(connection)
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ)

    def _serve(self, client: _Client) -> None:
        try:
            if client.answer:
                self._send(client)
            elif client.waits_until is not None:
                # Nothing more is asked for: it has gone, or says what nobody wants to hear.
                if not client.connection.recv(MAX_REQUEST):
                    self._close(client)
            else:
                self._read(client)
        except BlockingIOError:
            pass
        except OSError:
            self._close(client)

    def _read(self, client: _Client) -> None:
        part = client.connection.recv(MAX_REQUEST)
        client.request += part
        if b"\r\n\r\n" in client.request:
            client.method = client.request.split(b" ", 1)[0].decode("latin-1")
            client.waits_until = now() + WAIT
            # Who collects has it asked for already if this is full.
            with suppress(BlockingIOError):
                self._source.send(b".")
        elif not part or len(client.request) > MAX_REQUEST:
            self._close(client)

    def _look_at_clock(self) -> None:
        """Answers who has waited for long enough, and gives up on who is too slow."""
        instant = now()
        for client in list(self._clients.values()):
            if instant >= client.deadline:
                self._close(client)
            elif client.waits_until is not None and (
                instant >= client.waits_until or (self._text is not None and instant - self._collected <= FRESH)
            ):
                client.waits_until = None
                client.answer = memoryview(self._answer(client.method))
                self._selector.modify(client.connection, selectors.EVENT_WRITE)

    def _answer(self, method: str) -> bytes:
        if method not in ("GET", "HEAD"):
            return _response("405 Method Not Allowed", b"")
        if self._text is None:
            return _response("503 Service Unavailable", b"Nothing is known yet.\n")
        age = f"{head(AGE)}dnslb_{AGE} {max(0.0, now() - self._collected):.3f}\n".encode()
        return _response("200 OK", self._text + age, method == "HEAD")

    def _send(self, client: _Client) -> None:
        sent = client.connection.send(client.answer)
        client.answer = client.answer[sent:]
        if not client.answer:
            self._close(client)

    def _close(self, client: _Client) -> None:
        descriptor = client.connection.fileno()
        self._selector.unregister(client.connection)
        client.connection.close()
        del self._clients[descriptor]


def _response(status: str, body: bytes, only_head: bool = False) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain; version=0.0.4; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join([*lines, "", ""]).encode() + (b"" if only_head else body)
