"""A secondary that reads a zone transfer as slowly as it is told, and writes how it ended as JSON."""

import argparse
import json
import socket
import ssl
import struct
import time

AXFR = 252
IXFR = 251
SOA = 6

# Bytes that the kernel keeps of a transfer whose reader pauses. A buffer of its own choice may hold the whole zone,
# where the host lets buffers grow so far (net.ipv4.tcp_rmem).
RECEIVE_BUFFER = 262_144


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.rstrip(".").split(".")) + b"\0"


def message(qname, qtype, serial=None):
    counts = (1, 0, 0 if serial is None else 1, 0)
    query = struct.pack("!6H", qtype, 0, *counts) + name(qname) + struct.pack("!2H", qtype, 1)
    if serial is not None:
        data = b"\0\0" + struct.pack("!5I", serial, 0, 0, 0, 0)
        query += b"\xc0\x0c" + struct.pack("!2HIH", SOA, 1, 0, len(data)) + data
    return struct.pack("!H", len(query)) + query


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("zone")
    parser.add_argument("records", type=int, help="how many the whole transfer has")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--tls-at-most", choices=["1.2", "1.3"], default="1.3")
    parser.add_argument("--ixfr", type=int, help="asks by IXFR for what changed since this serial")
    parser.add_argument("--before", help="a name to ask for the address of first, on the same connection")
    parser.add_argument("--rate", type=float, default=0, help="bytes per second; 0 is as fast as possible")
    parser.add_argument("--slow-for", type=float, default=3600, help="seconds after which the rate does not count")
    parser.add_argument("--pause", type=float, default=0, help="seconds to read nothing, once")
    parser.add_argument("--pause-at", type=int, default=500_000, help="after so many bytes")
    given = parser.parse_args()
    started = time.monotonic()
    count, size, end, tls = 0, 0, "whole", []
    asked = AXFR if given.ixfr is None else IXFR
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    connection.settimeout(5)
    connection.connect((given.server, 853 if given.tls else 53))
    try:
        connection.settimeout(given.pause + 60)
        if given.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.maximum_version = ssl.TLSVersion["TLSv" + given.tls_at_most.replace(".", "_")]
            context.set_alpn_protocols(["dot"])
            connection = context.wrap_socket(connection)
            tls = [connection.version(), connection.selected_alpn_protocol()]
        if given.before:
            connection.sendall(message(given.before, 1))
            connection.recv(65_536)
        connection.sendall(message(given.zone, asked, given.ixfr))
        buffer = bytearray()
        while count < given.records:
            slow = given.rate > 0 and time.monotonic() - started < given.slow_for
            chunk = connection.recv(max(1_024, min(65_536, int(given.rate / 10))) if slow else 65_536)
            if not chunk:
                end = "cut"
                break
            size += len(chunk)
            buffer += chunk
            while len(buffer) >= 2 and len(buffer) >= 2 + struct.unpack("!H", buffer[:2])[0]:
                length = struct.unpack("!H", buffer[:2])[0]
                qtype, flags, _, answers = struct.unpack("!4H", buffer[2:10])
                del buffer[: 2 + length]
                if flags & 15:
                    end = f"rcode {flags & 15}"
                elif qtype == asked:
                    count += answers
            if end != "whole":
                break
            if given.pause and size >= given.pause_at:
                time.sleep(given.pause)
                given.pause = 0
            if slow:
                time.sleep(max(0.0, size / given.rate - (time.monotonic() - started)))
    except OSError as error:
        end = f"cut: {error}"
    print(json.dumps({"end": end, "records": count, "bytes": size, "seconds": time.monotonic() - started, "tls": tls}))


main()
