"""
DNS servers that are sick in one way each, over UDP and TCP.

Arguments: `address=mode` or `address=mode+proxy` (expects a PROXY v2 header), each on port 5300. Prints "ready". A line
`address=mode` on standard input gives a server another mode. Every answer is A 192.0.2.<last octet of the address>.
"""

import asyncio
import random
import socket
import struct
import sys

PORT = 5300
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
RCODES = {"formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5, "yxdomain": 6, "notauth": 9}


class Server:
    def __init__(self, address, mode):
        self.address = address
        self.proxy = mode.endswith("+proxy")
        self.mode = mode.removesuffix("+proxy")
        self.seen = set()

    def answer(self, query):
        """The bytes of the answer, without a length; nothing for silence."""
        mode = self.mode
        if mode in ("silent", "hung") or (mode == "every-second" and random.random() < 0.5):
            return None
        if mode == "garbage":
            return random.randbytes(40)
        if mode == "three-bytes":
            return query[:2] + b"\x84"
        end = query.index(0, 12) + 5
        question, qtype = query[12:end], query[end - 4 : end - 2]
        flags, questions, answers, authority = 0x8400 | (query[2] & 1) << 8, 1, self.records(qtype), b""
        identifier = query[:2]
        if mode in RCODES:
            flags, answers = flags | RCODES[mode], b""
        elif (mode == "validates" and not query[3] & 0x10) or (
            mode == "cached" and not question.startswith(b"\x06health")
        ):
            flags, answers = flags | RCODES["servfail"], b""
        elif mode == "once" and question in self.seen:
            flags, answers = flags | RCODES["refused"], b""
        elif mode == "formerr-header":
            return identifier + b"\x80\x01" + bytes(8)
        elif mode == "wrong-id":
            identifier = bytes([identifier[0] ^ 0xFF, identifier[1]])
        elif mode == "not-a-response":
            flags &= 0x7FFF
        elif mode == "wrong-opcode":
            flags |= 0x2000
        elif mode == "another-question":
            question = b"\x05other\x04test\x00" + query[end - 4 : end]
        elif mode == "no-question":
            question, questions, answers = b"", 0, b""
        elif mode == "truncated":
            flags, answers = flags | 0x0200, b""
        elif mode == "no-answer":
            answers = b""
        elif mode == "lame":
            flags, answers = flags & ~0x0400, b""
            authority = b"\x00\x00\x02\x00\x01\x00\x00\x00\x3c\x00\x04\x01a\xc0\x0c"
        elif mode == "not-authoritative":
            flags &= ~0x0400
        elif mode == "another-type":
            answers = b"\xc0\x0c\x00\x2e\x00\x01" + bytes(4) + b"\x00\x04" + bytes(4)
        elif mode == "another-value":
            answers = answers[:-1] + bytes([answers[-1] ^ 0x80])
        elif mode == "another-name":
            answers = b"\x05other\x04test\x00" + answers[2:]
        self.seen.add(question)
        count = 1 if answers else 0
        header = identifier + struct.pack("!HHHHH", flags, questions, count, 1 if authority else 0, 0)
        message = header + question + answers + authority
        return message[:-6] if mode == "cut-record" else message

    def records(self, qtype):
        if qtype == b"\x00\x30":
            data = bytes([1, 1, 3, 13]) + bytes(700)
            return b"\xc0\x0c" + qtype + b"\x00\x01" + bytes(4) + struct.pack("!H", len(data)) + data
        octet = int(self.address.rsplit(".", 1)[1]) if "." in self.address else int(self.address.rsplit(":", 1)[1], 16)
        data = bytes([192, 0, 2, octet])
        if qtype == b"\x00\x06":
            data = b"\x01a\xc0\x0c\x01b\xc0\x0c" + bytes(19) + bytes([octet])
        elif qtype == b"\x00\x02":
            data = b"\x01a\xc0\x0c"
        name = b"\xc0\x0c"
        return name + qtype + b"\x00\x01" + bytes(4) + struct.pack("!H", len(data)) + data

    @property
    def delay(self):
        return {"late": 0.4, "too-late": 1.9}.get(self.mode, 0)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server, other):
        self.server, self.other = server, other

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        if self.server.proxy:
            if not data.startswith(SIGNATURE):
                return
            data = data[16 + struct.unpack("!H", data[14:16])[0] :]
        answer = self.server.answer(data)
        if answer is None:
            return
        if len(answer) > 512 and data[10:12] == b"\0\0":
            answer = answer[:2] + b"\x86" + answer[3:6] + bytes(6) + data[12:]
        if self.server.mode == "another-port":
            self.other.sendto(answer, peer)
            return
        for _ in range(50 if self.server.mode == "flood" else 1):
            reply = random.randbytes(300) if self.server.mode == "flood" else answer
            asyncio.get_running_loop().call_later(self.server.delay, self.transport.sendto, reply, peer)


async def serve(server, reader, writer):
    try:
        if server.mode == "accepted-closed":
            return
        if server.proxy:
            head = await reader.readexactly(16)
            await reader.readexactly(struct.unpack("!H", head[14:])[0])
        while True:
            query = await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
            answer = server.answer(query)
            if answer is None:
                continue
            await asyncio.sleep(server.delay)
            length = len(answer) + {"length-too-large": 50, "length-too-small": -20}.get(server.mode, 0)
            framed = struct.pack("!H", length) + answer
            if server.mode == "byte-by-byte":
                for byte in framed:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.004)
            elif server.mode == "byte-a-second":
                for byte in framed:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(1)
            elif server.mode == "half-then-hung":
                writer.write(framed[: len(framed) // 2])
                await asyncio.sleep(3600)
            else:
                writer.write(framed)
            if server.mode == "one-a-connection":
                await writer.drain()
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(words):
    loop = asyncio.get_running_loop()
    servers = {}
    for word in words:
        address, mode = word.split("=")
        server = servers[address] = Server(address, mode)
        if server.mode == "closed":
            continue
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        other = socket.socket(family, socket.SOCK_DGRAM)
        other.bind((address, 0))
        await loop.create_datagram_endpoint(lambda s=server, o=other: Datagrams(s, o), local_addr=(address, PORT))
        await asyncio.start_server(lambda r, w, s=server: serve(s, r, w), address, PORT, backlog=1000)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)
    while line := (await reader.readline()).decode().strip():
        address, mode = line.split("=")
        servers[address].mode = mode
        print(f"{address} is {mode}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1:]))
