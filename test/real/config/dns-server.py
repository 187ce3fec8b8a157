"""Answers every query over UDP after a delay: A 192.0.2.<last octet of the address asked>. Arguments: ms, addresses."""

import asyncio
import socket
import sys

# From asm-generic/socket.h: Python does not name it.
SO_RCVBUFFORCE = 33


class Answers(asyncio.DatagramProtocol):
    def __init__(self, octet, delay):
        self.octet, self.delay = octet, delay

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        end = data.index(0, 12) + 5
        header = data[:2] + b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00"
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02" + bytes([self.octet])
        answer = header + data[12:end] + record
        asyncio.get_running_loop().call_later(self.delay, self.transport.sendto, answer, peer)


async def main(delay, addresses):
    for address in addresses:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        sock.bind((address, 5300))
        octet = int(address.rsplit(".", 1)[1])
        await asyncio.get_running_loop().create_datagram_endpoint(lambda o=octet: Answers(o, delay), sock=sock)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]) / 1000, sys.argv[2:]))
