import { createSocket } from "node:dgram";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ServiceFile } from "../../../lib/model/manifest.js";
import { FakeNode, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const SETTINGS = { name: "transfer.test.", algorithm: "hmac-sha256" };
const KEY: ServiceFile = {
  kind: "service",
  service: "nsd",
  path: "nsd/keys/transfer.conf",
  secret: "secrets/transfer",
  settings: SETTINGS,
};

describe("a key of NSD", () => {
  test("is composed of its secret, and its secret is not said", async () => {
    const services = [service({ check: ["cat", "{release}/nsd/keys/transfer.conf"] })];
    const bundle = node.bundle(manifest({ services, compose: [KEY] }), { "secrets/transfer": "c2VjcmV0IQ==\n" });
    expect((await node.agent("validate", bundle)).stderr).toMatchInlineSnapshot(`
      "unbound: name: "transfer.test."
      unbound: algorithm: hmac-sha256
      unbound: secret: "(hidden)"
      dns-lb-agent: refused by unbound; nothing was changed
      "
    `);
  });

  test.each([
    ["is no Base64", {}, 'c2Vj"\n'],
    ["is empty", {}, "\n"],
    ["has two lines", {}, "c2Vj\ncmV0\n"],
    ["has a name that could end its line", { name: 'a"\n' }, "c2Vj"],
    ["has an algorithm that could end its line", { algorithm: "md5 # " }, "c2Vj"],
  ])("fails when it %s", async (_, part, secret) => {
    const bundle = node.bundle(manifest({ compose: [{ ...KEY, settings: { ...SETTINGS, ...part } }] }), {
      "secrets/transfer": secret,
    });
    const outcome = await node.agent("validate", bundle);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(
      /^dns-lb-agent: (secrets\/transfer: the (key|secret) (is|must be) |nsd\/keys.*: the name and algorithm of a key are )/,
    );
    expect(outcome.stderr).not.toContain("c2Vj");
  });
});

test("accepts the one line that nsd-checkzone prints for a valid zone, and no other", async () => {
  const says = (text: string) => node.bundle(manifest({ services: [service({ name: "nsd", check: ["echo", text] })] }));
  expect((await node.agent("validate", says("zone example.com. is ok"))).status).toBe(0);
  expect((await node.agent("validate", says("zone example.com. file x has 1 errors"))).status).toBe(1);
});

test("lends a daemon a directory that outlives releases, and restarts it where its start settings differ", async () => {
  const keeper = (startSettings: string) =>
    service({
      command: ["sh", "-c", "cat {state}/data/unbound/kept; echo x >{state}/data/unbound/kept; exec sleep 1000"],
      startSettings,
      keepsData: true,
    });
  node.supervise("unbound");
  const apply = (startSettings: string, note: string) =>
    node.agent("apply", node.bundle(manifest({ services: [keeper(startSettings)] }), { note }));
  expect(await apply("1", "a")).toMatchObject({ status: 0, stderr: "" });
  await until(() => node.pid("unbound") !== undefined);
  const first = node.pid("unbound");
  expect((await apply("1", "b")).stdout).toContain("unbound reloaded");
  expect(node.pid("unbound")).toBe(first);
  expect((await apply("2", "b")).stdout).toContain("unbound restarted");
  expect(node.pid("unbound")).not.toBe(first);
  await until(() => readFileSync(join(node.state, "data/unbound/kept"), "utf8") === "x\n");
  expect(statSync(join(node.state, "data/unbound")).mode & 0o7777).toBe(0o2770);
});

describe("a DNS check", () => {
  /** Answers the second question with a record; tells what comes before the query. */
  async function server(address: string): Promise<{ port: number; headers: Buffer[]; close(): void }> {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    const headers: Buffer[] = [];
    socket.on("message", (message, from) => {
      const start = message.length - 2 - 2 - 1 - "\u0005alive\u0004test".length - 12;
      headers.push(message.subarray(0, start));
      const answer = Buffer.from(message.subarray(start));
      answer.writeUInt8(0x81, 2);
      answer.writeUInt8(headers.length > 1 ? 0 : 3, 3);
      answer.writeUInt16BE(1, 6);
      socket.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, address, resolve));
    return { port: socket.address().port, headers, close: () => socket.close() };
  }

  test.each([
    ["127.0.0.3", false],
    ["127.0.0.3", true],
    ["::1", true],
  ])("asks %s with a PROXY header: %s", async (address, proxied) => {
    const { port, headers, close } = await server(address);
    try {
      const check = { kind: "dns", service: "unbound", port, name: "alive.test.", address } as const;
      const ready = [{ ...check, proxyProtocol: proxied }];
      const outcome = await node.agent("apply", node.bundle(manifest({ services: [], ready })));
      expect(outcome).toMatchObject({ status: 0, stderr: "" });
      const header = proxied ? "0d0a0d0a000d0a515549540a20000000" : "";
      expect(headers.map((each) => each.toString("hex"))).toEqual([header, header]);
    } finally {
      close();
    }
  });
});
