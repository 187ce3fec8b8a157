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

interface Listening {
  readonly port: number;
  /** How many messages it has answered. */
  readonly answers: () => number;
}

/** A TCP server that answers each message, or ends the connection where it is told to. */
async function listen(ends: (message: number) => boolean): Promise<Listening> {
  let messages = 0;
  let answers = 0;
  const server = createServer((socket: Socket) => {
    const deframer = new Deframer();
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const bytes of deframer.push(chunk)) {
        messages += 1;
        // No reset, which would take answers back that are on their way.
        if (ends(messages)) socket.end();
        if (!socket.writable) continue;
        answers += 1;
        socket.write(framed(answerTo(bytes)));
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, answers: () => answers };
}

function load({ port }: Listening, retry: LoadPlan["retry"], connections: LoadPlan["connections"] = "persistent") {
  const plan: LoadPlan = {
    target: { server: "127.0.0.1", port, transport: "tcp", timeout: 1_000 },
    ...{ names: ["a.test"], type: "A", recursion: true, rate: 100, count: 20 },
    ...{ connections, concurrency: 1, retry },
  };
  return new LoadGenerator(plan).done;
}

const onceAtTen = (message: number) => message === 10;

test("loses the queries that a connection left open at its end, unless it may ask again", async () => {
  // A client that is behind its schedule has several on their way.
  const server = await listen(onceAtTen);
  const { answered, lost, closed, broken, repeated } = await load(server, false);
  expect(answered).toBe(server.answers());
  expect(lost).toBeGreaterThan(0);
  expect({ answered, closed, broken, repeated }).toEqual({ answered: 20 - lost, closed: lost, broken: 1, repeated: 0 });
  const patient = await load(await listen(onceAtTen), true);
  expect(patient).toMatchObject({ answered: 20, lost: 0, closed: 0, broken: 1 });
  expect(patient.repeated).toBeGreaterThan(0);
});

test("asks again once, not for ever", async () => {
  const server = await listen((message) => message >= 10);
  const { answered, lost, repeated, late, refused, closed } = await load(server, true);
  expect({ answered, lost, late, refused, closed }).toEqual({ answered: 9, lost: 11, late: 0, refused: 0, closed: 11 });
  expect(repeated).toBe(11);
});

test("loses a query whose own connection ends, unless all may be asked again, three times", async () => {
  const impatient = await load(await listen(onceAtTen), true, "new");
  expect(impatient).toMatchObject({ answered: 19, lost: 1, closed: 1, broken: 0, repeated: 0 });
  const patient = await load(await listen(onceAtTen), "all", "new");
  expect(patient).toMatchObject({ answered: 20, lost: 0, closed: 0, broken: 0, repeated: 1 });
  const never = await load(await listen(() => true), "all", "new");
  expect(never).toMatchObject({ answered: 0, lost: 20, closed: 20, repeated: 60 });
});
