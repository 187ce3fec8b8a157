import * as dgram from "node:dgram";
import { createInterface } from "node:readline";
import { familyOf } from "../../core/ip.js";
import type { ClientReply, ClientRequest } from "./client-protocol.js";
import { exchange } from "./exchange.js";
import { LoadGenerator } from "./load-generator.js";

/*
 * The program that runs inside a client's network namespace: reads requests from stdin, writes replies to stdout, and
 * exits at the end of stdin.
 */

const DISCARD_PORT = 9;
const loads = new Map<number, LoadGenerator>();

function load(number: number): LoadGenerator {
  const found = loads.get(number);
  if (found === undefined) throw new RangeError(`no load ${number}`);
  return found;
}

/** Makes the kernel resolve the neighbour, because packets to an unresolved one may be lost. */
function warm(server: string): Promise<void> {
  const socket = dgram.createSocket(familyOf(server) === "ipv6" ? "udp6" : "udp4");
  socket.on("error", () => {});
  socket.send("", DISCARD_PORT, server, () => {});
  return new Promise((resolve) =>
    setTimeout(() => {
      socket.close();
      resolve();
    }, 20),
  );
}

async function answer(request: ClientRequest): Promise<unknown> {
  switch (request.op) {
    case "exchange":
      return exchange(request.target, request.messages);
    case "warm":
      return warm(request.server);
    case "load": {
      const generator = new LoadGenerator(request.plan);
      loads.set(request.load, generator);
      const report = await generator.done;
      loads.delete(request.load);
      return report;
    }
    case "report":
      return load(request.load).report();
    case "stop":
      return loads.get(request.load)?.stop();
  }
}

function reply(message: ClientReply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const request = JSON.parse(line) as ClientRequest;
    try {
      reply({ id: request.id, result: (await answer(request)) ?? null });
    } catch (error) {
      reply({ id: request.id, error: error instanceof Error ? error.message : String(error) });
    }
  })
  .on("close", () => process.exit(0));
