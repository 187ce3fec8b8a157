import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "../../../lib/config/dnsdist/index.js";
import { canIsolate, DnsdistNode, have } from "./dnsdist-node.js";

/** Asks twenty times a second on one connection. Prints the number of answers, and seconds. */
const BUSY = `
import socket, struct, time
header = struct.pack("!HHHHHH", 1, 0x100, 1, 0, 0, 0)
query = header + b"\\1a\\7example\\0" + struct.pack("!HH", 1, 1)
query = struct.pack("!H", len(query)) + query
client, start, answers = socket.create_connection(("10.9.1.1", 53)), time.time(), 0
client.settimeout(10)
with client, client.makefile("rb") as stream:
    while time.time() - start < 8:
        try:
            client.sendall(query)
        except OSError:
            break
        size = stream.read(2)
        if not size:
            break
        stream.read(struct.unpack("!H", size)[0])
        answers += 1
        time.sleep(0.05)
print(answers, time.time() - start)
`;

describe.runIf(have("dnsdist", "python3", "nsenter") && canIsolate())("the age of a connection", () => {
  const node = new DnsdistNode();
  const policy = {
    servers: [],
    pools: [],
    rules: [{ name: "all", rule: call("AllRule"), action: call("SpoofAction", "192.0.2.1") }],
  };
  beforeAll(() => node.start(policy, 0, [call("setMaxTCPConnectionDuration", 2)]));
  afterAll(() => node.stop());

  test("ends the connection of a client that is busy, and a new one is served", async () => {
    for (const _ of [1, 2]) {
      const [answers = 0, seconds = 0] = (await node.exec("python3", "-c", BUSY)).split(" ").map(Number);
      expect(answers).toBeGreaterThan(15);
      expect(seconds).toBeGreaterThan(0.9);
      expect(seconds).toBeLessThan(4);
    }
  });
});
