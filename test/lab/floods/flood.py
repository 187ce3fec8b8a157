"""
Opens connections to a listener and keeps them: `flood.py KIND SERVER PORT COUNT SECONDS [SOURCE...]`.

`silent` sends nothing, `dribble` sends a query byte by byte, one each second, `asked` sends one query and nothing more,
`tls` shakes hands and sends nothing. What the other side closes is opened again, 1,000 times a second at most. Prints
the number of connections that are open, each second, and how many were opened in all.
"""

import contextlib
import resource
import select
import socket
import ssl
import sys
import time

QUERY = b"\x00\x1dab\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x00\x00\x01\x00\x01"
TICK = 0.05
# Opened at most in one tick, until as many were opened as there shall be, and after that.
FIRST_BURST = 500
BURST = 50


class Connection:
    def __init__(self, kind: str, server: str, port: int, source: str | None) -> None:
        self.kind = kind
        self.sent = 0
        raw = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET)
        self.socket = raw
        if source is not None:
            raw.bind((source, 0))
        if kind == "tls":
            raw.settimeout(1)
            raw.connect((server, port))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.socket = context.wrap_socket(raw)
        self.socket.setblocking(False)
        if kind != "tls":
            with contextlib.suppress(BlockingIOError):
                raw.connect((server, port))

    def closed(self) -> bool:
        try:
            return self.socket.recv(65_535) == b""
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True

    def speak(self, dribbles: bool) -> None:
        length = {"dribble": 1 if dribbles else 0, "asked": len(QUERY) - self.sent}.get(self.kind, 0)
        if length > 0:
            at = self.sent % len(QUERY)
            with contextlib.suppress(OSError):
                self.sent += self.socket.send(QUERY[at : at + length])


def main(kind: str, server: str, port: int, count: int, seconds: float, sources: list[str]) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    held: dict[int, Connection] = {}
    events = select.epoll()
    opened = 0
    end = time.monotonic() + seconds
    told = spoke = 0.0
    while (now := time.monotonic()) < end:
        # Only the first connections come as fast as they can.
        for _ in range(min(count - len(held), FIRST_BURST if opened < count else BURST)):
            opened += 1
            with contextlib.suppress(OSError):
                connection = Connection(kind, server, port, sources[opened % len(sources)] if sources else None)
                held[connection.socket.fileno()] = connection
                events.register(connection.socket, select.EPOLLIN)
            if time.monotonic() >= end:
                break
        dribbles = now - spoke >= 1
        spoke = now if dribbles else spoke
        for connection in held.values() if kind == "asked" or dribbles else ():
            connection.speak(dribbles)
        for descriptor, _ in events.poll(TICK, count):
            if held[descriptor].closed():
                held.pop(descriptor).socket.close()
        time.sleep(max(0, now + TICK - time.monotonic()))
        if now - told >= 1:
            told = now
            print(len(held), flush=True)
    print(f"opened {opened}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), sys.argv[6:])
