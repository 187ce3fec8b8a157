"""
Answers DNS over TLS on a port (sys.argv[1]) with a certificate (sys.argv[2]) and its key (sys.argv[3]), to whoever
sends a PROXY header of version 2 before the TLS handshake: TXT says from whom the header is, A is 192.0.2.53.
"""

import socket
import ssl
import sys
import threading

SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")
TXT = 16

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
context.set_alpn_protocols(["dot"])


def exactly(stream: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def client_of(stream: socket.socket) -> str:
    header = exactly(stream, 16)
    if header[:12] != SIGNATURE:
        raise EOFError
    addresses = exactly(stream, int.from_bytes(header[14:16], "big"))
    return socket.inet_ntoa(addresses[:4]) if header[12] & 15 == 1 else "local"


def answer(query: bytes, client: str) -> bytes:
    question = query[12 : query.index(b"\0", 12) + 5]
    kind = int.from_bytes(question[-4:-2], "big")
    data = bytes([len(client)]) + client.encode() if kind == TXT else socket.inet_aton("192.0.2.53")
    record = b"\xc0\x0c" + question[-4:] + bytes(4) + len(data).to_bytes(2, "big") + data
    return query[:2] + bytes.fromhex("85800001000100000000") + question + record


def serve(stream: socket.socket) -> None:
    try:
        stream.settimeout(10)
        client = client_of(stream)
        with context.wrap_socket(stream, server_side=True) as secure:
            while True:
                query = exactly(secure, int.from_bytes(exactly(secure, 2), "big"))
                message = answer(query, client)
                secure.sendall(len(message).to_bytes(2, "big") + message)
    except (EOFError, OSError, ValueError):
        stream.close()


listener = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
