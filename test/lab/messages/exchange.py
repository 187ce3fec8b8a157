"""Sends bytes as they are, many exchanges at a time, and tells what came back.

Reads a JSON list of exchanges from stdin: key, address, port, transport (udp, tcp, dot), pieces (milliseconds to wait,
hex), answers (how many to wait for), timeout in milliseconds. Writes an object: for each key the answers as hex, and
how it ended: "done", "timeout", "closed", "another source", "no connection".
"""

import asyncio
import json
import ssl
import sys

# One for all: each would read the certificates of the system anew.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


class Udp(asyncio.DatagramProtocol):
    def __init__(self, expected):
        self.expected = expected
        self.answers = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.answers.put_nowait((data, (addr[0], addr[1]) == self.expected))


async def over_udp(exchange):
    loop = asyncio.get_running_loop()
    expected = (exchange["address"], exchange["port"])
    # Not connected, so that an answer from elsewhere is seen.
    transport, udp = await loop.create_datagram_endpoint(lambda: Udp(expected), local_addr=("0.0.0.0", 0))
    try:
        for pause, data in exchange["pieces"]:
            await asyncio.sleep(pause / 1000)
            transport.sendto(bytes.fromhex(data), expected)
        answers = []
        for _ in range(exchange["answers"]):
            try:
                data, right = await asyncio.wait_for(udp.answers.get(), exchange["timeout"] / 1000)
            except TimeoutError:
                return answers, "timeout"
            answers.append(data.hex())
            if not right:
                return answers, "another source"
        return answers, "done"
    finally:
        transport.close()


async def over_stream(exchange):
    context = TLS if exchange["transport"] == "dot" else None
    reader, writer = await asyncio.open_connection(exchange["address"], exchange["port"], ssl=context)
    answers = []
    try:
        for pause, data in exchange["pieces"]:
            await asyncio.sleep(pause / 1000)
            writer.write(bytes.fromhex(data))
            await writer.drain()
        for _ in range(exchange["answers"]):
            async with asyncio.timeout(exchange["timeout"] / 1000):
                length = int.from_bytes(await reader.readexactly(2), "big")
                answers.append((await reader.readexactly(length)).hex())
        return answers, "done"
    except TimeoutError:
        return answers, "timeout"
    except (asyncio.IncompleteReadError, OSError):
        return answers, "closed"
    finally:
        writer.transport.abort()


async def main():
    exchanges = json.load(sys.stdin)
    slots = asyncio.Semaphore(60)
    results = {}

    async def run(exchange):
        async with slots:
            send = over_udp if exchange["transport"] == "udp" else over_stream
            try:
                answers, end = await asyncio.wait_for(send(exchange), exchange["timeout"] / 1000 + 8)
            except (OSError, TimeoutError):
                answers, end = [], "no connection"
            results[exchange["key"]] = {"answers": answers, "end": end}

    await asyncio.gather(*(run(exchange) for exchange in exchanges))
    json.dump(results, sys.stdout)


asyncio.run(main())
