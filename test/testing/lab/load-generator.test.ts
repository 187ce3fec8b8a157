import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { LoadPlan } from "../../../lib/testing/lab/client-protocol.js";
import { LoadGenerator } from "../../../lib/testing/lab/load-generator.js";
import { Deframer, framed } from "../../../lib/testing/lab/wire.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The query itself, called an answer. */
function answerTo(query: Buffer): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt8(answer.readUInt8(2) | 0x80, 2);
  return answer;
}

/** A TCP server that answers each message, or ends the connection where it is told to. */
async function listen(ends: (message: number) => boolean): Promise<number> {
  let messages = 0;
  const server = createServer((socket: Socket) => {
    const deframer = new Deframer();
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const bytes of deframer.push(chunk)) {
        messages += 1;
        if (ends(messages)) socket.destroy();
        else socket.write(framed(answerTo(bytes)));
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function load(port: number, retry: boolean) {
  const plan: LoadPlan = {
    target: { server: "127.0.0.1", port, transport: "tcp", timeout: 1_000 },
    ...{ names: ["a.test"], type: "A", recursion: true, rate: 100, count: 20 },
    ...{ connections: "persistent", concurrency: 1, retry },
  };
  return new LoadGenerator(plan).done;
}

const onceAtTen = (message: number) => message === 10;

test("loses queries whose connection was ended, unless it may ask again", async () => {
  // A client that is behind its schedule has several on their way.
  const { answered, lost, closed, broken, repeated } = await load(await listen(onceAtTen), false);
  expect(lost).toBeGreaterThan(0);
  expect({ answered, closed, broken, repeated }).toEqual({ answered: 20 - lost, closed: lost, broken: 1, repeated: 0 });
  const patient = await load(await listen(onceAtTen), true);
  expect(patient).toMatchObject({ answered: 20, lost: 0, closed: 0, broken: 1 });
  expect(patient.repeated).toBeGreaterThan(0);
});

test("asks again once, not for ever", async () => {
  const port = await listen((message) => message >= 10);
  const { answered, lost, repeated, late, refused, closed } = await load(port, true);
  expect({ answered, lost, late, refused, closed }).toEqual({ answered: 9, lost: 11, late: 0, refused: 0, closed: 11 });
  expect(repeated).toBe(11);
});
