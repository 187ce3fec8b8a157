#!/usr/bin/python3
"""
hear-adverts.py SECONDS: listens for VRRP adverts over IPv4, multicast ones included, as another program on the host may
do; prints the sources and destinations of those that arrive, one pair a line.
"""

import ipaddress
import socket
import sys
import time

VRRP = 112
MULTICAST = "224.0.0.18"

listener = socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP)
group = socket.inet_aton(MULTICAST) + socket.inet_aton("0.0.0.0")
listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
listener.settimeout(0.1)
end = time.monotonic() + float(sys.argv[1])
heard: set[str] = set()
while time.monotonic() < end:
    try:
        packet = listener.recv(2048)
    except TimeoutError:
        continue
    source, destination = ipaddress.ip_address(packet[12:16]), ipaddress.ip_address(packet[16:20])
    heard.add(f"{source} {destination}")
print("\n".join(sorted(heard)))
