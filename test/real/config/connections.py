"""
Clients of a HAProxy at 10.0.0.2, with a server at 127.0.0.1:5300 that answers each message with its length. Prints, as
JSON, what became of each client, and how many connections the server saw. Port 53 has the rule of the first message,
port 54 the limits of a listener with 16 connections and 3 for each client.
"""

import contextlib
import json
import socket
import struct
import threading
import time

QUERY = b"ab\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x00\x00\x01\x00\x01"
MESSAGE = struct.pack("!H", len(QUERY)) + QUERY
LONG = struct.pack("!H", 60_000) + b"x" * 60_000

seen: list[int] = []


def serve(connection: socket.socket) -> None:
    # HAProxy resets connections of clients that have gone.
    with connection, contextlib.suppress(OSError):
        data = b""
        while chunk := connection.recv(65_536):
            data += chunk
            while len(data) > 1 and len(data) >= (size := 2 + struct.unpack("!H", data[:2])[0]):
                data = data[size:]
                time.sleep(0.05)
                connection.sendall(struct.pack("!HH", 2, size - 2))


def listen() -> None:
    server = socket.create_server(("127.0.0.1", 5300), backlog=100)
    while True:
        connection, _ = server.accept()
        seen.append(1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def connect(port: int, source: str = "10.0.0.2") -> socket.socket:
    return socket.create_connection(("10.0.0.2", port), 15, (source, 0))


def ask(parts: list[bytes], pause: float = 0, ends: bool = False) -> str:
    """`answered N` with the length that the server saw, or `closed` with the seconds until then."""
    began = time.monotonic()
    with connect(53) as client:
        with contextlib.suppress(OSError):
            for part in parts:
                client.sendall(part)
                time.sleep(pause)
        if ends:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(OSError):
            while len(answer) < 4 and (chunk := client.recv(4)):
                answer += chunk
    if len(answer) == 4:
        return f"answered {struct.unpack('!HH', answer)[1]}"
    waited = time.monotonic() - began
    return "closed at once" if waited < 2 else "closed in time" if 4 < waited < 8 else f"closed after {waited:.1f} s"


def crowd(source: str, count: int) -> tuple[list[socket.socket], int]:
    """Opens silent connections one after the other; those that stay, and their number."""
    opened: list[socket.socket] = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            opened.append(connect(54, source))
        time.sleep(0.02)
    kept: list[socket.socket] = []
    for client in opened:
        client.settimeout(0.01)
        try:
            client.recv(1)
        except TimeoutError:
            kept.append(client)
        except OSError:
            pass
    return kept, len(kept)


def main() -> None:
    threading.Thread(target=listen, daemon=True).start()
    for _ in range(100):
        with contextlib.suppress(OSError), connect(54) as client:
            client.sendall(MESSAGE)
            client.recv(4)
            break
        time.sleep(0.05)
    clients: dict[str, tuple[list[bytes], float, bool]] = {
        "a whole message": ([MESSAGE], 0, False),
        "a message in three parts": ([MESSAGE[:1], MESSAGE[1:9], MESSAGE[9:]], 0.3, False),
        "a message byte by byte in 3 s": ([bytes([byte]) for byte in MESSAGE], 0.1, False),
        "a message, and the end of its client's side": ([MESSAGE], 0, True),
        "a message of 60 kB": ([LONG], 0, False),
        "nothing": ([], 0, False),
        "a part": ([MESSAGE[:9]], 0, False),
        "a message byte by byte in 8 s": ([bytes([byte]) for byte in MESSAGE], 0.25, False),
        "a length of zero": ([b"\x00\x00"], 0, False),
        "nothing, and the end of its client's side": ([], 0, True),
        "a part, and the end of its client's side": ([MESSAGE[:9]], 0, True),
    }
    became: dict[str, str] = {}

    def run(name: str) -> None:
        became[name] = ask(*clients[name])

    threads = [threading.Thread(target=run, args=(name,)) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held, alone = crowd("127.0.0.3", 12)
    others, other = crowd("127.0.0.4", 5)
    for client in held:
        client.close()
    time.sleep(0.2)
    _, again = crowd("127.0.0.4", 3)
    for client in others:
        client.close()
    time.sleep(0.5)
    print(json.dumps({"clients": became, "seen": len(seen), "held": [alone, other, again]}))


main()
