"""
Asks for health.example.com A over and over: `name=udp|tcp=address=count`. Prints how many answers were bad, and the
last octets of the addresses in the others.
"""

import json
import os
import socket
import struct
import sys
import threading

QUESTION = b"\x06health\x07example\x03com\x00\x00\x01\x00\x01"
# Seconds: a server that sends byte by byte takes its time on a busy machine.
TIMEOUT = 5


def ask(transport, address):
    """The last octet of the answer; nothing if it is bad."""
    identifier = os.urandom(2)
    query = identifier + b"\x01\x00\x00\x01" + bytes(6) + QUESTION
    if transport == "udp":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(TIMEOUT)
            sock.connect((address, 53))
            sock.send(query)
            answer = sock.recv(65535)
    else:
        with socket.create_connection((address, 53), TIMEOUT) as sock:
            sock.sendall(struct.pack("!H", len(query)) + query)
            stream = sock.makefile("rb")
            answer = stream.read(struct.unpack("!H", stream.read(2))[0])
    count = struct.unpack("!H", answer[6:8])[0]
    begins = answer[:2] == identifier and answer[2] & 0xFA == 0x80 and answer[3] & 15 == 0
    good = begins and count > 0 and answer[12:].startswith(QUESTION) and len(answer) >= 12 + len(QUESTION) + 16
    return answer[12 + len(QUESTION) + 15] if good else None


def job(name, transport, address, count, results):
    found = results[name] = {"bad": 0, "octets": []}
    for _ in range(int(count)):
        try:
            octet = ask(transport, address)
        except (OSError, struct.error, IndexError):
            octet = None
        if octet is None:
            found["bad"] += 1
        elif octet not in found["octets"]:
            found["octets"] = sorted([*found["octets"], octet])


results = {}
threads = [threading.Thread(target=job, args=(*word.split("="), results)) for word in sys.argv[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(results))
