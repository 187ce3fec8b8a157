import { createSocket } from "node:dgram";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ManifestListener, Service } from "../../../lib/model/manifest.js";
import { FakeNode, ME, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
const taken: (() => void)[] = [];
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => {
  for (const release of taken.splice(0)) release();
  node.close();
});

/** Takes a port of TCP, which nobody else can have then. */
function tcp(host = "127.0.0.1"): Promise<number> {
  const server = createServer().listen({ port: 0, host, ipv6Only: true });
  taken.push(() => server.close());
  return new Promise((resolve) => server.once("listening", () => resolve(Object(server.address()).port)));
}

/** Takes a port of UDP. */
function udp(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  taken.push(() => socket.close());
  return new Promise((resolve) => socket.once("listening", () => resolve(socket.address().port)));
}

/** A port that nobody has. */
async function free(take: () => Promise<number> = tcp): Promise<number> {
  const port = await take();
  taken.pop()?.();
  return port;
}

/** Takes a port as a program of a user that shares its ports does; resolves to the port when it has it. */
async function shared(user: string, kind: "STREAM" | "DGRAM"): Promise<number> {
  const port = await free(kind === "STREAM" ? tcp : udp);
  writeFileSync(join(node.dir, "journal"), "");
  chmodSync(join(node.dir, "journal"), 0o666);
  node.background("setpriv", `--reuid=${user}`, "--clear-groups", "/usr/bin/python3", "-c", SHARED, kind, `${port}`);
  await until(() => node.journal().includes("bound"));
  return port;
}

const listener = (address: string, port: number, part: Partial<ManifestListener> = {}): ManifestListener => ({
  ...({ address, port, transport: "tcp", foreign: false, shared: false, sockets: 1 } as const),
  v6only: address.includes(":"),
  ...part,
});

function bundle(listeners: readonly ManifestListener[], part: Partial<Service> = {}, extra = ""): string {
  return node.bundle(manifest({ services: [service({ name: "nsd", listeners, ...part })] }), { extra });
}

const refusal = (place: string, why = "address already in use") => ({
  status: 1,
  stdout: "",
  stderr: `nsd: cannot bind ${place}: ${why}\ndns-lb-agent: nsd could not listen; nothing was changed\n`,
});

describe("apply", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["::1", "::1"],
    ["::1", "::"],
  ])("fails when a port of %s is taken that is wanted at %s", async (host, address) => {
    const port = await tcp(host);
    const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    for (const foreign of [false, true])
      expect(await node.agent("apply", bundle([listener(address, port, { foreign })]))).toEqual(refusal(place));
    expect(node.current()).toBeUndefined();
    expect(node.releases()).toEqual([]);
  });

  test("leaves IPv4 alone where a socket is for IPv6 only", async () => {
    const port = await tcp();
    expect((await node.agent("apply", bundle([listener("::", port, { v6only: true })]))).status).toBe(0);
    expect((await node.agent("apply", bundle([listener("::", port, { v6only: false })], {}, "2"))).stderr).toContain(
      `cannot bind [::]:${port}: address already in use`,
    );
  });

  test("fails when UDP alone is taken, and says so once where TCP is, too", async () => {
    const port = await udp();
    const both = [listener("127.0.0.1", port, { transport: "udp" }), listener("127.0.0.1", port)];
    expect(await node.agent("apply", bundle(both, { user: NOBODY }))).toEqual(refusal(`127.0.0.1:${port}`));
    expect((await node.agent("apply", bundle([listener("127.0.0.1", port)]))).status).toBe(0);
  });

  test("fails when an address is not here, unless it may be elsewhere", async () => {
    const outcome = await node.agent("apply", bundle([listener("192.0.2.53", 9)]));
    expect(outcome).toEqual(refusal("192.0.2.53:9", "cannot assign requested address"));
    for (const address of ["192.0.2.53", "2001:db8::53"]) {
      const away = bundle([listener(address, 9, { foreign: true })], {}, address);
      expect(await node.agent("apply", away)).toMatchObject({ status: 0, stderr: "" });
    }
  });

  test("does not ask for what the live release has already, while its daemon runs", async () => {
    const port = await free();
    const release = (extra: string) => bundle([listener("127.0.0.1", port)], {}, extra);
    await node.agent("apply", release("1"));
    node.background("/usr/bin/python3", "-c", ALONE, `${port}`);
    await until(() => node.journal().includes("bound"));
    expect(await node.agent("apply", release("2"))).toEqual(refusal(`127.0.0.1:${port}`));
    node.supervise("nsd");
    await until(() => node.pid("nsd") !== undefined);
    expect(await node.agent("apply", release("2"))).toMatchObject({ status: 0, stderr: "" });
  });

  test.runIf(userInfo().uid === 0).each([
    ["tcp", "STREAM"],
    ["udp", "DGRAM"],
  ] as const)(
    "lets sockets of one user share a port of %s where they may, and those of no other",
    async (transport, kind) => {
      const port = await shared(NOBODY, kind);
      const wanted = [listener("127.0.0.1", port, { transport, shared: true })];
      expect(await node.agent("apply", bundle(wanted, { user: NOBODY }))).toMatchObject({ status: 0, stderr: "" });
      expect(await node.agent("apply", bundle(wanted, { user: ME }))).toEqual(refusal(`127.0.0.1:${port}`));
      const alone = [listener("127.0.0.1", port, { transport })];
      expect(await node.agent("apply", bundle(alone, { user: NOBODY }))).toEqual(refusal(`127.0.0.1:${port}`));
    },
  );
});

test("rollback fails when a port is taken that the previous release bound", async () => {
  const port = await free();
  await node.agent("apply", bundle([listener("127.0.0.1", port)]));
  await node.agent("apply", bundle([listener("127.0.0.1", 1)]));
  const live = node.current();
  node.background("/usr/bin/python3", "-c", ALONE, `${port}`);
  await until(() => node.journal().includes("bound"));
  expect(await node.agent("rollback")).toEqual(refusal(`127.0.0.1:${port}`));
  expect(node.current()).toBe(live);
});

const NOBODY = userInfo().uid === 0 ? "nobody" : ME;

/* Tells that it has its port. */
const BOUND = `
import os, time
with open(os.environ["JOURNAL"], "a") as journal:
    journal.write("bound\\n")
time.sleep(60)
`;
const SHARED = `
import socket, sys
s = socket.socket(type=getattr(socket, "SOCK_" + sys.argv[1]))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("127.0.0.1", int(sys.argv[2])))
if sys.argv[1] == "STREAM":
    s.listen()
${BOUND}`;
const ALONE = `
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
${BOUND}`;
